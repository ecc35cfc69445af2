"""Blur of a lens."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.page import Page

RADII_MM = (0.1, 0.35)


def degrade(page: Page, seed: int) -> Page:
    """Put a page out of focus by a random amount."""
    return defocus(page, radius_mm=np.random.default_rng(seed).uniform(*RADII_MM))


def defocus(page: Page, *, radius_mm: float) -> Page:
    """A page out of focus: each point becomes a disc of this radius."""
    return page.redrawn(
        cv2.filter2D(page.image, -1, _disc(radius_mm * page.px_per_mm), borderType=cv2.BORDER_REPLICATE)
    )


def blur(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """A picture blurred by a Gaussian, cut off at about two sigma, as by a lens nearly in focus."""
    size = 2 * max(1, round(2 * sigma_px)) + 1
    return cv2.GaussianBlur(image, (size, size), max(sigma_px, 0.1), borderType=cv2.BORDER_REPLICATE)


def _disc(radius_px: float) -> np.ndarray:
    """Kernel, shape (size, size) with odd size: share of each pixel's neighbourhood inside the disc."""
    reach = int(np.ceil(radius_px))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = (radius_px + 0.5 - np.hypot(x, y)).clip(0, 1)
    return inside / inside.sum()
