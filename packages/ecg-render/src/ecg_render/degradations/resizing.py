"""A picture of other size, also with pixels that are not square."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.warp import homography
from ecg_render.page import Page


def resized(page: Page, size_px: tuple[int, int], *, interpolation: int | None = None) -> Page:
    """A page in a picture of so many columns and rows; the edges of the picture stay its edges.

    Args:
        page: any page.
        size_px: width and height.
        interpolation: OpenCV's; None takes the mean of areas where the picture becomes smaller, else cubic curves.
    """
    if size_px == (page.width_px, page.height_px):
        return page
    if interpolation is None:
        smaller = size_px[0] * size_px[1] < page.width_px * page.height_px
        interpolation = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    across, down = size_px[0] / page.width_px, size_px[1] / page.height_px
    matrix = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])
    image = cv2.resize(page.image, size_px, interpolation=interpolation)
    labels = cv2.resize(page.labels, size_px, interpolation=cv2.INTER_NEAREST_EXACT)
    return page.warped(homography(matrix), image=image, labels=labels)


def scaled(page: Page, across: float, down: float | None = None) -> Page:
    """A page in a picture that is so many times as wide, and as high: by the same factor where none is given."""
    down = across if down is None else down
    return resized(page, (max(1, round(page.width_px * across)), max(1, round(page.height_px * down))))
