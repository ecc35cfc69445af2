"""A network over a picture of any size, tile by tile, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import attrs
import numpy as np

Network = Callable[[np.ndarray], np.ndarray]
"""Takes uint8 (batch, 3, height, width) to float32 (batch, channels, height, width)."""


@attrs.frozen(kw_only=True)
class Tiling:
    """How a picture is cut.

    Attributes:
        size_px: sides of a tile, a multiple of what the network asks for.
        overlap_px: how much neighbours share; in it their results are blended, so that no seam shows.
        multiple_px: of what the sides of a tile are a multiple where they may be less than ``size_px``. The tiles of
            a picture are then no larger than their number asks for; pictures of other sizes have other tiles, which
            is nothing for a device that compiles each shape. 0: every tile has ``size_px``.
    """

    size_px: int = 512
    overlap_px: int = 64
    multiple_px: int = 0

    def __attrs_post_init__(self) -> None:
        if not 0 <= 2 * self.overlap_px <= self.size_px:
            raise ValueError(f"an overlap of {self.overlap_px} px is too large for tiles of {self.size_px} px")
        if self.multiple_px and self.size_px % self.multiple_px:
            raise ValueError(f"tiles of {self.size_px} px are no multiple of {self.multiple_px} px")

    def along(self, length_px: int) -> tuple[int, list[int]]:
        """Length of the tiles along an axis, and their first pixels; the last ends with the axis, or beyond it."""
        stride = self.size_px - self.overlap_px
        count = max(1, -(-(length_px - self.overlap_px) // stride))
        side_px = self.size_px
        if self.multiple_px:
            least_px = -(-(length_px + (count - 1) * self.overlap_px) // count)
            side_px = -(-least_px // self.multiple_px) * self.multiple_px
        return side_px, np.linspace(0, max(length_px - side_px, 0), count).round().astype(int).tolist()


def predict_tiles(image: np.ndarray, network: Network, num_channels: int, tiling: Tiling) -> np.ndarray:
    """Apply a network to a whole picture.

    Args:
        image: uint8 RGB, shape (height, width, 3); smaller than a tile it is continued by mirroring.
        network: applied to one tile at a time.
        num_channels: that it gives.
        tiling: how to cut.

    Returns:
        float32, shape (channels, height, width).
    """
    height, width = image.shape[:2]
    (tile_height, tops), (tile_width, lefts) = tiling.along(height), tiling.along(width)
    if len(tops) == len(lefts) == 1:
        tile = _padded(image, (tile_height, tile_width))
        return network(tile.transpose(2, 0, 1)[None])[0, :, :height, :width]
    blended = np.zeros((num_channels, height, width), np.float32)
    weight = np.zeros((height, width), np.float32)
    window = np.outer(_ramp(tile_height, tiling.overlap_px), _ramp(tile_width, tiling.overlap_px))
    for top, left in product(tops, lefts):
        bottom, right = min(top + tile_height, height), min(left + tile_width, width)
        tile = _padded(image[top:bottom, left:right], (tile_height, tile_width))
        result = network(tile.transpose(2, 0, 1)[None])[0, :, : bottom - top, : right - left]
        share = window[: bottom - top, : right - left]
        blended[:, top:bottom, left:right] += share * result
        weight[top:bottom, left:right] += share
    blended /= weight  # in place: of a large page with many channels it is most of the memory
    return blended


def _ramp(length_px: int, overlap_px: int) -> np.ndarray:
    """Weight along a tile: full inside, falling towards the ends within the overlap, never 0."""
    from_end = np.minimum(np.arange(length_px), np.arange(length_px)[::-1]) + 1
    return np.minimum(from_end / max(overlap_px, 1), 1).astype(np.float32)


def _padded(tile: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    missing = [(0, wanted - length) for wanted, length in zip(shape, tile.shape, strict=False)]
    if not any(after for _, after in missing):
        return tile
    return np.pad(tile, (*missing, (0, 0)), mode="symmetric")
