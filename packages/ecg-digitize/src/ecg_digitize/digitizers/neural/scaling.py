"""Pictures made as large as a network wants them, and results taken back to the picture's own pixels."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_core.tiles import Tiling

TILING = Tiling(size_px=1280, overlap_px=64, multiple_px=32)
"""How networks look at pages: mostly whole, since an ordinary processor takes any size."""


def scaled(image: np.ndarray, scale: float) -> np.ndarray:
    """A picture so many times as large; when shrunk, every pixel counts."""
    if scale == 1:
        return image
    height, width = image.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def as_batch(image: np.ndarray) -> np.ndarray:
    """RGB (height, width, 3) as a batch of one, (1, 3, height, width)."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None])


def to_original(points: np.ndarray, scale: float) -> np.ndarray:
    """Points (n, 2) of a scaled picture in pixels of the original; centres of pixels have whole numbers."""
    return (points + 0.5) / scale - 0.5


def to_scaled(points: np.ndarray, scale: float) -> np.ndarray:
    """The reverse of `to_original`."""
    return (points + 0.5) * scale - 0.5
