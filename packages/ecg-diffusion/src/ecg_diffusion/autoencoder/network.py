"""Options of the autoencoder `diffusion.vae`, and its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_core.errors import ConfigError

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

LEVELS = 4
REDUCTION = 2 ** (LEVELS - 1)
"""Pixels of a side that become one of a latent: three halvings between four levels."""


@attrs.frozen(kw_only=True)
class VaeConfig:
    """Options of `diffusion.vae`.

    The autoencoder of Stable Diffusion, for a GPU, has the channels `(128, 256, 512, 512)`, two layers and attention.
    """

    channels: tuple[int, ...] = option(
        (16, 16, 32, 64), minimum=1, help="of the four levels, fine to coarse; each a multiple of 4"
    )
    layers: int = option(1, help="residual blocks of a level", minimum=1)
    latent_channels: int = option(4, help="channels of a latent", minimum=1)
    attention: bool = option(False, help="attention at the coarsest level")
    reconstruction: str = option("l1", help="what a wrong pixel costs: l1 or mse", choices=("l1", "mse"))
    kl_weight: float = option(
        1e-3, help="weight of the divergence of the latents from standard normal ones, in nats a value", minimum=0
    )


@attrs.frozen(kw_only=True)
class AutoencoderRequest:
    """What `diffusion.train_vae` tells every autoencoder.

    Attributes:
        side_px: side of the pictures.
    """

    side_px: int


@attrs.frozen(kw_only=True, slots=False)  # a class with slots could not be inherited beside TrainingConfig
class AutoencoderNetworkConfig:
    """The options of `diffusion.train_vae` without which its network cannot be built again."""

    model: Choice = plugin_option("models", "diffusion.vae", help="the autoencoder, by the name of its plugin")


def build_autoencoder(config: VaeConfig) -> AutoencoderKL:
    """Build an untrained autoencoder of diffusers (Rombach et al. 2022, "High-resolution image synthesis with latent
    diffusion models"): (batch, 3, 256, 256) from -1 to 1 to latents (batch, latent channels, 32, 32) and back.

    Raises:
        ConfigError: it would not reduce by eight, or the channels cannot be normalised in groups.
    """
    from diffusers import AutoencoderKL

    from ecg_diffusion.autoencoder.upsampling import groups_of, with_native_upsampling

    if len(config.channels) != LEVELS:
        raise ConfigError(f"channels: {LEVELS} levels make the reduction by 8, found {list(config.channels)}")
    return with_native_upsampling(
        AutoencoderKL(
            block_out_channels=config.channels,
            down_block_types=("DownEncoderBlock2D",) * LEVELS,
            up_block_types=("UpDecoderBlock2D",) * LEVELS,
            layers_per_block=config.layers,
            latent_channels=config.latent_channels,
            norm_num_groups=groups_of(config.channels, "channels"),
            mid_block_add_attention=config.attention,
        )
    )
