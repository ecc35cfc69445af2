"""An office printer: what is neither black nor white is printed as full dots, line screen by line screen.

The lines of the screen run nearly across the page, so an upright grid line comes out as dashes, and a level one, lying
along the screen, solid or thin as it happens to fall.
"""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.page import Page

SCREENS_MM = (0.35, 0.6)
FINEST_SCREEN_PX = 2.0
SCREEN_TURNS_DEG = (-8.0, 8.0)
HARDNESSES = (0.3, 1.5)
DARKEST, LIGHTEST = 70.0, 235.0
"""Levels below and above which there is no bare paper and no ink."""


def degrade(page: Page, seed: int) -> Page:
    """Print a page on a random printer."""
    return page.redrawn(random_print(page, np.random.default_rng(seed)))


def random_print(page: Page, rng: np.random.Generator, hardnesses: tuple[float, float] = HARDNESSES) -> np.ndarray:
    """Picture of the page from a random printer whose dots are as hard as the bounds allow."""
    screen_px = rng.uniform(*SCREENS_MM) * page.px_per_mm
    return print_in_lines(page.image, screen_px, rng.uniform(*SCREEN_TURNS_DEG), rng.uniform(*hardnesses))


def print_in_lines(image: np.ndarray, screen_px: float, turn_deg: float, hardness: float) -> np.ndarray:
    """A picture through a line screen.

    Args:
        image: uint8, shape (height, width) or (height, width, 3); each channel is screened by itself.
        screen_px: from one line of the screen to the next; pixels show none finer than two.
        turn_deg: turn of the screen's lines against the rows.
        hardness: how far levels are driven away from the screen's; 0 leaves the picture as it is, infinite makes it
            black and white.
    """
    height, width = image.shape[:2]
    threshold = line_screen(width, height, max(screen_px, FINEST_SCREEN_PX), turn_deg)
    if image.ndim == 3:
        threshold = cv2.cvtColor(threshold, cv2.COLOR_GRAY2RGB)
    if np.isinf(hardness):
        return cv2.compare(image, threshold, cv2.CMP_GT)
    return cv2.addWeighted(image, 1 + hardness, threshold, -hardness, 0)


def line_screen(width: int, height: int, screen_px: float, turn_deg: float) -> np.ndarray:
    """Levels above which a pixel stays paper, in waves across nearly level lines: uint8, shape (height, width)."""
    waves = np.arange(256) / 256
    levels = np.rint(DARKEST + (LIGHTEST - DARKEST) * (1 - np.abs(2 * waves - 1))).astype(np.uint8)
    turn = np.radians(turn_deg)
    along = np.arange(width) * np.sin(turn) / screen_px
    across = np.arange(height) * np.cos(turn) / screen_px
    phase = np.add.outer(_as_byte(across), _as_byte(along))
    return np.asarray(cv2.LUT(phase, levels))


def _as_byte(turns: np.ndarray) -> np.ndarray:
    """Fractions of a wave in 256ths; sums of bytes wrap round as waves do."""
    return (turns % 1 * 256).astype(np.uint8)
