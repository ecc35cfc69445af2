"""Traces drawn through words: names of leads stand on them on many pages, and waves run through the letters."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_digitize.learning.drawn_words import is_dark
from ecg_digitize.learning.word_patches import PATCH_ANCHOR_PX

BASE_PX, NOISE_PX = 14.0, 1.2
"""The zero line stands so far above or below the middle of the word at most, and the trace is so restless at most."""

MOST_COMPLEXES, HEIGHT_PX, WIDTH_PX = 3, (10.0, 75.0), (4.0, 26.0)
"""So many complexes are drawn at most, so high and so wide from foot to foot."""

THICKNESS_PX = (1, 3)
SUBPIXEL_BITS = 4


def with_trace(paper: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A patch with a trace through the word at its anchor, one of whose complexes may stand on it.

    Args:
        paper: the patch, uint8 RGB.
        rng: chooses where the trace runs and what it looks like.
    """
    width = paper.shape[1]
    x_px = np.arange(-1.0, width + 1.0)
    y_px = PATCH_ANCHOR_PX[1] + rng.uniform(-1, 1) * BASE_PX + rng.normal(0, rng.uniform(0, NOISE_PX), len(x_px))
    y_px += rng.uniform(-4, 4) * np.sin(x_px / rng.uniform(40, 150) + rng.uniform(0, 6))
    for number in range(int(rng.integers(MOST_COMPLEXES + 1))):
        at_px = rng.uniform(0, width) if number else rng.normal(PATCH_ANCHOR_PX[0], 20)
        half_px = rng.uniform(*WIDTH_PX) / 2
        height_px = rng.uniform(*HEIGHT_PX) * rng.choice((-1.0, 1.0))
        y_px += height_px * np.maximum(1 - np.abs(x_px - at_px) / half_px, 0)
    points = np.rint(np.column_stack((x_px, y_px)) * 2**SUBPIXEL_BITS).astype(np.int32)
    cover = np.zeros(paper.shape[:2], np.uint8)
    cv2.polylines(cover, [points], False, 255, int(rng.integers(*THICKNESS_PX)), cv2.LINE_AA, SUBPIXEL_BITS)
    share = rng.uniform(0.5, 1.0) * cover[..., None] / 255
    rgb = rng.uniform(0, 90, 3)
    rgb = 255 - rgb if is_dark(paper) else rgb
    return np.clip(paper * (1 - share) + rgb * share, 0, 255).astype(np.uint8)
