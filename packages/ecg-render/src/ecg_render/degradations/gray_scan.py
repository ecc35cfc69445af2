"""A gray scan of a page from an office printer: grid lines in dashes and dots."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.coarse import shine
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.printer import print_in_lines
from ecg_render.degradations.scan import lay_on_glass, scanner_light, to_gray
from ecg_render.degradations.sharpening import sharpen
from ecg_render.page import Page

SCREENS_MM = (0.3, 0.55)
SCREEN_TURNS_DEG = (-1.2, 1.2)
"""A screen that lies nearly level breaks a line for centimetres at a time."""

HARDNESSES = (0.3, 1.8)
BLUR_MM = (0.05, 0.09)
SHARPENING = (0.2, 0.9)
SHARPENING_MM = 0.13
PAPER_LIGHT = (0.92, 0.99)
NOISE_LEVELS = (1.0, 3.0)
BLACK_LEVELS = (10.0, 60.0)


def degrade(page: Page, seed: int) -> Page:
    """Print a page in black and scan it in shades of gray."""
    rng = np.random.default_rng(seed)
    printed = page.redrawn(to_gray(page.image))
    screen_px = rng.uniform(*SCREENS_MM) * page.px_per_mm
    dots = print_in_lines(printed.image, screen_px, rng.uniform(*SCREEN_TURNS_DEG), rng.uniform(*HARDNESSES))
    moved = lay_on_glass(printed.redrawn(dots), rng)
    image = shine(moved.image, rng.uniform(*PAPER_LIGHT) * scanner_light(moved, rng))
    image = blur(image, rng.uniform(*BLUR_MM) * page.px_per_mm)
    image = add_noise(image, rng.uniform(*NOISE_LEVELS), rng, black_level=rng.uniform(*BLACK_LEVELS))
    return moved.redrawn(sharpen(image, max(SHARPENING_MM * page.px_per_mm, 0.3), rng.uniform(*SHARPENING)))
