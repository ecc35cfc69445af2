"""The U-Net of latents."""

from __future__ import annotations

from diffusers import UNet2DModel

from ecg_core.errors import ConfigError
from ecg_diffusion.autoencoder.network import groups_of, with_native_upsampling
from ecg_diffusion.denoiser.config import UNetConfig

HEAD_CHANNELS = 32


def build_unet(config: UNetConfig, *, num_classes: int, latent_shape: tuple[int, int, int]) -> UNet2DModel:
    """diffusers' U-Net (Ho et al. 2020), told the class by an embedding that is added to that of the timestep.

    Args:
        config: sizes.
        num_classes: the embedding has one more, for no class.
        latent_shape: channels, height and width.

    Raises:
        ConfigError: a latent cannot be halved that often, or widths do not divide.
    """
    levels, (channels, height, width) = len(config.dim_mults), latent_shape
    if height % 2 ** (levels - 1) or width % 2 ** (levels - 1):
        raise ConfigError(
            f"unet.dim_mults: {levels} levels halve {levels - 1} times, which latents of {height} x {width} do not take"
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
            norm_num_groups=groups_of(widths, "unet.dim"),
            attention_head_dim=min(HEAD_CHANNELS, config.dim),
            resnet_time_scale_shift="scale_shift",
            add_attention=config.attention_levels > 0,
            dropout=config.dropout,
            num_class_embeds=num_classes + 1,
        )
    )
