"""Making edges steeper."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.defocus import blur


def sharpen(image: np.ndarray, sigma_px: float, amount: float) -> np.ndarray:
    """Unsharp masking: a picture, or a field of light, plus so many times what a Gaussian blur takes from it."""
    return cv2.addWeighted(image, 1 + amount, blur(image, sigma_px), -amount, 0)
