"""A backbone of two strided convolutions."""

from __future__ import annotations

from torch import Tensor, nn

from ecg_core.errors import ConfigError


class TinyBackbone(nn.Module):
    """A feature pyramid of two levels.

    Args:
        in_channels: channels of the images.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.channels = (8, 16)
        self.reductions = (2, 4)
        self.fine = _stage(in_channels, 8)
        self.coarse = _stage(8, 16)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images (batch, channel, height, width) to maps of a half and a quarter of their size."""
        fine = self.fine(images)
        return [fine, self.coarse(fine)]


def _stage(in_channels: int, out_channels: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


def make_tiny(in_channels: int, pretrained: bool) -> TinyBackbone:
    """Make the backbone.

    Raises:
        ConfigError: pretrained weights were asked for; there are none.
    """
    if pretrained:
        raise ConfigError("acme.tiny has no pretrained weights; train it from scratch")
    return TinyBackbone(in_channels)
