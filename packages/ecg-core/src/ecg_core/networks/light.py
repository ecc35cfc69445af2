"""Light encoders: plain convolutions on a folded picture, for processors without an accelerator."""

from __future__ import annotations

from torch import Tensor, nn

from ecg_core.errors import ConfigError
from ecg_core.networks.blocks import ConvBlock, ResidualBlock
from ecg_core.networks.folding import folded

CHANNELS = (24, 48, 64, 96)
LIGHTER_CHANNELS = (32, 48, 64, 96)
"""Channels of a picture that is folded four by four; processors work on 16 channels at a time."""


class LightEncoder(nn.Module):
    """Feature maps of the folded picture, each half as large as the one before.

    Folding makes one pixel of each square of them, with as many times the channels, so that nothing is lost while every
    later layer has less work: a quarter where two by two pixels are folded, a sixteenth with four by four.

    Args:
        in_channels: of the picture.
        channels: of each map, fine to coarse.
        folded_px: sides of the squares, a power of two.

    Attributes:
        channels: of each map, fine to coarse.
        reductions: by how much each map is smaller than the picture.
    """

    def __init__(self, in_channels: int, channels: tuple[int, ...] = CHANNELS, folded_px: int = 2) -> None:
        super().__init__()
        self.channels = channels
        self.reductions = tuple(folded_px * 2**level for level in range(len(channels)))
        self.fold = folded_px, folded_px
        before = (folded_px**2 * in_channels, *channels)
        self.stages = nn.ModuleList(
            nn.Sequential(ConvBlock(before[level], width, stride=1 if level == 0 else 2), ResidualBlock(width))
            for level, width in enumerate(channels)
        )

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images (batch, channel, height, width), sides divisible by the last reduction, to maps, fine to coarse."""
        maps = folded(images, self.fold)
        pyramid = []
        for stage in self.stages:
            maps = stage(maps)
            pyramid.append(maps)
        return pyramid


def make_light(in_channels: int, pretrained: bool) -> LightEncoder:
    """Make an encoder with maps at 1/2, 1/4, 1/8 and 1/16 of the picture.

    Raises:
        ConfigError: pretrained weights were asked for; there are none.
    """
    _refuse_pretrained("light", pretrained)
    return LightEncoder(in_channels)


def make_lighter(in_channels: int, pretrained: bool) -> LightEncoder:
    """Make an encoder with maps at 1/4, 1/8, 1/16 and 1/32 of the picture.

    Raises:
        ConfigError: pretrained weights were asked for; there are none.
    """
    _refuse_pretrained("lighter", pretrained)
    return LightEncoder(in_channels, LIGHTER_CHANNELS, folded_px=4)


def _refuse_pretrained(name: str, pretrained: bool) -> None:
    if pretrained:
        raise ConfigError(f"the backbone {name} has no pretrained weights; set pretrained to false")
