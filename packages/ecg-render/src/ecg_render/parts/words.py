"""Places of printed words."""

from __future__ import annotations

import numpy as np

from ecg_render.drawing.letters import letters
from ecg_render.geometry import PageScale


def corners(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Top left, top right, bottom right, bottom left of an upright box."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def font_px(size_mm: float, scale: PageScale) -> int:
    """Height of a font in pixels, at least one."""
    return max(1, round(size_mm * scale.px_per_mm))


def text_corners(text: str, size_px: int, font: str, start_px: float, baseline_px: float) -> np.ndarray:
    """Corners of the ink of a text that starts at a place, moved to whole pixels as letters are drawn."""
    ink = letters(text, size_px, font)
    left = round(start_px) + ink.left - 0.5
    top = round(baseline_px) + ink.top - 0.5
    height, width = ink.coverage.shape
    return corners(left, top, left + width, top + height)


def start_behind(before: str, text: str, size_px: int, font: str) -> int:
    """How far behind the start of the words before it a text starts that follows them in one line."""
    if not before.strip():
        return 0
    ink = letters(text, size_px, font)
    both = letters(before + text, size_px, font)
    return both.left + both.coverage.shape[1] - ink.coverage.shape[1] - ink.left
