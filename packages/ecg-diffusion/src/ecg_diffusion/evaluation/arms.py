"""The training sets that are compared."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ecg_core.errors import DataError
from ecg_diffusion.evaluation.pictures import Pictures
from ecg_diffusion.evaluation.study import Study


@attrs.frozen
class Arm:
    """One training set: so many real pictures and samples of each class.

    Attributes:
        real: real pictures of each class, 0 for none.
        checkpoint: where samples come from, empty for none.
        synthetic: samples of each class.
    """

    real: int
    checkpoint: str = ""
    synthetic: int = 0

    @property
    def name(self) -> str:
        """Its name, for files: ``real-50+50-of-step-0001000``."""
        return f"real-{self.real}" + (f"+{self.synthetic}-of-{self.checkpoint}" if self.checkpoint else "")

    def draw(self, study: Study, seed: int) -> Pictures:
        """Its pictures; arms of one seed share the real ones."""
        parts = [study.train.draw(self.real, seed)] if self.real else []
        parts += [study.samples[self.checkpoint].draw(self.synthetic, seed)] if self.checkpoint else []
        return parts[0] if len(parts) == 1 else parts[0].joined(parts[1])


@attrs.frozen(kw_only=True)
class Arms:
    """The training sets of an evaluation.

    Attributes:
        full: real pictures of the largest class: all there are.
        share: samples for every real picture.
        available: samples of the smallest class, by checkpoint.
    """

    full: int
    share: float
    available: dict[str, int]

    @classmethod
    def of(cls, study: Study, share: float) -> Arms:
        """Of a study.

        Raises:
            DataError: a share so small that no sample would be added.
        """
        num_classes = len(study.labels)
        full = int(study.train.counts(num_classes).max())
        if round(share * full) < 1:
            raise DataError(f"share: {share} of {full} real pictures of each class is no sample at all; raise it")
        available = {name: int(samples.counts(num_classes).min()) for name, samples in study.samples.items()}
        return cls(full=full, share=share, available=available)

    def real(self, count: int | None = None) -> Arm:
        """Real pictures alone, all or so many of each class."""
        return Arm(self.full if count is None else count)

    def added(self, checkpoint: str, count: int | None = None) -> Arm:
        """Samples added to real pictures, all or so many of each class."""
        real = self.full if count is None else count
        return Arm(real, checkpoint, self._synthetic(checkpoint, real))

    def synthetic(self, checkpoint: str) -> Arm:
        """As many samples as would be added to all real pictures, alone."""
        return Arm(0, checkpoint, self._synthetic(checkpoint, self.full))

    def short(self) -> dict[str, int]:
        """Samples of each class where there are fewer than asked for, by checkpoint."""
        wanted = round(self.share * self.full)
        return {name: count for name, count in self.available.items() if count < wanted}

    def counts(self, asked: Sequence[int]) -> list[int]:
        """Numbers of real pictures to compare at: those asked for that there are, in order."""
        return sorted({count for count in asked if count <= self.full})

    def _synthetic(self, checkpoint: str, real: int) -> int:
        return max(1, min(round(self.share * real), self.available[checkpoint]))
