"""The processing of a picture in a phone, mostly sharpening."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.coarse import in_strips
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.sharpening import sharpen

BLUR_PX = (0.5, 0.9)
NOISE_LEVELS = (2.0, 5.0)
NOISE_GRAIN_PX = (0.6, 1.1)
SHARPENING = (0.5, 1.5)
SHARPENING_PX = 1.1
REACH_PX = 5
"""Distance over which blur and sharpening together have an effect."""

BLACK_LEVELS = (5.0, 40.0)
JPEG_QUALITIES = (78, 96)


def process_as_phone(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture after lens, sensor, sharpening and JPEG of a random phone."""
    blur_px, sigma, grain_px = rng.uniform(*BLUR_PX), rng.uniform(*NOISE_LEVELS), rng.uniform(*NOISE_GRAIN_PX)
    amount, black_level = rng.uniform(*SHARPENING), rng.uniform(*BLACK_LEVELS)

    def change(strip: np.ndarray) -> np.ndarray:
        noisy = add_noise(blur(strip, blur_px), sigma, rng, grain_px=grain_px, black_level=black_level)
        return sharpen(noisy, SHARPENING_PX, amount)

    return compress_as_jpeg(in_strips(image, change, reach_px=REACH_PX), int(rng.integers(*JPEG_QUALITIES)))
