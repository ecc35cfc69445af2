"""The four corners of a page moved each on its own."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.warp import BESIDE_RGB, Warp, warp_page
from ecg_render.page import Page
from ecg_render.style import Rgb

MAX_CORNER_SHIFT = 0.06
"""Greatest shift of a corner, as a share of the sides of the page."""


def degrade(page: Page, seed: int) -> Page:
    """Move each corner by chance."""
    rng = np.random.default_rng(seed)
    return move_corners(page, rng.uniform(-MAX_CORNER_SHIFT, MAX_CORNER_SHIFT, (4, 2)))


def move_corners(page: Page, shifts: np.ndarray, around: Rgb = BESIDE_RGB) -> Page:
    """A page of the same size with its corners elsewhere.

    Args:
        page: any page.
        shifts: shape (4, 2): by which share of width and height top left, top right, bottom right and bottom left move
            to the right and down.
        around: colour of what comes into view.
    """
    return warp_page(page, corner_warp(page, shifts), around)


def corner_warp(page: Page, shifts: np.ndarray) -> Warp:
    """The map of `move_corners`."""
    size = np.array([page.width_px, page.height_px])
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * size - 0.5
    moved = corners + shifts * size
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
    return Warp.projective(matrix, (page.width_px, page.height_px))
