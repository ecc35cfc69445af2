"""Options of the denoiser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from ecg_core.config import option

if TYPE_CHECKING:
    from ecg_diffusion.autoencoder.opened import Autoencoder
    from ecg_diffusion.latents.normalization import Normalization


@attrs.frozen(kw_only=True)
class UNetConfig:
    """Options of `diffusion.unet`."""

    dim: int = option(32, help="channels of the finest level; a multiple of 4", minimum=4)
    dim_mults: tuple[int, ...] = option((1, 2, 3), help="channels of each level, as multiples of dim; fine to coarse")
    layers: int = option(1, help="residual blocks of a level", minimum=1)
    attention_levels: int = option(1, help="coarsest levels that have attention", minimum=0)
    dropout: float = option(0.0, help="share of the features that are left out in training", minimum=0, maximum=0.9)


@attrs.frozen(kw_only=True)
class NoiseConfig:
    """How noise is added, and what the network says of it."""

    schedule: str = option("cosine", help="signal left over time", choices=("cosine", "linear"))
    timesteps: int = option(1000, help="steps from a picture to noise", unit="steps", minimum=2)
    prediction: str = option("v", help="what is predicted: velocity or noise", choices=("v", "eps"))
    min_snr_gamma: float = option(
        5.0, help="bound of the weights of timesteps (min-SNR); 0: all weigh the same", minimum=0
    )


@attrs.frozen(kw_only=True)
class ContrastConfig:
    """A supervised contrastive term on the features between the two halves of the U-Net."""

    weight: float = option(0.0, help="beside the loss of the denoiser; 0: off", minimum=0)
    temperature: float = option(0.1, help="of the similarities", above=0)


@attrs.frozen(kw_only=True)
class GridConfig:
    """The grid of samples that is drawn at every evaluation."""

    per_class: int = option(2, help="pictures of a class; 0: no grid", minimum=0)
    classes: int = option(10, help="classes at most, the first ones", minimum=1)
    steps: int = option(15, help="steps of DPM-Solver++", unit="steps", minimum=1)
    guidance: float = option(3.0, help="scale of the guidance", minimum=0)


@attrs.frozen(kw_only=True)
class DenoiserRequest:
    """What a denoiser is made from.

    Attributes:
        unet, noise, contrast, grid: options.
        classes: names of the classes; one more stands for none of them.
        latent_shape: channels, height and width.
        normalization: of the latents.
        vae: path and digest of the autoencoder.
        autoencoder: to encode pictures of training and to draw grids; None where neither is wanted.
    """

    unet: UNetConfig
    noise: NoiseConfig
    classes: Sequence[str]
    latent_shape: tuple[int, int, int]
    normalization: Normalization
    vae: dict[str, str]
    contrast: ContrastConfig = attrs.field(factory=ContrastConfig)
    grid: GridConfig = attrs.field(factory=GridConfig)
    autoencoder: Autoencoder | None = None
