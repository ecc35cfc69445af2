"""What a page's bare paper looks like, and what on it is paper or grid alone."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.coarse import coarse_nodes, enlarge
from ecg_render.labels import LINES, PRINT, PULSE, SHEET, TRACE, has_any
from ecg_render.page import Page
from ecg_render.style import Rgb

DARK = 110
"""Paper of this gray level or a lower one is the dark background of a viewer."""


def grid_alone(page: Page) -> np.ndarray:
    """A mask of the paper and its grid without what ink touches: bool, shape (height, width)."""
    ink = cv2.dilate(has_any(page.labels, TRACE | PULSE | PRINT), np.ones((3, 3), np.uint8))
    return (ink == 0) & (has_any(page.labels, SHEET) > 0)


def paper_rgb(page: Page) -> Rgb:
    """The colour of the bare paper: the median of what is sheet and neither line nor ink."""
    bare = (page.labels & (LINES | TRACE | PULSE | PRINT) == 0) & (page.labels & SHEET > 0)
    pixels = page.image[bare] if bare.any() else page.image.reshape(-1, 3)
    red, green, blue = (int(level) for level in np.median(pixels[::7] if len(pixels) > 7 else pixels, axis=0))
    return red, green, blue


def random_patches(page: Page, rng: np.random.Generator, *, across: int = 5) -> np.ndarray:
    """Soft patches over a picture, from -1 to 1: float32, shape (height, width).

    Args:
        page: gives the size.
        rng: decides where they lie.
        across: how many there are side by side.
    """
    rows, columns = coarse_nodes(page.width_px, page.height_px).shape[:2]
    coarse = rng.uniform(-1, 1, (across, across)).astype(np.float32)
    smooth = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return enlarge(smooth, page.width_px, page.height_px).clip(-1, 1)


def on_light_paper(page: Page) -> Page:
    """A page as a printer prints it: one from a viewer with a dark background comes out dark on light."""
    return page.redrawn(255 - page.image) if np.mean(paper_rgb(page)) <= DARK else page
