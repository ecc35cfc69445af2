"""A flatbed scan of a printed page."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.geometric import turn_and_shift, warp_affine
from ecg_render.degradations.photometric import add_noise, blur, compress_as_jpeg, light, to_gray
from ecg_render.page import Page

MAX_TURN_DEG = 1.5
MAX_SHIFT_MM = 2.0
BLUR_MM = (0.05, 0.11)
SHARE_OF_GRAY_SCANS = 0.4
PAPER_LIGHT = (0.93, 1.0)
YELLOWING = 0.05
"""Most of the blue light that old paper swallows; of the green it is a third."""

LIGHT_FALL = 0.06
"""Most of the light missing in a corner of the glass."""

NOISE_LEVELS = (0.8, 3.5)
BLACK_LEVELS = (0.0, 35.0)
JPEG_QUALITIES = (70, 96)


def degrade_as_scan(page: Page, seed: int) -> Page:
    """Lay a page on a flatbed scanner: turned and shifted a little, blurred, gray or tinted, noisy, saved as JPEG.

    Args:
        page: any page.
        seed: decides everything; the same one gives the same bytes.

    Returns:
        A page of the same size whose coordinates have moved with the picture.
    """
    rng = np.random.default_rng(seed)
    moved = _lay_on_glass(page, rng)
    image = blur(moved.image, rng.uniform(*BLUR_MM) * page.px_per_mm)
    if rng.random() < SHARE_OF_GRAY_SCANS:
        image = to_gray(light(image, _lamp(rng)))
    else:
        image = light(image, _lamp(rng) * _paper_tint(rng))
    image = add_noise(image, rng.uniform(*NOISE_LEVELS), rng.uniform(*BLACK_LEVELS), rng)
    return moved.redrawn(compress_as_jpeg(image, int(rng.integers(*JPEG_QUALITIES))))


def _lay_on_glass(page: Page, rng: np.random.Generator) -> Page:
    angle_deg = rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG)
    shift_x, shift_y = rng.uniform(-MAX_SHIFT_MM, MAX_SHIFT_MM, 2) * page.px_per_mm
    centre_px = (page.width_px - 1) / 2, (page.height_px - 1) / 2
    lid = int(rng.integers(215, 256))
    return warp_affine(page, turn_and_shift(angle_deg, (shift_x, shift_y), centre_px), (lid, lid, lid))


def _lamp(rng: np.random.Generator) -> np.ndarray:
    """Light in the four corners of the glass, shape (2, 2, 1)."""
    return 1 - rng.uniform(0, LIGHT_FALL, (2, 2, 1))


def _paper_tint(rng: np.random.Generator) -> np.ndarray:
    """Light that the paper gives back in red, green and blue."""
    yellowing = rng.uniform(0, YELLOWING)
    return rng.uniform(*PAPER_LIGHT) * np.array([1, 1 - yellowing / 3, 1 - yellowing])
