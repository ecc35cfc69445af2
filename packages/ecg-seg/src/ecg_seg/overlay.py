"""Classes shown in colour."""

from __future__ import annotations

import numpy as np

from ecg_seg.classes import ClassSet

COLOURS = {
    "background": (255, 255, 255),
    "grid": (30, 120, 220),
    "horizontal": (30, 120, 220),
    "vertical": (0, 150, 90),
    "intersection": (245, 160, 0),
    "waveform": (215, 0, 60),
}
"""RGB of each class; told apart by readers who see red and green alike, too, by their brightness."""

PALING = 0.55
"""Share by which the picture under the colours is faded towards white."""


def colour_mask(mask: np.ndarray, classes: ClassSet) -> np.ndarray:
    """A mask in colours: uint8 (height, width) to uint8 RGB (height, width, 3)."""
    return _palette(classes)[mask]


def draw_overlay(image: np.ndarray, mask: np.ndarray, classes: ClassSet) -> np.ndarray:
    """The classes but the background in colour over a faded gray picture.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        mask: uint8, shape (height, width).
        classes: that it tells apart.

    Returns:
        uint8 RGB, shape (height, width, 3).
    """
    gray = image.mean(axis=2, dtype=np.float32)
    faded = (gray + (255 - gray) * PALING).astype(np.uint8)
    return np.where(mask[..., None] > 0, colour_mask(mask, classes), faded[..., None])


def _palette(classes: ClassSet) -> np.ndarray:
    return np.array([COLOURS[name] for name in classes.names], np.uint8)
