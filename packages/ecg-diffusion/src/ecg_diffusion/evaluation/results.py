"""The results of an evaluation as plain values; means over seeds have intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import attrs
import numpy as np
from scipy.stats import t

from ecg_diffusion.evaluation.distances import Fidelity
from ecg_diffusion.evaluation.memorisation import Memorisation

CONFIDENCE = 0.95


@attrs.frozen(kw_only=True)
class Estimate:
    """A mean over independent trainings, with Student's interval of 95 %.

    Attributes:
        mean: of the values.
        low, high: ends of the interval of the mean; NaN of fewer than two values.
        values: one a seed.
    """

    mean: float
    low: float
    high: float
    values: Sequence[float]

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Estimate from the values of several seeds."""
        mean, spread = float(np.mean(values)), float("nan")
        if len(values) > 1:
            error = np.std(values, ddof=1) / np.sqrt(len(values))
            spread = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * error)
        return cls(mean=mean, low=mean - spread, high=mean + spread, values=[float(value) for value in values])

    @classmethod
    def of_gain(cls, after: Sequence[float], before: Sequence[float]) -> Self:
        """Estimate the mean of differences, paired by seed."""
        return cls.of([new - old for new, old in zip(after, before, strict=True)])


@attrs.frozen(kw_only=True)
class Scores:
    """Accuracy and macro F1 on the test pictures, over the seeds."""

    accuracy: Estimate
    macro_f1: Estimate

    @classmethod
    def of(cls, figures: Sequence[Mapping[str, float]]) -> Scores:
        """Estimate from the figures of every seed."""
        return cls(**{name: Estimate.of([each[name] for each in figures]) for name in attrs.fields_dict(cls)})

    def gain_on(self, before: Scores) -> Scores:
        """Return the differences, paired by seed."""
        return Scores(
            accuracy=Estimate.of_gain(self.accuracy.values, before.accuracy.values),
            macro_f1=Estimate.of_gain(self.macro_f1.values, before.macro_f1.values),
        )


@attrs.frozen(kw_only=True)
class GainResult:
    """Real pictures alone compared with the same pictures and samples added.

    Attributes:
        real, synthetic: real pictures and samples of each class.
        real_only: scores of real pictures alone.
        added: scores with samples added.
        gain: difference of the two.
    """

    real: int
    synthetic: int
    real_only: Scores
    added: Scores
    gain: Scores


@attrs.frozen(kw_only=True)
class Pair:
    """A sample, the training picture nearest to it, and how far it is."""

    sample: str
    nearest: str
    distance: float


@attrs.frozen(kw_only=True)
class Likeness:
    """Nearness of samples to training pictures in one space.

    Attributes:
        figures: nearness compared with that of real test pictures.
        pairs: the nearest pairs.
    """

    figures: Memorisation
    pairs: Sequence[Pair]


@attrs.frozen(kw_only=True)
class CheckpointResult:
    """The results for the samples of one checkpoint.

    Attributes:
        samples: number of samples.
        compared: gain by adding them to all real pictures.
        alone: scores of training on samples and testing on real pictures.
        identity_accuracy: share of the samples that classifiers of real pictures assign to the class asked for.
        fidelity: distances of samples from real test pictures.
        floor: distances of as many real training pictures from real test pictures.
        likeness: nearness to training pictures, by space.
    """

    samples: int
    compared: GainResult
    alone: Scores
    identity_accuracy: Estimate
    fidelity: Fidelity
    floor: Fidelity
    likeness: Mapping[str, Likeness]


@attrs.frozen(kw_only=True)
class Evaluation:
    """All results of an evaluation.

    Attributes:
        classes: names of the classes.
        train_pictures, test_pictures: number of real pictures.
        chance: accuracy of always claiming the class that is most frequent in the test.
        seeds: seeds of the trainings.
        steps: steps of every training.
        real_only: scores of all real pictures alone.
        checkpoints: results by name of the checkpoint.
        curve_of: checkpoint of the curve, empty for none.
        curve: the comparison at several numbers of real pictures; empty without samples.
        real_curve: without samples, scores of real pictures alone, by their number.
    """

    classes: Sequence[str]
    train_pictures: int
    test_pictures: int
    chance: float
    seeds: Sequence[int]
    steps: int
    real_only: Scores
    checkpoints: Mapping[str, CheckpointResult]
    curve_of: str
    curve: Sequence[GainResult]
    real_curve: Mapping[int, Scores]
