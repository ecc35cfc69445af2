"""The soft shadow of a hand or a phone."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.affine import rotation
from ecg_render.degradations.coarse import shine
from ecg_render.degradations.lighting import shadow_light
from ecg_render.page import Page

STRENGTHS = (0.12, 0.4)
SOFTNESS = (0.02, 0.12)
PHONE = np.array([(-0.16, -0.45), (0.16, -0.45), (0.16, 0.45), (-0.16, 0.45)])
"""Outline in shares of the picture's sides, about its own centre."""

NUM_HAND_POINTS = 14


def degrade(page: Page, seed: int) -> Page:
    """Throw a random shadow on a page."""
    field = random_shadow(page.width_px, page.height_px, np.random.default_rng(seed))
    return page.redrawn(shine(page.image, field))


def random_shadow(width_px: int, height_px: int, rng: np.random.Generator) -> np.ndarray:
    """Light left beside the shadow of a phone or a hand that reaches in from an edge, as in `shadow_light`."""
    shape = PHONE * rng.uniform(0.8, 1.6) if rng.random() < 0.5 else _hand(rng)
    turned = shape @ rotation(rng.uniform(0, 360)).T
    angle = rng.uniform(0, 2 * np.pi)
    centre = 0.5 + rng.uniform(0.2, 0.6) * np.array([np.cos(angle), np.sin(angle)])
    return shadow_light(width_px, height_px, turned + centre, rng.uniform(*SOFTNESS), rng.uniform(*STRENGTHS))


def _hand(rng: np.random.Generator) -> np.ndarray:
    """A lump with an arm to the right: shape (points, 2) in shares of the picture's sides."""
    angles = np.linspace(0.2 * np.pi, 1.8 * np.pi, NUM_HAND_POINTS)
    radii = rng.uniform(0.14, 0.3, NUM_HAND_POINTS)
    lump = radii[:, None] * np.column_stack((np.cos(angles), np.sin(angles)))
    return np.vstack(([(1.5, 0.15)], lump, [(1.5, -0.15)]))
