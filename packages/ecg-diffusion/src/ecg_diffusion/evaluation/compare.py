"""The comparisons of an evaluation, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from ecg_core.errors import ConfigError
from ecg_diffusion.evaluation.arms import Arm, Arms
from ecg_diffusion.evaluation.intervals import Estimate
from ecg_diffusion.evaluation.pictures import Pictures
from ecg_diffusion.evaluation.results import Compared, Evaluation, OfCheckpoint, Scores
from ecg_diffusion.evaluation.spaces import Space, as_points
from ecg_diffusion.evaluation.study import Study
from ecg_diffusion.evaluation.training import Classifiers

PIXELS, FEATURES = "pixels", "features"

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Comparison:
    """All comparisons of a study.

    Attributes:
        study: the pictures.
        classifiers: trained as they are asked for.
        arms: the training sets.
        seeds: of the trainings.
        pairs: how many pairs of samples and nearest training pictures to name.
    """

    study: Study
    classifiers: Classifiers
    arms: Arms
    seeds: Sequence[int]
    pairs: int

    def evaluate(self, *, real_counts: Sequence[int], checkpoint: str, steps: int) -> Evaluation:
        """Everything.

        Args:
            real_counts: numbers of real pictures of each class to compare at.
            checkpoint: to do that with; empty for the one of the largest gain.
            steps: of every training, to be told.

        Raises:
            ConfigError: there is no such checkpoint.
        """
        if checkpoint and checkpoint not in self.study.samples:
            there = ", ".join(self.study.samples) or "none"
            raise ConfigError(f"checkpoint: there are no samples of {checkpoint}; found {there}")
        self._announce(real_counts, steps)
        real_only = self._scores(self.arms.real(), keep_weights=bool(self.study.samples))
        spaces = self._spaces() if self.study.samples else {}
        found = {name: self._checkpoint(name, spaces) for name in self.study.samples}
        curve_of = checkpoint or _best(found)
        counts = self.arms.counts(real_counts)
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
            curve=[self._compared(curve_of, count) for count in counts] if curve_of else [],
            real_curve={} if curve_of else {count: self._scores(self.arms.real(count)) for count in counts},
        )

    def _announce(self, real_counts: Sequence[int], steps: int) -> None:
        """Say what will be trained, and what cannot be."""
        arms = 1 + 2 * len(self.study.samples)
        partial = [count for count in self.arms.counts(real_counts) if count < self.arms.full]
        arms += len(partial) * (2 if self.study.samples else 1)
        log.info(
            "%d trainings of %d steps: %d training sets, %d seeds", arms * len(self.seeds), steps, arms, len(self.seeds)
        )
        if left_out := sorted({count for count in real_counts if count > self.arms.full}):
            log.warning("real_counts: %s left out, a class has %d pictures at most", left_out, self.arms.full)
        for name, count in self.arms.short().items():
            log.warning(
                "%s: share %g asks for more samples than the %d of the smallest class: so many are used",
                *(name, self.arms.share, count),
            )

    def _scores(self, arm: Arm, *, keep_weights: bool = False) -> Scores:
        return Scores.of([self.classifiers.figures(arm, seed, keep_weights=keep_weights) for seed in self.seeds])

    def _compared(self, checkpoint: str, count: int | None = None) -> Compared:
        real, both = self.arms.real(count), self.arms.added(checkpoint, count)
        before, after = self._scores(real), self._scores(both)
        return Compared(
            real=both.real, synthetic=both.synthetic, real_only=before, added=after, gain=after.gain_on(before)
        )

    def _checkpoint(self, name: str, spaces: Mapping[str, Space]) -> OfCheckpoint:
        samples = self.study.samples[name]
        points = {PIXELS: as_points(samples), FEATURES: self._features(samples)}
        fidelity, floor = spaces[FEATURES].fidelity(samples, points[FEATURES])
        return OfCheckpoint(
            samples=len(samples),
            compared=self._compared(name),
            alone=self._scores(self.arms.synthetic(name)),
            identity_accuracy=self._identity_accuracy(samples),
            fidelity=fidelity,
            floor=floor,
            likeness={
                space: spaces[space].likeness(samples, points[space], pairs=self.pairs) for space in (PIXELS, FEATURES)
            },
        )

    def _identity_accuracy(self, samples: Pictures) -> Estimate:
        seen = [self.classifiers.look_at(samples, self.arms.real(), seed) for seed in self.seeds]
        return Estimate.of([float((each.claimed == samples.targets).mean()) for each in seen])

    def _spaces(self) -> dict[str, Space]:
        """Pixels, and features of the first classifier of real pictures."""
        train, test = self.study.train, self.study.test
        return {
            PIXELS: Space.of(self.study, as_points(train), as_points(test)),
            FEATURES: Space.of(self.study, self._features(train), self._features(test)),
        }

    def _features(self, pictures: Pictures) -> np.ndarray:
        return self.classifiers.look_at(pictures, self.arms.real(), self.seeds[0]).features


def _best(found: Mapping[str, OfCheckpoint]) -> str:
    """The checkpoint of the largest mean gain in accuracy; empty where there is none."""
    return max(found, key=lambda name: found[name].compared.gain.accuracy.mean, default="")
