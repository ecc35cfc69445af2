"""Dark screens looked at as if they were paper: bright traces on a dark ground, turned into their negative.

A screen that fills less than half of a photo does not make that dark; such a picture is looked at as it is first.
"""

from __future__ import annotations

import numpy as np

DARK = 75.0
"""Level, 0 to 255, up to which a pixel is dark; photos of paper in poor light are lighter."""

MOST, SOME = 0.5, 0.25
"""Share of dark pixels of a picture that is of a dark screen, and of one that shows a screen beside other things."""

SAMPLED = 4


def as_paper(image: np.ndarray) -> np.ndarray:
    """A picture as the networks know pages: its negative where it is that of a dark screen, else the picture itself.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """
    return negative_of(image) if is_dark(image) else image


def negative_of(image: np.ndarray) -> np.ndarray:
    """A picture with dark and bright exchanged; uint8."""
    return np.asarray(255 - image, np.uint8)


def is_dark(image: np.ndarray) -> bool:
    """Whether most of a picture is dark."""
    return _dark_share(image) >= MOST


def may_show_a_screen(image: np.ndarray) -> bool:
    """Whether so much of a picture is dark that it may be of a dark screen on a bright desk; no page of print is."""
    return _dark_share(image) >= SOME


def _dark_share(image: np.ndarray) -> float:
    return float((image[::SAMPLED, ::SAMPLED].mean(axis=-1) <= DARK).mean())
