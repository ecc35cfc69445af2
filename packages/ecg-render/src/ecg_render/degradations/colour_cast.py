"""Light of two colours: of a lamp on one side, say, and of a window on the other."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.coarse import shine
from ecg_render.degradations.lighting import corner_light
from ecg_render.page import Page

MAX_CAST = 0.2


def degrade(page: Page, seed: int) -> Page:
    """Light a page in random colours."""
    rng = np.random.default_rng(seed)
    field = random_cast(page.width_px, page.height_px, rng, strength=rng.uniform(MAX_CAST / 4, MAX_CAST))
    return page.redrawn(shine(page.image, field))


def random_cast(width_px: int, height_px: int, rng: np.random.Generator, *, strength: float) -> np.ndarray:
    """Light of a picture, shape (rows, columns, 3) of `coarse_nodes`.

    Args:
        width_px: of the picture.
        height_px: of the picture.
        rng: decides on the colours.
        strength: most of the light that is missing in a channel.
    """
    ends = 1 - strength * np.stack([_tint(rng), _tint(rng)])
    corners = ends[[[0, 0], [1, 1]]] if rng.random() < 0.5 else ends[[[0, 1], [0, 1]]]
    return corner_light(width_px, height_px, corners)


def _tint(rng: np.random.Generator) -> np.ndarray:
    """Share of red, green and blue that is missing, from 0 to 1: yellowish, bluish or rarely greenish light."""
    yellow, blue, green = (0.0, 0.25, 1.0), (1.0, 0.45, 0.0), (0.6, 0.0, 0.6)
    return rng.uniform(0.3, 1) * np.array((yellow, blue, green))[rng.choice(3, p=(0.45, 0.45, 0.1))]
