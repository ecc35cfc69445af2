"""The training sets that are compared."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ecg_core.errors import DataError
from ecg_diffusion.evaluation.pictures import Pictures
from ecg_diffusion.evaluation.study import Study


@attrs.frozen
class TrainingSet:
    """One training set: a number of real pictures and a number of samples of each class.

    Attributes:
        real: real pictures of each class, 0 for none.
        checkpoint: checkpoint that drew the samples, empty for none.
        synthetic: samples of each class.
    """

    real: int
    checkpoint: str = ""
    synthetic: int = 0

    @property
    def name(self) -> str:
        """Name for files: ``real-50+50-of-step-0001000``."""
        return f"real-{self.real}" + (f"+{self.synthetic}-of-{self.checkpoint}" if self.checkpoint else "")

    def draw(self, study: Study, seed: int) -> Pictures:
        """Draw the pictures; training sets of one seed share the real ones."""
        parts = [study.train.draw(self.real, seed)] if self.real else []
        parts += [study.samples[self.checkpoint].draw(self.synthetic, seed)] if self.checkpoint else []
        return parts[0] if len(parts) == 1 else parts[0].joined(parts[1])


@attrs.frozen(kw_only=True)
class TrainingSets:
    """The training sets of an evaluation.

    Attributes:
        full: all real pictures of the largest class.
        share: samples for every real picture.
        available: samples of the smallest class, by checkpoint.
    """

    full: int
    share: float
    available: dict[str, int]

    @classmethod
    def of(cls, study: Study, share: float) -> TrainingSets:
        """Plan the training sets of a study.

        Raises:
            DataError: the share is so small that no sample would be added.
        """
        num_classes = len(study.labels)
        full = int(study.train.counts(num_classes).max())
        if round(share * full) < 1:
            raise DataError(f"share: {share} of {full} real pictures of each class is no sample at all; raise it")
        available = {name: int(samples.counts(num_classes).min()) for name, samples in study.samples.items()}
        return cls(full=full, share=share, available=available)

    def real(self, count: int | None = None) -> TrainingSet:
        """Real pictures alone: all, or a number of each class."""
        return TrainingSet(self.full if count is None else count)

    def added(self, checkpoint: str, count: int | None = None) -> TrainingSet:
        """Real pictures, all or a number of each class, with samples added."""
        real = self.full if count is None else count
        return TrainingSet(real, checkpoint, self._synthetic(checkpoint, real))

    def synthetic(self, checkpoint: str) -> TrainingSet:
        """Samples alone, as many as would be added to all real pictures."""
        return TrainingSet(0, checkpoint, self._synthetic(checkpoint, self.full))

    def too_few(self) -> dict[str, int]:
        """Return the samples of each class where there are fewer than asked for, by checkpoint."""
        asked = round(self.share * self.full)
        return {name: count for name, count in self.available.items() if count < asked}

    def counts(self, asked: Sequence[int]) -> list[int]:
        """Return the numbers of real pictures to compare at, in order: those asked for that there are."""
        return sorted({count for count in asked if count <= self.full})

    def _synthetic(self, checkpoint: str, real: int) -> int:
        return max(1, min(round(self.share * real), self.available[checkpoint]))
