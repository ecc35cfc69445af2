"""The comparisons of an evaluation, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from ecg_core.errors import ConfigError
from ecg_diffusion.evaluation.arms import Arm, Arms
from ecg_diffusion.evaluation.distances import Fidelity
from ecg_diffusion.evaluation.intervals import Estimate
from ecg_diffusion.evaluation.memorisation import Memorisation, most_alike, nearest
from ecg_diffusion.evaluation.pictures import Pictures, tail
from ecg_diffusion.evaluation.results import Compared, Evaluation, Likeness, OfCheckpoint, Pair, Scores
from ecg_diffusion.evaluation.study import Study
from ecg_diffusion.evaluation.training import Classifiers

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
        found = {name: self._checkpoint(name, real_only) for name in self.study.samples}
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

    def _checkpoint(self, name: str, real_only: Scores) -> OfCheckpoint:
        samples = self.study.samples[name]
        fidelity, floor, likeness = self._features(samples)
        return OfCheckpoint(
            samples=len(samples),
            compared=self._compared(name),
            alone=self._scores(self.arms.synthetic(name)),
            identity_accuracy=self._identity_accuracy(samples),
            fidelity=fidelity,
            floor=floor,
            likeness=likeness,
        )

    def _identity_accuracy(self, samples: Pictures) -> Estimate:
        seen = [self.classifiers.look_at(samples, self.arms.real(), seed) for seed in self.seeds]
        return Estimate.of([float((each.claimed == samples.targets).mean()) for each in seen])

    def _features(self, samples: Pictures) -> tuple[Fidelity, Fidelity, Mapping[str, Likeness]]:
        """What needs features, those of the first classifier of real pictures: fidelity, its floor, likeness."""
        sets = {"train": self.study.train, "test": self.study.test, "samples": samples}
        features = {
            name: self.classifiers.look_at(each, self.arms.real(), self.seeds[0]).features
            for name, each in sets.items()
        }
        pixels = {name: each.pixels.reshape(len(each), -1) / np.float32(255) for name, each in sets.items()}
        size = int(min(each.counts(len(self.study.labels)).min() for each in (self.study.train, samples)))
        made, real = (features[name][_first_of_each(sets[name], size)] for name in ("samples", "train"))
        spaces = {"pixels": pixels, "features": features}
        return (
            Fidelity.of(made, features["test"]),
            Fidelity.of(real, features["test"]),
            {space: self._likeness(samples, values) for space, values in spaces.items()},
        )

    def _likeness(self, samples: Pictures, values: Mapping[str, np.ndarray]) -> Likeness:
        found, usual = (nearest(values[name], values["train"]) for name in ("samples", "test"))
        pairs = [
            Pair(
                sample=tail(samples.paths[place]),
                nearest=tail(self.study.train.paths[found.places[place]]),
                distance=float(found.distances[place]),
            )
            for place in most_alike(found, self.pairs)
        ]
        return Likeness(figures=Memorisation.of(found.distances, usual.distances), pairs=pairs)


def _first_of_each(pictures: Pictures, count: int) -> np.ndarray:
    """Places of as many pictures of every class."""
    return np.concatenate([np.flatnonzero(pictures.targets == label)[:count] for label in np.unique(pictures.targets)])


def _best(found: Mapping[str, OfCheckpoint]) -> str:
    """The checkpoint of the largest mean gain in accuracy; empty where there is none."""
    return max(found, key=lambda name: found[name].compared.gain.accuracy.mean, default="")
