"""Networks of diffusers, of operators that stay on every device."""

from __future__ import annotations

from math import gcd
from typing import TypeVar

from diffusers import AutoencoderKL
from diffusers.models.upsampling import Upsample2D
from torch import Tensor, nn

from ecg_core.errors import ConfigError
from ecg_core.networks.upsample import double
from ecg_diffusion.autoencoder.config import VaeConfig

NetT = TypeVar("NetT", bound=nn.Module)

LEVELS = 4
"""Three halvings make the reduction by eight."""

MOST_GROUPS = 32


def build_autoencoder(config: VaeConfig) -> AutoencoderKL:
    """An untrained autoencoder of diffusers (Rombach et al. 2022, "High-resolution image synthesis with latent
    diffusion models"): (batch, 3, 256, 256) from -1 to 1 to latents (batch, latent channels, 32, 32) and back.

    Raises:
        ConfigError: it would not reduce by eight, or the channels cannot be normalised in groups.
    """
    if len(config.channels) != LEVELS:
        raise ConfigError(f"vae.channels: {LEVELS} levels make the reduction by 8, found {list(config.channels)}")
    return with_native_upsampling(
        AutoencoderKL(
            block_out_channels=config.channels,
            down_block_types=("DownEncoderBlock2D",) * LEVELS,
            up_block_types=("UpDecoderBlock2D",) * LEVELS,
            layers_per_block=config.layers,
            latent_channels=config.latent_channels,
            norm_num_groups=groups_of(config.channels, "vae.channels"),
            mid_block_add_attention=config.attention,
        )
    )


def groups_of(channels: tuple[int, ...], option: str) -> int:
    """Groups that divide all numbers of channels, with at least four channels in each.

    Raises:
        ConfigError: some number is no multiple of 4.
    """
    if any(number % 4 or number < 4 for number in channels):
        raise ConfigError(f"{option}: multiples of 4 are wanted, found {list(channels)}")
    return min(gcd(*channels) // 4, MOST_GROUPS)


class NativeUpsample(nn.Module):
    """What `diffusers.models.upsampling.Upsample2D` does, without `F.interpolate`, which leaves the device on XLA.

    Args:
        replaced: whose convolution is taken over under its name, so that saved weights fit as before.
    """

    def __init__(self, replaced: Upsample2D) -> None:
        super().__init__()
        self.conv = replaced.conv

    def forward(self, hidden_states: Tensor, output_size: int | None = None) -> Tensor:
        """(batch, channel, height, width) to twice the height and width."""
        assert output_size is None, "sides are divisible, so that no size needs to be asked for"
        return self.conv(double(hidden_states))


def with_native_upsampling(net: NetT) -> NetT:
    """The same network with every enlargement replaced in place; the names of its weights stay as they are."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, Upsample2D):
                assert child.use_conv
                assert not child.use_conv_transpose
                assert child.norm is None
                setattr(module, name, NativeUpsample(child))
    return net
