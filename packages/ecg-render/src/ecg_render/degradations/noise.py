"""Noise of an image sensor."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import cv2
import numpy as np

from ecg_render.degradations.defocus import blur
from ecg_render.page import Page

SIGMAS = (3.0, 12.0)
MAX_GRAIN_PX = 1.2
NEUTRAL = 128


def degrade(page: Page, seed: int) -> Page:
    """Add a random amount of noise."""
    rng = np.random.default_rng(seed)
    sigma, grain_px = rng.uniform(*SIGMAS), rng.uniform(0, MAX_GRAIN_PX)
    return page.redrawn(add_noise(page.image, sigma, rng, grain_px=grain_px))


def add_noise(
    image: np.ndarray, sigma: float, rng: np.random.Generator, *, grain_px: float = 0.0, black_level: float = 0.0
) -> np.ndarray:
    """A picture with noise, the same in all channels.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        sigma: standard deviation in gray levels.
        rng: gives one byte a pixel; a table turns it into a normal figure, far quicker than drawing one.
        grain_px: radius over which neighbours share their noise, as after a camera's own smoothing.
        black_level: gray level that perfect black gets.
    """
    sharp_sigma = sigma * max(1.0, 2 * np.sqrt(np.pi) * grain_px)
    levels = np.rint(NEUTRAL + sharp_sigma * _normal_quantiles()).clip(0, 255).astype(np.uint8)
    random_bytes = np.frombuffer(rng.bytes(image.shape[0] * image.shape[1]), np.uint8).reshape(image.shape[:2])
    noise = cv2.LUT(random_bytes, levels)
    if grain_px > 0:
        noise = blur(noise, grain_px)
    in_colour = cv2.cvtColor(noise, cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(image, 1 - black_level / 255, in_colour, 1, black_level - NEUTRAL)


@cache
def _normal_quantiles() -> np.ndarray:
    """Standard normal values that 256 equally likely bytes stand for."""
    return np.array([NormalDist().inv_cdf((byte + 0.5) / 256) for byte in range(256)])
