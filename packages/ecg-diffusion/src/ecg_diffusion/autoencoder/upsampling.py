"""Parts that both networks of diffusers need here: upsampling that stays on every device, and groups of channels."""

from __future__ import annotations

from math import gcd
from typing import TypeVar

from diffusers.models.upsampling import Upsample2D
from torch import Tensor, nn

from ecg_core.errors import ConfigError
from ecg_core.networks.upsample import double

NetT = TypeVar("NetT", bound=nn.Module)

MOST_GROUPS = 32


def groups_of(channels: tuple[int, ...], option: str) -> int:
    """Return a number of groups for group normalisation: it divides all widths, with four channels or more in each.

    Raises:
        ConfigError: some number is no multiple of 4.
    """
    if any(number % 4 or number < 4 for number in channels):
        raise ConfigError(f"{option}: expected multiples of 4, found {list(channels)}")
    return min(gcd(*channels) // 4, MOST_GROUPS)


class NativeUpsample(nn.Module):
    """Replaces `diffusers.models.upsampling.Upsample2D`, whose `F.interpolate` leaves the device on XLA.

    Args:
        replaced: the module it replaces; its convolution keeps its name, so that saved weights fit.
    """

    def __init__(self, replaced: Upsample2D) -> None:
        super().__init__()
        self.conv = replaced.conv

    def forward(self, hidden_states: Tensor, output_size: int | None = None) -> Tensor:
        """Double height and width of (batch, channel, height, width)."""
        assert output_size is None, "sides are divisible, so that no size needs to be asked for"
        return self.conv(double(hidden_states))


def with_native_upsampling(net: NetT) -> NetT:
    """Replace every enlargement of a network in place and return it; the names of its weights stay."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, Upsample2D):
                assert child.use_conv
                assert not child.use_conv_transpose
                assert child.norm is None
                setattr(module, name, NativeUpsample(child))
    return net
