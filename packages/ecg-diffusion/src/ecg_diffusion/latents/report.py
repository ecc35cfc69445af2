"""The range of the latents of a data set: ``latents.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import DataError

if TYPE_CHECKING:
    from ecg_diffusion.latents.encoding import Encoded

FILE = "latents.json"


@attrs.frozen(kw_only=True)
class Range:
    """The range of some latents.

    Attributes:
        min, max: range of the means of the posterior.
        mean, std: mean and standard deviation of latents drawn from the posterior.
    """

    min: float
    max: float
    mean: float
    std: float


@attrs.frozen(kw_only=True)
class LatentReport:
    """The ranges of the latents of a data set.

    Attributes:
        images: folder of the pictures.
        vae: path and digest of the autoencoder.
        pictures: how many were encoded.
        shape: shape of a latent: channels, height, width.
        overall: range over all channels.
        channels: range of each channel.
        l1, mse: error of the reconstruction from the mean of the posterior, of pictures from -1 to 1.
    """

    images: str
    vae: Mapping[str, str]
    pictures: int
    shape: tuple[int, int, int]
    overall: Range
    channels: tuple[Range, ...]
    l1: float
    mse: float

    @property
    def min(self) -> float:
        return self.overall.min

    @property
    def max(self) -> float:
        return self.overall.max

    @property
    def auto_normalize(self) -> bool:
        """Whether all latents lie in [0, 1], so that mapping that to [-1, 1] normalises them."""
        return self.min >= 0 and self.max <= 1

    @property
    def normalize_mean(self) -> tuple[float, ...]:
        return tuple(each.mean for each in self.channels)

    @property
    def normalize_std(self) -> tuple[float, ...]:
        return tuple(each.std for each in self.channels)

    @property
    def verdict(self) -> str:
        """One sentence: whether the latents fit `auto_normalize`, and how they are normalised."""
        found = f"the latents go from {self.min:.3g} to {self.max:.3g}"
        if self.auto_normalize:
            return f"auto_normalize: true. {found}, inside [0, 1], and are mapped to [-1, 1]."
        return (
            f"auto_normalize: false. {found}, beyond [0, 1]; each channel is normalised by its own mean and standard "
            "deviation, listed here, which diffusion.train takes from this file."
        )

    @classmethod
    def of(cls, encoded: Sequence[Encoded], *, images: str, vae: Mapping[str, str]) -> Self:
        """Make the report of some latents and reconstructions.

        Args:
            encoded: at least one batch, with reconstructions.
            images: folder of the pictures.
            vae: path and digest of the autoencoder.
        """
        channels, height, width = encoded[0].mean.shape[1:]
        ranges = RangeAccumulator(channels)
        for each in encoded:
            ranges.add(each.mean, each.std)
        return cls(
            images=images,
            vae=vae,
            pictures=sum(len(each.pictures) for each in encoded),
            shape=(channels, height, width),
            overall=ranges.overall(),
            channels=ranges.channels(),
            l1=float(np.concatenate([each.l1 for each in encoded if each.l1 is not None]).mean()),
            mse=float(np.concatenate([each.mse for each in encoded if each.mse is not None]).mean()),
        )

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        content = {
            **attrs.asdict(self),
            "auto_normalize": self.auto_normalize,
            "normalize": {"mean": self.normalize_mean, "std": self.normalize_std},
            "verdict": self.verdict,
        }
        atomic_write_text(path, json.dumps(content, indent=2) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """A report that was written; a folder means the ``latents.json`` in it.

        Raises:
            DataError: it is missing or damaged.
        """
        file = path / FILE if path.is_dir() else path
        try:
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            fields = {name: content[name] for name in ("images", "vae", "pictures", "l1", "mse")}
            return cls(
                **fields,
                shape=tuple(content["shape"]),
                overall=Range(**content["overall"]),
                channels=tuple(Range(**each) for each in content["channels"]),
            )
        except FileNotFoundError:
            raise DataError(f"{file}: there is no such report; `ecg run diffusion.check_latents` makes it") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{file}: no report of latents, or damaged: {error!r}") from error


class RangeAccumulator:
    """Accumulates the range of latents batch by batch.

    Args:
        channels: channels of a latent.
    """

    def __init__(self, channels: int) -> None:
        self._lowest, self._highest = np.full(channels, np.inf), np.full(channels, -np.inf)
        self._sum, self._squares, self._count = np.zeros(channels), np.zeros(channels), 0

    def add(self, mean: np.ndarray, std: np.ndarray) -> None:
        """Add latents: mean and standard deviation of their posterior, shape (batch, channels, height, width)."""
        axes = (0, 2, 3)
        exact = mean.astype(np.float64)
        self._lowest = np.minimum(self._lowest, exact.min(axis=axes))
        self._highest = np.maximum(self._highest, exact.max(axis=axes))
        self._sum += exact.sum(axis=axes)
        self._squares += (exact**2 + std.astype(np.float64) ** 2).sum(axis=axes)
        self._count += mean.shape[0] * mean.shape[2] * mean.shape[3]

    def channels(self) -> tuple[Range, ...]:
        """Return the range of each channel."""
        mean = self._sum / self._count
        std = np.sqrt(np.maximum(self._squares / self._count - mean**2, 0))
        rows = zip(self._lowest, self._highest, mean, std, strict=True)
        return tuple(Range(min=float(a), max=float(b), mean=float(c), std=float(d)) for a, b, c, d in rows)

    def overall(self) -> Range:
        """Return the range of all channels together."""
        mean = float(self._sum.mean() / self._count)
        variance = float(self._squares.mean() / self._count) - mean**2
        return Range(
            min=float(self._lowest.min()), max=float(self._highest.max()), mean=mean, std=float(max(variance, 0) ** 0.5)
        )
