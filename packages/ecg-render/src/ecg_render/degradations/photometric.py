"""Changes of a picture that leave everything where it is. Images are uint8 RGB, shape (height, width, 3)."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import cv2
import numpy as np

NEUTRAL_NOISE = 128


def blur(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """Defocus, as a Gaussian."""
    return cv2.GaussianBlur(image, (0, 0), sigma_px)


def to_gray(image: np.ndarray) -> np.ndarray:
    """Luma in all three channels."""
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def light(image: np.ndarray, corner_light: np.ndarray) -> np.ndarray:
    """Tinted, uneven light.

    Args:
        image: the picture.
        corner_light: share of the light that arrives, from 0 to 1, on a coarse grid, shape (rows, columns, 1 or 3).
    """
    coarse = np.rint(255 * np.broadcast_to(corner_light, (*corner_light.shape[:2], 3))).astype(np.uint8)
    field = cv2.resize(coarse, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(image, field, scale=1 / 255)


@cache
def _normal_quantiles() -> np.ndarray:
    """Standard normal values that 256 equally likely bytes stand for."""
    return np.array([NormalDist().inv_cdf((byte + 0.5) / 256) for byte in range(256)])


def add_noise(image: np.ndarray, sigma: float, black_level: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of a sensor, the same in all channels, and black that is not quite black.

    Args:
        image: the picture.
        sigma: standard deviation in gray levels.
        black_level: gray level of perfect black.
        rng: gives one byte a pixel; a table turns it into a normal figure, far quicker than drawing one.
    """
    levels = np.rint(NEUTRAL_NOISE + sigma * _normal_quantiles()).clip(0, 255).astype(np.uint8)
    random_bytes = np.frombuffer(rng.bytes(image.shape[0] * image.shape[1]), np.uint8).reshape(image.shape[:2])
    in_colour = cv2.cvtColor(cv2.LUT(random_bytes, levels), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(image, 1 - black_level / 255, in_colour, 1, black_level - NEUTRAL_NOISE)


def compress_as_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """What is left after saving as JPEG."""
    _done, encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
