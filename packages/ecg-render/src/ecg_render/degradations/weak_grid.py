"""A grid that has nearly gone: printed faintly, bleached, or lost by a scanner's white balance."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.paper_tone import grid_alone, paper_rgb, random_patches
from ecg_render.page import Page

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
