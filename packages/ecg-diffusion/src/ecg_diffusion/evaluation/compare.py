"""The comparisons of an evaluation, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from ecg_core.errors import ConfigError
from ecg_diffusion.evaluation.pictures import Pictures
from ecg_diffusion.evaluation.results import CheckpointResult, Estimate, Evaluation, GainResult, Scores
from ecg_diffusion.evaluation.spaces import Space, as_points
from ecg_diffusion.evaluation.study import Study
from ecg_diffusion.evaluation.training import Classifiers
from ecg_diffusion.evaluation.training_sets import TrainingSet, TrainingSets

PIXELS, FEATURES = "pixels", "features"

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Comparison:
    """All comparisons of a study.

    Attributes:
        study: pictures of the study.
        classifiers: classifiers, trained when they are asked for.
        training_sets: the training sets to compare.
        seeds: seeds of the trainings.
        pairs: number of pairs of samples and nearest training pictures to name.
    """

    study: Study
    classifiers: Classifiers
    training_sets: TrainingSets
    seeds: Sequence[int]
    pairs: int

    def evaluate(self, *, real_counts: Sequence[int], checkpoint: str, steps: int) -> Evaluation:
        """Train and compare everything.

        Args:
            real_counts: numbers of real pictures of each class to compare at.
            checkpoint: checkpoint to do that with; empty for the one of the largest gain.
            steps: steps of every training, for the report.

        Raises:
            ConfigError: there is no such checkpoint.
        """
        if checkpoint and checkpoint not in self.study.samples:
            there = ", ".join(self.study.samples) or "none"
            raise ConfigError(f"checkpoint: there are no samples of {checkpoint}; found {there}")
        self._announce(real_counts, steps)
        real_only = self._scores(self.training_sets.real(), keep_weights=bool(self.study.samples))
        spaces = self._spaces() if self.study.samples else {}
        found = {name: self._checkpoint(name, spaces) for name in self.study.samples}
        curve_of = checkpoint or _best(found)
        counts = self.training_sets.counts(real_counts)
        return Evaluation(
            classes=list(self.study.labels),
            train_pictures=len(self.study.train),
            test_pictures=len(self.study.test),
            chance=float(self.study.test.counts(len(self.study.labels)).max() / len(self.study.test)),
            seeds=list(self.seeds),
            steps=steps,
            real_only=real_only,
            checkpoints=found,
            curve_of=curve_of,
            curve=[self._gain(curve_of, count) for count in counts] if curve_of else [],
            real_curve={} if curve_of else {count: self._scores(self.training_sets.real(count)) for count in counts},
        )

    def _announce(self, real_counts: Sequence[int], steps: int) -> None:
        """Log what will be trained, and what cannot be."""
        num_sets = 1 + 2 * len(self.study.samples)
        partial = [count for count in self.training_sets.counts(real_counts) if count < self.training_sets.full]
        num_sets += len(partial) * (2 if self.study.samples else 1)
        log.info(
            "%d trainings of %d steps: %d training sets, %d seeds",
            num_sets * len(self.seeds),
            steps,
            num_sets,
            len(self.seeds),
        )
        if left_out := sorted({count for count in real_counts if count > self.training_sets.full}):
            log.warning("real_counts: %s left out, a class has %d pictures at most", left_out, self.training_sets.full)
        for name, count in self.training_sets.too_few().items():
            log.warning(
                "%s: share %g asks for more samples than the %d of the smallest class: so many are used",
                *(name, self.training_sets.share, count),
            )

    def _scores(self, training_set: TrainingSet, *, keep_weights: bool = False) -> Scores:
        return Scores.of(
            [self.classifiers.figures(training_set, seed, keep_weights=keep_weights) for seed in self.seeds]
        )

    def _gain(self, checkpoint: str, count: int | None = None) -> GainResult:
        real, both = self.training_sets.real(count), self.training_sets.added(checkpoint, count)
        before, after = self._scores(real), self._scores(both)
        return GainResult(
            real=both.real, synthetic=both.synthetic, real_only=before, added=after, gain=after.gain_on(before)
        )

    def _checkpoint(self, name: str, spaces: Mapping[str, Space]) -> CheckpointResult:
        samples = self.study.samples[name]
        points = {PIXELS: as_points(samples), FEATURES: self._features(samples)}
        fidelity, floor = spaces[FEATURES].fidelity(samples, points[FEATURES])
        return CheckpointResult(
            samples=len(samples),
            compared=self._gain(name),
            alone=self._scores(self.training_sets.synthetic(name)),
            identity_accuracy=self._identity_accuracy(samples),
            fidelity=fidelity,
            floor=floor,
            likeness={
                space: spaces[space].likeness(samples, points[space], pairs=self.pairs) for space in (PIXELS, FEATURES)
            },
        )

    def _identity_accuracy(self, samples: Pictures) -> Estimate:
        predictions = [self.classifiers.predict(samples, self.training_sets.real(), seed) for seed in self.seeds]
        return Estimate.of([float((each.classes == samples.targets).mean()) for each in predictions])

    def _spaces(self) -> dict[str, Space]:
        """Make the spaces of pixels, and of features of the first classifier of real pictures."""
        train, test = self.study.train, self.study.test
        return {
            PIXELS: Space.of(self.study, as_points(train), as_points(test)),
            FEATURES: Space.of(self.study, self._features(train), self._features(test)),
        }

    def _features(self, pictures: Pictures) -> np.ndarray:
        return self.classifiers.predict(pictures, self.training_sets.real(), self.seeds[0]).features


def _best(found: Mapping[str, CheckpointResult]) -> str:
    """Return the checkpoint of the largest mean gain in accuracy; empty where there is none."""
    return max(found, key=lambda name: found[name].compared.gain.accuracy.mean, default="")
