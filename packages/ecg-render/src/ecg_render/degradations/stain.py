"""Stains that one can see through: rings of coffee, and yellowed spots."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.coarse import coarse_nodes, shine
from ecg_render.page import Page

COFFEE = np.array([0.14, 0.32, 0.55])
"""Share of red, green and blue that strong coffee swallows."""

YELLOW = np.array([0.03, 0.10, 0.34])
RING_RADII_MM = (28.0, 42.0)
RING_WIDTHS_MM = (1.5, 4.0)
SPOT_RADII_MM = (6.0, 30.0)
STRENGTHS = (0.35, 1.0)
MAX_STAINS = 3
HARMONICS = np.arange(1, 6)


def degrade(page: Page, seed: int) -> Page:
    """Stain a page one to three times by chance; what is printed stays visible."""
    rng = np.random.default_rng(seed)
    light = np.ones(3)
    for _ in range(rng.integers(1, MAX_STAINS + 1)):
        centre_mm = rng.uniform(0, 1, 2) * (page.width_px, page.height_px) / page.px_per_mm
        strength = rng.uniform(*STRENGTHS)
        if rng.random() < 0.5:
            radius_mm, width_mm = rng.uniform(*RING_RADII_MM), rng.uniform(*RING_WIDTHS_MM)
            cover = ring(page, centre_mm, radius_mm, width_mm, rng)
            light = light * (1 - strength * cover[..., None] * COFFEE)
        else:
            cover = spot(page, centre_mm, rng.uniform(*SPOT_RADII_MM), rng)
            light = light * (1 - strength * cover[..., None] * YELLOW)
    return page.redrawn(shine(page.image, light))


def ring(page: Page, centre_mm: np.ndarray, radius_mm: float, width_mm: float, rng: np.random.Generator) -> np.ndarray:
    """How thickly the foot of a cup left coffee, from 0 to 1 at the nodes of `coarse_nodes`.

    Args:
        page: any page.
        centre_mm: of the ring, from the page's left and top edge.
        radius_mm: of the ring.
        width_mm: of its line.
        rng: decides where it is thick, thin and missing.
    """
    distance_mm, angle = _polar(page, centre_mm)
    thickness = (0.55 + 0.45 * _wobble(angle, rng)).clip(0, 1)
    off_line = np.abs(distance_mm - radius_mm * (1 + 0.02 * _wobble(angle, rng)))
    line = np.exp(-((off_line / (width_mm / 2)) ** 2))
    inside = 0.12 * (distance_mm < radius_mm)
    return np.maximum(thickness * line, inside)


def spot(page: Page, centre_mm: np.ndarray, radius_mm: float, rng: np.random.Generator) -> np.ndarray:
    """How yellow a spot without a clear edge made the paper; arguments and result as in `ring`."""
    distance_mm, angle = _polar(page, centre_mm)
    edge_mm = radius_mm * (1 + 0.15 * _wobble(angle, rng))
    return 1 / (1 + np.exp((distance_mm - edge_mm) / (0.12 * radius_mm)).clip(None, 1e6))


def _polar(page: Page, centre_mm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance and direction of the coarse nodes from a place."""
    x, y = np.moveaxis((coarse_nodes(page.width_px, page.height_px) + 0.5) / page.px_per_mm - centre_mm, -1, 0)
    return np.hypot(x, y), np.arctan2(y, x)


def _wobble(angle: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth random function of direction, about -1 to 1."""
    strengths = rng.standard_normal(len(HARMONICS)) / HARMONICS
    phases = rng.uniform(0, 2 * np.pi, len(HARMONICS))
    return sum(
        (s * np.cos(n * angle + p) for n, s, p in zip(HARMONICS, strengths, phases, strict=True)), np.zeros_like(angle)
    )
