"""A flatbed scan of a printed page."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.affine import move_affinely
from ecg_render.degradations.coarse import shine
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.lighting import corner_light
from ecg_render.degradations.noise import add_noise
from ecg_render.page import Page

MAX_TURN_DEG = 1.5
MAX_SHIFT_MM = 2.0
BLUR_MM = (0.05, 0.11)
SHARE_OF_GRAY_SCANS = 0.4
PAPER_LIGHT = (0.93, 1.0)
YELLOWING = 0.05
"""Greatest share of the blue light that old paper swallows; of the green light it swallows a third of that."""

LIGHT_FALL = 0.06
"""Greatest share of the light that is missing in a corner of the glass."""

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
    moved = lay_on_glass(page, rng)
    image = blur(moved.image, rng.uniform(*BLUR_MM) * page.px_per_mm)
    if rng.random() < SHARE_OF_GRAY_SCANS:
        image = to_gray(shine(image, scanner_light(moved, rng)))
    else:
        image = shine(image, scanner_light(moved, rng)[..., None] * _paper_tint(rng))
    image = add_noise(image, rng.uniform(*NOISE_LEVELS), rng, black_level=rng.uniform(*BLACK_LEVELS))
    return moved.redrawn(compress_as_jpeg(image, int(rng.integers(*JPEG_QUALITIES))))


def lay_on_glass(page: Page, rng: np.random.Generator) -> Page:
    """The page turned and shifted a little under a nearly white lid."""
    lid = int(rng.integers(215, 256))
    return move_affinely(
        page,
        turn_deg=rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG),
        shift_mm=rng.uniform(-MAX_SHIFT_MM, MAX_SHIFT_MM, 2),
        around=(lid, lid, lid),
    )


def scanner_light(page: Page, rng: np.random.Generator) -> np.ndarray:
    """Light on the glass, weaker in its corners: shape (rows, columns) of `coarse_nodes`."""
    return corner_light(page.width_px, page.height_px, 1 - rng.uniform(0, LIGHT_FALL, (2, 2)))


def to_gray(image: np.ndarray) -> np.ndarray:
    """Luma in all three channels."""
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _paper_tint(rng: np.random.Generator) -> np.ndarray:
    """Light that the paper gives back in red, green and blue."""
    yellowing = rng.uniform(0, YELLOWING)
    return rng.uniform(*PAPER_LIGHT) * np.array([1, 1 - yellowing / 3, 1 - yellowing])
