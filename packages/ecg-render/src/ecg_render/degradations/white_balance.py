"""A camera that takes the light for another one than it is."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.page import Page

MAX_WARMTH = 0.22
MAX_GREEN = 0.06
EXPOSURES = (0.8, 1.0)


def degrade(page: Page, seed: int) -> Page:
    """Balance the colours of a page for a random light."""
    rng = np.random.default_rng(seed)
    gains = balance_gains(rng.uniform(-MAX_WARMTH, MAX_WARMTH), rng.uniform(-MAX_GREEN, MAX_GREEN))
    return page.redrawn(balance(page.image, rng.uniform(*EXPOSURES) * gains))


def balance_gains(warmth: float, green: float = 0.0) -> np.ndarray:
    """Gains of red, green and blue; a warmth above 0 is yellowish, below it bluish. The brightness stays."""
    gains = np.exp([warmth / 2, green, -warmth / 2])
    return gains / (gains @ (0.299, 0.587, 0.114))


def balance(image: np.ndarray, gains: np.ndarray, *, gamma: float = 1.0) -> np.ndarray:
    """A picture with each channel times its gain, cut off at white, and a tone curve.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        gains: of red, green and blue.
        gamma: exponent of the tone curve; above 1 darkens what lies between black and white.
    """
    levels = 255 * ((np.arange(256) / 255) ** gamma)[:, None] * gains
    return cv2.LUT(image, np.rint(levels).clip(0, 255).astype(np.uint8).reshape(256, 1, 3))
