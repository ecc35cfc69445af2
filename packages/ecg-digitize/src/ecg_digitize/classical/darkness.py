"""Ink as darkness relative to the paper around it, so that shadows and gray paper do not matter."""

from __future__ import annotations

import cv2
import numpy as np

BACKGROUND_SHRINK = 4
BACKGROUND_WINDOW_PX = 31
"""Window of the background, in pixels of the shrunken page: wider than any stroke or letter."""


def relative_darkness(channel: np.ndarray) -> np.ndarray:
    """How much darker every pixel is than the paper around it.

    Args:
        channel: uint8, shape (height, width).

    Returns:
        float32, shape (height, width); 0 is paper, 1 is black.
    """
    paper = paper_brightness(channel)
    return np.clip(1.0 - channel.astype(np.float32) / paper, 0.0, 1.0)


def paper_brightness(channel: np.ndarray) -> np.ndarray:
    """Brightness of the bare paper at every pixel: a median of local maxima, float32, at least 1."""
    height, width = channel.shape
    size = (max(1, width // BACKGROUND_SHRINK), max(1, height // BACKGROUND_SHRINK))
    small = cv2.resize(channel, size, interpolation=cv2.INTER_AREA)
    brightest = cv2.dilate(small, np.ones((3, 3), np.uint8))
    smooth = cv2.medianBlur(brightest, BACKGROUND_WINDOW_PX)
    paper = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.maximum(paper.astype(np.float32), 1.0)


def trace_channel(image_rgb: np.ndarray) -> np.ndarray:
    """The brightest of the three colours of each pixel: coloured grid lines fade in it, black ink does not.

    Args:
        image_rgb: uint8, shape (height, width, 3).

    Returns:
        uint8, shape (height, width).
    """
    return image_rgb.max(axis=2)


def grid_channel(image_rgb: np.ndarray) -> np.ndarray:
    """The darkest of the three colours of each pixel, where grid lines of any colour show best; uint8."""
    return image_rgb.min(axis=2)
