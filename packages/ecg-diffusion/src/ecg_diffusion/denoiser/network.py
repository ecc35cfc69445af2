"""Options of the denoiser `diffusion.unet`, and its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ecg_core.config import option
from ecg_core.errors import ConfigError
from ecg_diffusion.denoiser.contrast import ContrastConfig

if TYPE_CHECKING:
    from diffusers import UNet2DModel

HEAD_CHANNELS = 32
"""Channels of an attention head."""


@attrs.frozen(kw_only=True)
class UNetConfig:
    """Options of `diffusion.unet`."""

    dim: int = option(32, help="channels of the finest level; a multiple of 4", minimum=4)
    dim_mults: tuple[int, ...] = option(
        (1, 2, 3), minimum=1, help="channels of each level, as multiples of dim; fine to coarse"
    )
    layers: int = option(1, help="residual blocks of a level", minimum=1)
    attention_levels: int = option(1, help="coarsest levels that have attention", minimum=0)
    dropout: float = option(0.0, help="share of the features that are left out in training", minimum=0, maximum=0.9)
    contrast: ContrastConfig = option(factory=ContrastConfig, help="a supervised contrastive term")


def build_unet(config: UNetConfig, *, num_classes: int, latent_shape: tuple[int, int, int]) -> UNet2DModel:
    """Build diffusers' U-Net (Ho et al. 2020), whose embedding of the class is added to that of the timestep.

    Args:
        config: sizes.
        num_classes: number of classes; the embedding has one more, for no class.
        latent_shape: channels, height and width.

    Raises:
        ConfigError: latents cannot be halved that often, or a width is no multiple of 4.
    """
    from diffusers import UNet2DModel

    from ecg_diffusion.autoencoder.upsampling import groups_of, with_native_upsampling

    levels, (channels, height, width) = len(config.dim_mults), latent_shape
    if height % 2 ** (levels - 1) or width % 2 ** (levels - 1):
        raise ConfigError(
            f"dim_mults: {levels} levels halve {levels - 1} times, which latents of {height} x {width} do not take"
        )
    widths = tuple(config.dim * factor for factor in config.dim_mults)
    attends = [level >= levels - config.attention_levels for level in range(levels)]
    return with_native_upsampling(
        UNet2DModel(
            sample_size=(height, width),
            in_channels=channels,
            out_channels=channels,
            block_out_channels=widths,
            down_block_types=tuple("AttnDownBlock2D" if each else "DownBlock2D" for each in attends),
            up_block_types=tuple("AttnUpBlock2D" if each else "UpBlock2D" for each in reversed(attends)),
            layers_per_block=config.layers,
            norm_num_groups=groups_of(widths, "dim"),
            attention_head_dim=min(HEAD_CHANNELS, config.dim),
            resnet_time_scale_shift="scale_shift",
            add_attention=config.attention_levels > 0,
            dropout=config.dropout,
            num_class_embeds=num_classes + 1,
        )
    )
