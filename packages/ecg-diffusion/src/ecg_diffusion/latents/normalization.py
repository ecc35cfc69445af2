"""Normalisation of latents to about mean 0 and standard deviation 1, as diffusion requires."""

from __future__ import annotations

from typing import Self

import attrs

from ecg_core.errors import ConfigError
from ecg_diffusion.latents.report import LatentReport

ADVICE = "run diffusion.check_latents on these latents and leave auto_normalize out"


@attrs.frozen
class Normalization:
    """``(latent - mean) / std``, channel by channel.

    Attributes:
        mean, std: a number a channel.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of_unit_interval(cls, channels: int) -> Self:
        """Map 0 … 1 to -1 … 1, which is what ``auto_normalize`` means in lucidrains' classifier-free guidance code."""
        return cls((0.5,) * channels, (0.5,) * channels)


def choose_normalization(
    report: LatentReport, auto_normalize: bool | None, *, lowest: float | None = None, highest: float | None = None
) -> Normalization:
    """Choose the normalisation that a report asks for.

    Args:
        report: report of `diffusion.check_latents`.
        auto_normalize: true or false insists on it, or on its contrary; None does what the report says.
        lowest, highest: range of the latents to train on, where it is known.

    Raises:
        ConfigError: the option, or a latent, contradicts the report.
    """
    if auto_normalize:
        _require_unit_interval(report.min, report.max, "the report")
    if auto_normalize is False and report.auto_normalize:
        raise ConfigError(
            f"auto_normalize: false contradicts the report, by which all latents lie in [0, 1] ({report.min:.3g} to "
            f"{report.max:.3g}) and are to be mapped to [-1, 1]; {ADVICE}"
        )
    if not report.auto_normalize:
        _require_change(report)
        return Normalization(report.normalize_mean, report.normalize_std)
    if lowest is not None and highest is not None:
        _require_unit_interval(lowest, highest, "what is to be trained on")
    return Normalization.of_unit_interval(len(report.normalize_mean))


def _require_change(report: LatentReport) -> None:
    flat = [number for number, std in enumerate(report.normalize_std) if std <= 0]
    if flat:
        raise ConfigError(
            f"check: channel {flat[0]} of the latents is the same everywhere and cannot be normalised; train the "
            "autoencoder longer, or with fewer latent channels"
        )


def _require_unit_interval(lowest: float, highest: float, where: str) -> None:
    if lowest < 0 or highest > 1:
        raise ConfigError(
            f"auto_normalize: true maps [0, 1] to [-1, 1] and fits only latents in [0, 1]; by {where} they go from "
            f"{lowest:.3g} to {highest:.3g}, so the model would learn from latents far off its noise; {ADVICE}"
        )
