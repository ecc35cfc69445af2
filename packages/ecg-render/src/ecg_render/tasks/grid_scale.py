"""An estimate of the scale of ECG paper in a picture of which nothing is known, from the distance of its grid lines."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import cv2
import numpy as np

from ecg_core.curves import parabola_top
from ecg_core.paper import LARGE_BOX_MM

PAPER_ACROSS_MM = (120.0, 450.0)
"""Least and greatest length of paper that the longer side of a picture may show."""

WORK_PX = 2400
"""Longer side of the picture that is looked at."""

WINDOWS_ACROSS = 4
INK_PERCENTILE = 97.0
"""Darkness is cut off here: lines of the large boxes take about 8 % of a page, traces less than 3 %."""

MIN_PEAK_SHARE = 0.8
"""A shorter period is taken for the box when its peak is this share of the highest one."""


@attrs.frozen
class GridScale:
    """The boxes of a picture.

    Attributes:
        px_per_mm: pixels a millimetre of paper.
        confidence: from 0 to 1: how alike the picture is to itself one large box further on.
    """

    px_per_mm: float
    confidence: float


def estimate_scale(image: np.ndarray) -> GridScale | None:
    """The scale at which large boxes repeat in both directions, by the autocorrelation of darkness.

    It takes the paper to fill most of the picture (120 to 450 mm of it across), to lie about upright, and to have
    lines of the large boxes that can be told from those of the small ones.

    Args:
        image: uint8 RGB, shape (height, width, 3).

    Returns:
        None where nothing repeats.
    """
    shrink = min(1.0, WORK_PX / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else image
    longer_px = max(small.shape[:2])
    least, most = (longer_px * LARGE_BOX_MM / paper_mm for paper_mm in reversed(PAPER_ACROSS_MM))
    return _scale(
        np.median([_autocorrelation(part) for part in _windows(small, round(3 * most))], axis=0), least, most, shrink
    )


def grid_strength(image: np.ndarray, px_per_mm: float) -> float:
    """How clearly a picture shows a grid of about this scale, from 0 to 1."""
    box_px = px_per_mm * LARGE_BOX_MM
    if min(image.shape[:2]) < 2 * box_px:
        return 0.0
    found = _scale(_autocorrelation(image), 0.85 * box_px, 1.15 * box_px, 1.0)
    return 0.0 if found is None else found.confidence


def _windows(image: np.ndarray, side_px: int) -> Iterator[np.ndarray]:
    height, width = image.shape[:2]
    side_px = min(side_px, height, width)
    for top in np.linspace(0, height - side_px, WINDOWS_ACROSS - 1).astype(int):
        for left in np.linspace(0, width - side_px, WINDOWS_ACROSS).astype(int):
            yield image[top : top + side_px, left : left + side_px]


def _autocorrelation(window: np.ndarray) -> np.ndarray:
    """Autocorrelation along the rows and along the columns, shape (2, half the shorter side), 1 at lag 0."""
    dark = _darkness(window)
    height, width = dark.shape
    power = np.abs(np.fft.rfft2(dark, (2 * height, 2 * width))) ** 2
    both = np.fft.irfft2(power)
    half = min(height, width) // 2
    lags = np.arange(half)
    across, down = both[0, :half] / (width - lags), both[:half, 0] / (height - lags)
    return np.stack((across, down)) / max(float(across[0]), 1e-12)


def _darkness(window: np.ndarray) -> np.ndarray:
    """Darkness of each pixel against its surroundings, traces cut off at the darkness of the lines; its mean is 0."""
    gray = cv2.cvtColor(window, cv2.COLOR_RGB2GRAY).astype(np.float32)
    dark = np.maximum(0, cv2.blur(gray, (31, 31)) - gray)
    dark = np.minimum(dark, np.percentile(dark, INK_PERCENTILE))
    return np.asarray(dark - dark.mean())


def _scale(curves: np.ndarray, least_px: float, most_px: float, shrink: float) -> GridScale | None:
    """The shortest period between two bounds whose peak is about as high as the highest one, in both directions."""
    curve = np.minimum(*curves)
    lags = np.arange(max(1, int(least_px)), min(len(curve) - 1, int(most_px) + 1))
    peaks = [int(lag) for lag in lags if curve[lag] >= max(curve[lag - 1], curve[lag + 1])]
    if not peaks or (highest := max(curve[peaks])) <= 0:
        return None
    lag = next(lag for lag in peaks if curve[lag] >= MIN_PEAK_SHARE * highest)
    period_px = lag + float(parabola_top(*curve[lag - 1 : lag + 2]))
    return GridScale(period_px / LARGE_BOX_MM / shrink, float(min(1.0, curve[lag])))
