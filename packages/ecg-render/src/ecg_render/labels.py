"""What each pixel of a page shows, as one plane of bits, and the masks that follow from it.

One plane, so that a degradation moves every mask at once and none can drift from another. Several bits stand where
things are printed over each other. A pixel without `SHEET` shows no paper at all: the table, a thumb.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import cv2
import numpy as np

HORIZONTAL = 1
"""A horizontal line of the large boxes."""

VERTICAL = 2
"""A vertical line of the large boxes."""

SMALL_HORIZONTAL = 4
"""A horizontal line of the small boxes."""

SMALL_VERTICAL = 8
"""A vertical line of the small boxes."""

PULSE = 16
"""A calibration pulse."""

TRACE = 32
"""The trace of a lead."""

PRINT = 64
"""Anything else in ink: names, texts, separators, handwriting."""

SHEET = 128
"""The sheet of paper."""

LINES = HORIZONTAL | VERTICAL | SMALL_HORIZONTAL | SMALL_VERTICAL


class PageClass(IntEnum):
    """The five classes of page segmentation."""

    BACKGROUND = 0
    HORIZONTAL = 1
    VERTICAL = 2
    INTERSECTION = 3
    WAVEFORM = 4


def class_mask(labels: np.ndarray, *, small_boxes: bool = False) -> np.ndarray:
    """`PageClass` of every pixel: waveform over intersection over lines over background.

    Traces and calibration pulses are waveform. Lines are those of the large boxes, which alone survive in most photos;
    names and other words are background, or the line that they stand on.

    Args:
        labels: uint8, shape (height, width).
        small_boxes: count the lines of the small boxes too.

    Returns:
        uint8, shape (height, width).
    """
    return look_up(labels, _class_table(small_boxes))


def has_any(labels: np.ndarray, bits: int) -> np.ndarray:
    """A mask that is 1 where any of the bits is set, else 0; uint8, shape (height, width)."""
    return look_up(labels, _any_table(bits))


def labels_from_classes(classes: np.ndarray) -> np.ndarray:
    """A plane of bits with the given classes, all of it on paper: the reverse of `class_mask`."""
    table = np.full(256, SHEET, np.uint8)
    table[: len(PageClass)] = [
        SHEET,
        SHEET | HORIZONTAL,
        SHEET | VERTICAL,
        SHEET | HORIZONTAL | VERTICAL,
        SHEET | TRACE,
    ]
    return look_up(classes, table)


def look_up(plane: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Each value of a plane replaced by its entry in a table of 256."""
    return np.asarray(cv2.LUT(plane, table))


@cache
def _class_table(small_boxes: bool) -> np.ndarray:
    bits = np.arange(256)
    horizontal = bits & (HORIZONTAL | (SMALL_HORIZONTAL if small_boxes else 0))
    vertical = bits & (VERTICAL | (SMALL_VERTICAL if small_boxes else 0))
    lines = np.where(horizontal, PageClass.HORIZONTAL, 0) + np.where(vertical, PageClass.VERTICAL, 0)
    return np.where(bits & (TRACE | PULSE), PageClass.WAVEFORM, lines).astype(np.uint8)


@cache
def _any_table(bits: int) -> np.ndarray:
    return (np.arange(256) & bits > 0).astype(np.uint8)
