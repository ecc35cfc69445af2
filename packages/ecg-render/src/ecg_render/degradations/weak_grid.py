"""A grid that has nearly gone: printed faintly, bleached, or lost by a scanner's white balance."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.coarse import coarse_nodes, enlarge
from ecg_render.labels import LINES, PRINT, PULSE, SHEET, TRACE, has_any
from ecg_render.page import Page
from ecg_render.style import Rgb

STRENGTHS = (0.08, 0.55)
PATCHES = 0.35
"""By how much the strength may differ from place to place, as a share of it."""


def degrade(page: Page, seed: int) -> Page:
    """Weaken the lines of a page's grid by chance, unevenly."""
    rng = np.random.default_rng(seed)
    return weaken_grid(page, rng.uniform(*STRENGTHS) * (1 + PATCHES * random_patches(page, rng)))


def weaken_grid(page: Page, strength: np.ndarray) -> Page:
    """A page with a weaker grid.

    Args:
        page: any page.
        strength: what is left of the lines, from 0 to 1: float32, shape (height, width).
    """
    paper = np.array(paper_rgb(page), np.float32)
    kept = np.where(grid_alone(page), strength, 1.0)[..., None].astype(np.float32)
    return page.redrawn(np.rint(paper + kept * (page.image - paper)).clip(0, 255).astype(np.uint8))


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
