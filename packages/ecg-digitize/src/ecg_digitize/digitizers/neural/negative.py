"""Dark screens looked at as if they were paper: bright traces on a dark ground, turned into their negative.

What a photo is of, its darkness alone does not tell: a screen may stand on a bright desk, and paper lie on a dark one.
So a picture that may be either is looked at in both ways, the likelier one first.
"""

from __future__ import annotations

import cv2
import numpy as np

DARK = 75.0
"""Level, 0 to 255, up to which a pixel is dark; photos of paper in poor light are lighter."""

MOST, SOME = 0.5, 0.25
"""Share of dark pixels of a picture that is of a dark screen, and of one that shows a screen beside other things."""

SAMPLED = 4
SHEET, SOLID_PX = 0.15, 5
"""Share of a picture that is bright where paper is shown; and so wide at least, in sampled pixels, is what is bright:
traces and letters of screens are not."""


def as_paper(image: np.ndarray) -> list[np.ndarray]:
    """A picture in the ways in which it may show a page as the networks know them, the likeliest first.

    That is itself, the negative of a dark screen, or both where it may be of either.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """
    if not may_show_a_screen(image):
        return [image]
    negative = negative_of(image)
    return [negative, image] if is_dark(image) and not shows_a_sheet(image) else [image, negative]


def negative_of(image: np.ndarray) -> np.ndarray:
    """A picture with dark and bright exchanged, without colour; uint8.

    What shines in one colour alone is as dark in it as that colour is bright: what the others lack would make its ink
    pale.
    """
    return np.asarray(np.repeat(255 - image.max(axis=-1, keepdims=True), 3, axis=-1), np.uint8)


def is_dark(image: np.ndarray) -> bool:
    """Whether most of a picture is dark."""
    return float(_dark(image).mean()) >= MOST


def may_show_a_screen(image: np.ndarray) -> bool:
    """Whether so much of a picture is dark that it may be of a dark screen on a bright desk; no page of print is."""
    return float(_dark(image).mean()) >= SOME


def shows_a_sheet(image: np.ndarray) -> bool:
    """Whether a good part of a picture is bright all over, as paper is on a dark desk."""
    bright = (~_dark(image)).astype(np.uint8)
    return float(cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((SOLID_PX, SOLID_PX), np.uint8)).mean()) >= SHEET


def _dark(image: np.ndarray) -> np.ndarray:
    """Which of the sampled pixels are dark."""
    return np.asarray(image[::SAMPLED, ::SAMPLED].mean(axis=-1) <= DARK)
