"""A light encoder: plain convolutions on a picture folded two by two, for processors without an accelerator."""

from __future__ import annotations

from torch import Tensor, nn

from ecg_core.errors import ConfigError
from ecg_core.networks.blocks import ConvBlock, ResidualBlock

CHANNELS = (24, 48, 64, 96)


class LightEncoder(nn.Module):
    """Feature maps at 1/2, 1/4, 1/8 and 1/16 of the picture.

    The picture is first folded: each square of two by two pixels becomes one pixel with four times the channels, so
    that nothing is lost while every later layer has a quarter of the work.

    Args:
        in_channels: of the picture.
        channels: of each map, fine to coarse.

    Attributes:
        channels: of each map, fine to coarse.
        reductions: by how much each map is smaller than the picture.
    """

    def __init__(self, in_channels: int, channels: tuple[int, ...] = CHANNELS) -> None:
        super().__init__()
        self.channels = channels
        self.reductions = tuple(2 ** (level + 1) for level in range(len(channels)))
        self.fold = nn.PixelUnshuffle(2)
        before = (4 * in_channels, *channels)
        self.stages = nn.ModuleList(
            nn.Sequential(ConvBlock(before[level], width, stride=1 if level == 0 else 2), ResidualBlock(width))
            for level, width in enumerate(channels)
        )

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images (batch, channel, height, width), sides divisible by 16, to maps from fine to coarse."""
        maps = self.fold(images)
        pyramid = []
        for stage in self.stages:
            maps = stage(maps)
            pyramid.append(maps)
        return pyramid


def make_light(in_channels: int, pretrained: bool) -> LightEncoder:
    """Make the encoder.

    Raises:
        ConfigError: pretrained weights were asked for; there are none.
    """
    if pretrained:
        raise ConfigError("the backbone light has no pretrained weights; set pretrained to false")
    return LightEncoder(in_channels)
