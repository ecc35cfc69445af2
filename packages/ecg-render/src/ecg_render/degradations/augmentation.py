"""Light to moderate augmentation of training pages and crops, one preset for each of the four data sets."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_render.degradations.affine import affine_warp
from ecg_render.degradations.coarse import shine
from ecg_render.degradations.colour_cast import random_cast
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.moire import random_moire
from ecg_render.degradations.motion_blur import blur_by_motion
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.perspective import corner_warp
from ecg_render.degradations.printer import random_print
from ecg_render.degradations.scan import to_gray
from ecg_render.degradations.shadow import random_shadow
from ecg_render.degradations.uneven_light import random_uneven_light
from ecg_render.degradations.warp import warp_page
from ecg_render.page import Page

SCALES = (0.92, 1.08)
CAST = 0.08
EXPOSURES = (0.88, 1.05)
MOIRE_DEPTHS = (0.04, 0.14)
MOTION_MM = (0.15, 0.4)
GRAIN_PX = (0.0, 1.0)
SHARE_OF_GRAY = 0.15
SHARE_OF_MOTION = 0.25
SHARE_OF_SHADOWS = 0.25
SHARE_OF_PRINTS = 0.2


@attrs.frozen(kw_only=True)
class Mix:
    """Bounds and shares of what happens to the pages of a data set.

    Attributes:
        turn_deg: most of the turn either way.
        corner_shift: most of the shift of a corner, as a share of the sides.
        share_blurred: share of the blurred pages.
        blur_mm: bounds of the blur's sigma.
        share_moire: share of the pages with moiré.
        noise: bounds of the noise in gray levels.
        jpeg: bounds of the JPEG quality.
        darkest: least share of the light in a corner.
    """

    turn_deg: float = 4.0
    corner_shift: float = 0.02
    share_blurred: float = 0.5
    blur_mm: tuple[float, float] = (0.04, 0.12)
    share_moire: float = 0.15
    noise: tuple[float, float] = (1.0, 6.0)
    jpeg: tuple[int, int] = (55, 96)
    darkest: float = 0.7


GRID = Mix(turn_deg=5.0, corner_shift=0.03)
GRID_MOIRE_BLUR_REQUIRED = Mix(share_blurred=1.0, blur_mm=(0.07, 0.16), share_moire=1.0)
WAVE_ONLY = Mix(turn_deg=3.0, corner_shift=0.015, share_blurred=0.35, blur_mm=(0.03, 0.09), share_moire=0.05)
GRID_WAVE_MIX = Mix(share_moire=0.2)


def degrade_as_grid(page: Page, seed: int) -> Page:
    """Augmentation for learning the grid."""
    return augment(page, GRID, np.random.default_rng(seed))


def degrade_as_grid_moire_blur_required(page: Page, seed: int) -> Page:
    """Augmentation for learning the grid where moiré and blur are never missing."""
    return augment(page, GRID_MOIRE_BLUR_REQUIRED, np.random.default_rng(seed))


def degrade_as_wave_only(page: Page, seed: int) -> Page:
    """Augmentation for learning the traces alone, which a thin line must outlast."""
    return augment(page, WAVE_ONLY, np.random.default_rng(seed))


def degrade_as_grid_wave_mix(page: Page, seed: int) -> Page:
    """Augmentation for learning grid and traces together."""
    return augment(page, GRID_WAVE_MIX, np.random.default_rng(seed))


def augment(page: Page, mix: Mix, rng: np.random.Generator) -> Page:
    """A page of the same size, moved, lit, blurred and noisy within the bounds of a mix."""
    if rng.random() < SHARE_OF_PRINTS:
        page = page.redrawn(random_print(page, rng))
    page = _moved(page, mix, rng)
    page = page.redrawn(shine(page.image, _light(page, mix, rng)))
    page = _blurred(page, mix, rng)
    image = random_moire(page.image, rng, depths=MOIRE_DEPTHS) if rng.random() < mix.share_moire else page.image
    image = add_noise(image, rng.uniform(*mix.noise), rng, grain_px=rng.uniform(*GRAIN_PX))
    if rng.random() < SHARE_OF_GRAY:
        image = to_gray(image)
    return page.redrawn(compress_as_jpeg(image, int(rng.integers(*mix.jpeg))))


def _moved(page: Page, mix: Mix, rng: np.random.Generator) -> Page:
    warp = affine_warp(page, turn_deg=rng.uniform(-mix.turn_deg, mix.turn_deg), scale=rng.uniform(*SCALES))
    shifts = rng.uniform(-mix.corner_shift, mix.corner_shift, (4, 2))
    level = int(rng.integers(40, 250))
    return warp_page(page, warp.then(corner_warp(page, shifts)), (level, level, level))


def _light(page: Page, mix: Mix, rng: np.random.Generator) -> np.ndarray:
    size = page.width_px, page.height_px
    light = rng.uniform(*EXPOSURES) * random_uneven_light(*size, rng, darkest=mix.darkest)
    if rng.random() < SHARE_OF_SHADOWS:
        light = light * random_shadow(*size, rng)
    return light[..., None] * random_cast(*size, rng, strength=rng.uniform(0, CAST))


def _blurred(page: Page, mix: Mix, rng: np.random.Generator) -> Page:
    if rng.random() >= mix.share_blurred:
        return page
    if rng.random() < SHARE_OF_MOTION:
        return blur_by_motion(page, length_mm=rng.uniform(*MOTION_MM), direction_deg=rng.uniform(0, 180))
    return page.redrawn(blur(page.image, rng.uniform(*mix.blur_mm) * page.px_per_mm))
