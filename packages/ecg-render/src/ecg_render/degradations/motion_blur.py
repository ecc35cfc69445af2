"""Blur of a hand that moves."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.page import Page

LENGTHS_MM = (0.3, 1.0)
PARTS = 8
"""Points of the path a pixel."""


def degrade(page: Page, seed: int) -> Page:
    """Move the camera by a random amount during the exposure."""
    rng = np.random.default_rng(seed)
    return blur_by_motion(page, length_mm=rng.uniform(*LENGTHS_MM), direction_deg=rng.uniform(0, 180))


def blur_by_motion(page: Page, *, length_mm: float, direction_deg: float) -> Page:
    """A page smeared evenly on either side along a direction, clockwise from x; nothing moves on the whole."""
    kernel = _line(length_mm * page.px_per_mm, np.radians(direction_deg))
    return page.redrawn(cv2.filter2D(page.image, -1, kernel, borderType=cv2.BORDER_REPLICATE))


def _line(length_px: float, direction_rad: float) -> np.ndarray:
    """Kernel, shape (size, size) with odd size: a line through its centre, shared out among the pixels beside it."""
    reach = int(np.ceil(length_px / 2)) + 1
    along = np.linspace(-length_px / 2, length_px / 2, 2 * int(np.ceil(length_px * PARTS / 2)) + 1)
    x, y = reach + along * np.cos(direction_rad), reach + along * np.sin(direction_rad)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    for right in (0, 1):
        for down in (0, 1):
            share = (1 - np.abs(x - left - right)) * (1 - np.abs(y - top - down))
            np.add.at(kernel, (top + down, left + right), share)
    return kernel / kernel.sum()
