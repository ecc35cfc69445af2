"""What an evaluation finds, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ecg_diffusion.evaluation.distances import Fidelity
from ecg_diffusion.evaluation.intervals import Estimate
from ecg_diffusion.evaluation.memorisation import Memorisation


@attrs.frozen(kw_only=True)
class Scores:
    """Figures on the test pictures, over the seeds."""

    accuracy: Estimate
    macro_f1: Estimate

    @classmethod
    def of(cls, figures: Sequence[Mapping[str, float]]) -> Scores:
        """From the figures of every seed."""
        return cls(**{name: Estimate.of([each[name] for each in figures]) for name in attrs.fields_dict(cls)})

    def gain_on(self, before: Scores) -> Scores:
        """The differences, paired by seed."""
        return Scores(
            accuracy=Estimate.of_gain(self.accuracy.values, before.accuracy.values),
            macro_f1=Estimate.of_gain(self.macro_f1.values, before.macro_f1.values),
        )


@attrs.frozen(kw_only=True)
class Compared:
    """Real pictures alone against the same with samples added.

    Attributes:
        real, synthetic: pictures of each class.
        real_only: figures of the first.
        added: figures of the second.
        gain: the second less the first.
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
    """How near samples come to training pictures, in one space.

    Attributes:
        figures: against real test pictures.
        pairs: the nearest.
    """

    figures: Memorisation
    pairs: Sequence[Pair]


@attrs.frozen(kw_only=True)
class OfCheckpoint:
    """What is found of the samples of one checkpoint.

    Attributes:
        samples: how many there are.
        compared: gain by adding them to all real pictures.
        alone: figures of training on samples and testing on real pictures.
        identity_accuracy: share of the samples that classifiers of real pictures take for the class they are made for.
        fidelity: samples against real test pictures.
        floor: real training pictures against real test pictures, as many.
        likeness: to training pictures, by space.
    """

    samples: int
    compared: Compared
    alone: Scores
    identity_accuracy: Estimate
    fidelity: Fidelity
    floor: Fidelity
    likeness: Mapping[str, Likeness]


@attrs.frozen(kw_only=True)
class Evaluation:
    """All that an evaluation finds.

    Attributes:
        classes: their names.
        train_pictures, test_pictures: how many real ones.
        chance: accuracy of always claiming the class that is most frequent in the test.
        seeds: of the trainings.
        steps: of every training.
        real_only: figures of real pictures alone, all of them.
        checkpoints: by name.
        curve_of: checkpoint of the curve, empty for none.
        curve: the comparison at several numbers of real pictures; empty without samples.
        real_curve: then real pictures alone, by their number.
    """

    classes: Sequence[str]
    train_pictures: int
    test_pictures: int
    chance: float
    seeds: Sequence[int]
    steps: int
    real_only: Scores
    checkpoints: Mapping[str, OfCheckpoint]
    curve_of: str
    curve: Sequence[Compared]
    real_curve: Mapping[int, Scores]
