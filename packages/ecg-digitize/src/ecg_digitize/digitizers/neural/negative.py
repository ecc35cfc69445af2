"""Dark screens looked at as if they were paper: bright traces on a dark ground, turned into their negative."""

from __future__ import annotations

import numpy as np

DARK = 75.0
"""Median level, 0 to 255, up to which a picture is that of a dark screen; photos of paper in poor light are lighter."""

SAMPLED = 4


def as_paper(image: np.ndarray) -> np.ndarray:
    """A picture as the networks know pages: its negative where it is that of a dark screen, else the picture itself.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """
    return np.asarray(255 - image, np.uint8) if is_dark(image) else image


def is_dark(image: np.ndarray) -> bool:
    """Whether most of a picture is dark."""
    return bool(np.median(image[::SAMPLED, ::SAMPLED].mean(axis=-1)) <= DARK)
