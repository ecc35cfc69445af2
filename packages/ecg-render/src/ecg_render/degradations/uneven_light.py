"""Light that falls off across the page, brighter near a lamp."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.coarse import shine
from ecg_render.degradations.lighting import corner_light, spot_light
from ecg_render.page import Page

DARKEST_CORNER = 0.6
SPOT_STRENGTHS = (-0.1, 0.25)


def degrade(page: Page, seed: int) -> Page:
    """Light a page unevenly by chance."""
    field = random_uneven_light(page.width_px, page.height_px, np.random.default_rng(seed))
    return page.redrawn(shine(page.image, field))


def random_uneven_light(
    width_px: int, height_px: int, rng: np.random.Generator, *, darkest: float = DARKEST_CORNER
) -> np.ndarray:
    """Light in a picture, shape (rows, columns) of `coarse_nodes`.

    Args:
        width_px: of the picture.
        height_px: of the picture.
        rng: decides where it is bright.
        darkest: least share of the light that a corner gets.
    """
    corners = corner_light(width_px, height_px, rng.uniform(darkest, 1, (2, 2)))
    x, y = rng.uniform(-0.1, 1.1, 2)
    strength = (1 - darkest) / (1 - DARKEST_CORNER) * rng.uniform(*SPOT_STRENGTHS)
    return corners * spot_light(width_px, height_px, (x, y), rng.uniform(0.25, 0.6), strength)
