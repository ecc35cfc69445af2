"""Thermal paper that has aged: the print faded to brown or blue-gray, the paper yellow or dark, streaks along it."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.coarse import shine
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.lighting import corner_light, spot_light
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.paper_tone import on_light_paper, paper_rgb, random_patches
from ecg_render.labels import PRINT, PULSE, TRACE, has_any
from ecg_render.page import Page

INKS_RGB = ((62, 64, 82), (84, 88, 104), (92, 70, 58), (120, 92, 74), (40, 40, 52))
"""Print on thermal paper, fresh and faded: blue-gray and brown."""

FADINGS = (0.05, 0.55)
LEAST_LEFT = 0.45
"""Share of the ink that is left where it faded most: it can still be read."""

GRID_FADINGS = (0.0, 0.4)
YELLOWINGS = (0.02, 0.28)
DARKEST = 0.62
MOST_STREAKS = 6
STREAK_MM = (0.1, 1.2)


def degrade(page: Page, seed: int) -> Page:
    """Let a print on thermal paper age by chance, and scan it."""
    rng = np.random.default_rng(seed)
    page = on_light_paper(page)
    image = _faded(page, rng)
    image = shine(image, _paper_light(page, rng)[..., None] * _yellow(rng))
    image = add_noise(blur(image, rng.uniform(0.04, 0.1) * page.px_per_mm), rng.uniform(1, 4), rng)
    return page.redrawn(compress_as_jpeg(image, int(rng.integers(70, 96))))


def _faded(page: Page, rng: np.random.Generator) -> np.ndarray:
    """The print in the colour of old ink, weaker in patches and in streaks along the paper; the grid weaker too."""
    paper = np.array(paper_rgb(page), np.float32)
    ink = np.array(INKS_RGB[int(rng.integers(len(INKS_RGB)))], np.float32)
    printed = cv2.dilate(has_any(page.labels, TRACE | PULSE | PRINT), np.ones((3, 3), np.uint8)) > 0
    darkness = (paper.mean() - page.image.mean(axis=2, dtype=np.float32)).clip(0) / max(paper.mean(), 1)
    left = 1 - rng.uniform(*FADINGS) * (1 + 0.6 * random_patches(page, rng))
    left = (left * _streaks(page, rng)[:, None]).clip(LEAST_LEFT, 1)
    in_ink = paper + (darkness * left)[..., None] * (ink - paper)
    grid = paper + (1 - rng.uniform(*GRID_FADINGS)) * (page.image - paper)
    return np.rint(np.where(printed[..., None], in_ink, grid)).clip(0, 255).astype(np.uint8)


def _streaks(page: Page, rng: np.random.Generator) -> np.ndarray:
    """What dirty and worn dots of the print head leave of the ink, row by row: shape (height,)."""
    left = np.ones(page.height_px, np.float32)
    for _ in range(int(rng.integers(MOST_STREAKS + 1))):
        first = int(rng.integers(page.height_px))
        rows = max(1, round(rng.uniform(*STREAK_MM) * page.px_per_mm))
        left[first : first + rows] *= rng.uniform(0.35, 0.85)
    return left


def _paper_light(page: Page, rng: np.random.Generator) -> np.ndarray:
    """Darkening of the paper towards its edges, and where it lay in the warmth: shape (rows, columns)."""
    size = page.width_px, page.height_px
    corners = corner_light(*size, rng.uniform(DARKEST, 1, (2, 2)))
    x, y = rng.uniform(-0.1, 1.1, 2)
    return corners * spot_light(*size, (x, y), rng.uniform(0.1, 0.5), -rng.uniform(0, 0.2))


def _yellow(rng: np.random.Generator) -> np.ndarray:
    yellowing = rng.uniform(*YELLOWINGS)
    return rng.uniform(0.9, 1.0) * np.array([1, 1 - yellowing / 3, 1 - yellowing])
