"""Photo of a page on a screen."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.camera import Camera, flat_warp
from ecg_render.degradations.colour_cast import random_cast
from ecg_render.degradations.moire import random_moire
from ecg_render.degradations.phone_processing import process_as_phone
from ecg_render.degradations.uneven_light import random_uneven_light
from ecg_render.degradations.warp import resample, source_map
from ecg_render.degradations.white_balance import balance_gains
from ecg_render.page import Page

FRAMES_RGB = ((14, 14, 16), (40, 41, 44), (226, 228, 232))
"""Colours beside the page: those of the screen's dark frame, or of the rest of a window."""

DISTANCES_MM = (350.0, 650.0)
MAX_TILT_DEG = 14.0
ROLL_DEG = 2.5
FILLS = (0.95, 1.12)
BRIGHTNESSES = (0.85, 1.05)
DARKEST_CORNER = 0.8
CASTS = (0.02, 0.1)
BLUISHNESS = (0.0, 0.12)


def degrade_as_screen(page: Page, seed: int) -> Page:
    """Photograph a screen that shows a page: slanted a little, bluish, with moiré.

    Args:
        page: any page.
        seed: decides everything; the same one gives the same bytes.

    Returns:
        A page of the same size whose coordinates have moved with the picture.
    """
    rng = np.random.default_rng(seed)
    camera = _camera(page, rng)
    warp = flat_warp(page, camera)
    around = FRAMES_RGB[rng.integers(len(FRAMES_RGB))]
    taken = resample(page, warp, source_map(warp), around, light=_light(camera, rng))
    return taken.redrawn(process_as_phone(random_moire(taken.image, rng), rng))


def _camera(page: Page, rng: np.random.Generator) -> Camera:
    pose = Camera(
        distance_mm=rng.uniform(*DISTANCES_MM),
        tilt_deg=rng.uniform(0, MAX_TILT_DEG),
        tilt_towards_deg=rng.uniform(0, 360),
        roll_deg=rng.normal(0, ROLL_DEG),
        size_px=(page.width_px, page.height_px),
    )
    return pose.aimed_at(page, rng.uniform(*FILLS))


def _light(camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Light of the screen, weaker where it is seen at a slant: shape (rows, columns, 3) of `coarse_nodes`."""
    light = rng.uniform(*BRIGHTNESSES) * random_uneven_light(*camera.size_px, rng, darkest=DARKEST_CORNER)
    cast = random_cast(*camera.size_px, rng, strength=rng.uniform(*CASTS))
    return light[..., None] * cast * balance_gains(-rng.uniform(*BLUISHNESS))
