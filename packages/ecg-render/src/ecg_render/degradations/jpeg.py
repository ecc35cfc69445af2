"""Loss of compression."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.page import Page

QUALITIES = (15, 70)


def degrade(page: Page, seed: int) -> Page:
    """Save a page as JPEG of a random quality."""
    quality = int(np.random.default_rng(seed).integers(*QUALITIES))
    return page.redrawn(compress_as_jpeg(page.image, quality))


def compress_as_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """What is left of an RGB picture after saving as JPEG, quality from 1 to 100."""
    _done, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
