"""Rectangles of pixels folded to single ones with as many times the channels, and unfolded again.

Every step moves one axis alone: ONNX Runtime takes three to ten times as long for one that moves several, such as pixel
shuffle, which is a seventh of the time of a light network.
"""

from __future__ import annotations

from torch import Tensor, nn

Fold = tuple[int, int]
"""Rows and columns of the rectangles."""


def folded(images: Tensor, fold: Fold) -> Tensor:
    """Images (batch, channels, rows, columns) to maps with the channels of a rectangle's pixels, row by row.

    Args:
        images: the sides divisible by those of the rectangles.
        fold: rows and columns of the rectangles.
    """
    down, across = fold
    batch, channels, height, width = images.shape
    by_row = images.reshape(batch * channels, height // down, down, width).transpose(1, 2)
    pixels = by_row.reshape(batch * channels * down, height // down, width // across, across).permute(0, 3, 1, 2)
    return pixels.reshape(batch, channels * down * across, height // down, width // across)


def unfolded(maps: Tensor, fold: Fold) -> Tensor:
    """The reverse of `folded`."""
    down, across = fold
    batch, channels, height, width = maps.shape
    by_row = maps.reshape(batch * channels // across, across, height, width).permute(0, 2, 3, 1)
    rows = by_row.reshape(batch * channels // (across * down), down, height, width * across).transpose(1, 2)
    return rows.reshape(batch, channels // (across * down), height * down, width * across)


class Unfold(nn.Module):
    """`unfolded` as the last layer of a network."""

    def __init__(self, fold: Fold) -> None:
        super().__init__()
        self.fold = fold

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (batch, channels, rows, columns) to larger ones of fewer channels."""
        return unfolded(maps, self.fold)
