"""What the task `diffusion.train` tells every denoiser, and the options that it tells from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_diffusion.sampling.noise import NoiseConfig

if TYPE_CHECKING:
    from ecg_diffusion.autoencoder.inference import Autoencoder
    from ecg_diffusion.latents.normalization import Normalization


@attrs.frozen(kw_only=True)
class GridConfig:
    """The grid of samples that is drawn at every evaluation."""

    per_class: int = option(2, help="pictures of a class; 0: no grid", minimum=0)
    classes: int = option(10, help="classes at most, the first ones", minimum=1)
    steps: int = option(15, help="steps of DPM-Solver++", unit="steps", minimum=1)
    guidance: float = option(3.0, help="scale of the guidance", minimum=0)


@attrs.frozen(kw_only=True, slots=False)  # a class with slots could not be inherited beside TrainingConfig
class DenoiserNetworkConfig:
    """The options of `diffusion.train` without which its network cannot be built again."""

    model: Choice = plugin_option("models", "diffusion.unet", help="the denoiser, by the name of its plugin")
    noise: NoiseConfig = option(factory=NoiseConfig, help="how noise is added, and what is predicted")


@attrs.frozen(kw_only=True)
class DenoiserRequest:
    """What a denoiser is made for; `ecg_diffusion.sampling.sampler.Denoiser` says what it must offer.

    Attributes:
        noise: how noise is added, and what is predicted.
        classes: names of the classes; the number after the last one stands for no class.
        latent_shape: channels, height and width.
        normalization: normalisation of the latents.
        vae: path and digest of the autoencoder.
        grid: the grid of samples to draw at every evaluation.
        autoencoder: encodes pictures of training and decodes grids; None where neither is needed.
    """

    noise: NoiseConfig
    classes: Sequence[str]
    latent_shape: tuple[int, int, int]
    normalization: Normalization
    vae: dict[str, str]
    grid: GridConfig = attrs.field(factory=GridConfig)
    autoencoder: Autoencoder | None = None
