"""Photo of a screen on which a program shows a page: its window, its dots, moiré, and lamps mirrored in the glass."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.coarse import coarse_nodes, enlarge
from ecg_render.degradations.lighting import relative_nodes
from ecg_render.degradations.resizing import scaled
from ecg_render.degradations.screen import degrade_as_screen
from ecg_render.degradations.screenshot import in_a_window, shown_coarsely
from ecg_render.page import Page

SHARE_IN_A_WINDOW = 0.7
SHARE_COARSE = 0.6
SHARE_GLARING = 0.7
CAMERA_PX_PER_MM = (3.2, 7.0)
MOST_GLARES = 3
GLARE_STRENGTHS = (25.0, 150.0)


def degrade(page: Page, seed: int) -> Page:
    """Photograph a screen by chance."""
    rng = np.random.default_rng(seed)
    shown = shown_coarsely(page, rng) if rng.random() < SHARE_COARSE else page
    if rng.random() < SHARE_IN_A_WINDOW:
        shown = in_a_window(shown, rng)
    finer = scaled(shown, _enlargement(page, shown, rng))
    taken = degrade_as_screen(finer, int(rng.integers(2**31)))
    return taken.redrawn(_with_glare(taken, rng)) if rng.random() < SHARE_GLARING else taken


def _enlargement(page: Page, shown: Page, rng: np.random.Generator) -> float:
    """How much finer the camera's pixels are than those of the screen's picture."""
    px_per_mm = page.px_per_mm * shown.width_px / max(page.width_px, 1)
    return float(np.clip(rng.uniform(*CAMERA_PX_PER_MM) / px_per_mm, 0.6, 2.0))


def _with_glare(page: Page, rng: np.random.Generator) -> np.ndarray:
    """Lamps and windows in the glass: spots and bands of light that lie over the picture."""
    x, y = relative_nodes(page.width_px, page.height_px)
    light = np.zeros(coarse_nodes(page.width_px, page.height_px).shape[:2], np.float32)
    for _ in range(int(rng.integers(1, MOST_GLARES + 1))):
        turn = rng.uniform(0, np.pi)
        along = (x - rng.uniform(0, 1)) * np.cos(turn) + (y - rng.uniform(0, 1)) * np.sin(turn)
        across = -(x - rng.uniform(0, 1)) * np.sin(turn) + (y - rng.uniform(0, 1)) * np.cos(turn)
        narrow, wide = rng.uniform(0.02, 0.12), rng.uniform(0.05, 0.6)
        light += rng.uniform(*GLARE_STRENGTHS) * np.exp(-((along / narrow) ** 2 + (across / wide) ** 2) / 2)
    glare = enlarge(light, page.width_px, page.height_px)[..., None]
    return np.rint(page.image + glare * (1 - page.image / 300)).clip(0, 255).astype(np.uint8)
