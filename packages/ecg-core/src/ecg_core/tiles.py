"""A network over a picture of any size, tile by tile, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    """

    size_px: int = 512
    overlap_px: int = 64

    def __attrs_post_init__(self) -> None:
        if not 0 <= 2 * self.overlap_px <= self.size_px:
            raise ValueError(f"an overlap of {self.overlap_px} px is too large for tiles of {self.size_px} px")

    def starts(self, length_px: int) -> list[int]:
        """First pixels of the tiles along an axis; the last tile ends with the axis where it is long enough."""
        if length_px <= self.size_px:
            return [0]
        stride = self.size_px - self.overlap_px
        count = -(-(length_px - self.size_px) // stride) + 1
        return np.linspace(0, length_px - self.size_px, count).round().astype(int).tolist()


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
    blended = np.zeros((num_channels, height, width), np.float32)
    weight = np.zeros((height, width), np.float32)
    window = _window(tiling)
    for top, left in _corners(tiling, height, width):
        bottom, right = min(top + tiling.size_px, height), min(left + tiling.size_px, width)
        tile = _padded(image[top:bottom, left:right], tiling.size_px)
        result = network(tile.transpose(2, 0, 1)[None])[0, :, : bottom - top, : right - left]
        share = window[: bottom - top, : right - left]
        blended[:, top:bottom, left:right] += share * result
        weight[top:bottom, left:right] += share
    return blended / weight


def _corners(tiling: Tiling, height_px: int, width_px: int) -> Iterator[tuple[int, int]]:
    return ((top, left) for top in tiling.starts(height_px) for left in tiling.starts(width_px))


def _window(tiling: Tiling) -> np.ndarray:
    """Weight of each pixel of a tile: full inside, falling towards the edges within the overlap, never 0."""
    from_edge = np.minimum(np.arange(tiling.size_px), np.arange(tiling.size_px)[::-1]) + 1
    ramp = np.minimum(from_edge / max(tiling.overlap_px, 1), 1).astype(np.float32)
    return np.outer(ramp, ramp)


def _padded(tile: np.ndarray, size_px: int) -> np.ndarray:
    missing = [(0, size_px - length) for length in tile.shape[:2]]
    if not any(after for _, after in missing):
        return tile
    return np.pad(tile, (*missing, (0, 0)), mode="symmetric")
