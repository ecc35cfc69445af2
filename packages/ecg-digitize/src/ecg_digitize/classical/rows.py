"""Where the rows of a page lie: heights at which thin ink runs along most of the page's width."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import cv2
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Layout
from ecg_digitize.classical.rectify import PX_PER_MM
from ecg_digitize.classical.strokes import Runs

MAX_THIN_MM = 1.5
"""Runs taller than this are strokes of QRS complexes, letters and marks, and say little of where a row lies."""
BAND_SHARE = 0.4
"""Height of the band in which a trace is looked for, as part of the layout's row distance; traces wander."""
MIN_DISTANCE_SHARE = 0.6
MIN_SHARE = 0.5
"""Least part of the time axis along which a row must have ink near its baseline."""
MAX_UNEVENNESS = 1.6
"""Largest ratio of the distances between neighbouring rows."""
LONE_ROW_MM = 35.0
PLATEAU = 0.98


def find_rows(runs: Runs, page_height_px: int, layout: Layout, width_px: float) -> np.ndarray:
    """Baselines of the rows of a layout, from top to bottom.

    Args:
        runs: ink of the page.
        page_height_px: height of the flat page.
        layout: says how many rows there are.
        width_px: length of a row.

    Returns:
        float, shape (rows,), heights in pixels of the flat page.

    Raises:
        DataError: the page does not have these rows.
    """
    distance_mm = float(np.diff(layout.baselines_mm).min()) if layout.num_rows > 1 else LONE_ROW_MM
    band_mm = 2 * round(BAND_SHARE * distance_mm / 2) + 1
    share = _ink_share(runs, page_height_px, width_px, band_mm)
    peaks = [peak for peak in _peaks(share, round(MIN_DISTANCE_SHARE * distance_mm)) if share[peak] >= MIN_SHARE]
    if len(peaks) < layout.num_rows:
        raise DataError(
            f"the layout {layout.name} has {layout.num_rows} rows, and {len(peaks)} were found on the page: "
            "the traces are missing, too faint, or printed in another layout"
        )
    chosen = max(_even_choices(peaks, layout.num_rows), key=lambda rows: share[list(rows)].sum(), default=None)
    if chosen is None:
        raise DataError(f"{len(peaks)} lines of ink were found, but no {layout.num_rows} rows at even distances")
    return np.array([_baseline(runs, peak, band_mm) for peak in sorted(chosen)])


def row_distances_px(baselines_px: np.ndarray) -> list[float]:
    """Distance from each row to the nearest other one."""
    gaps = np.diff(baselines_px)
    if not len(gaps):
        return [LONE_ROW_MM * PX_PER_MM]
    return [float(min(gaps[max(row - 1, 0)], gaps[min(row, len(gaps) - 1)])) for row in range(len(baselines_px))]


def _ink_share(runs: Runs, page_height_px: int, width_px: float, band_mm: int) -> np.ndarray:
    """For every millimetre of height, the part of a row's length that has thin ink in the band around it."""
    thin = runs.height_px <= MAX_THIN_MM * PX_PER_MM
    present = np.zeros((int(page_height_px / PX_PER_MM) + 1, runs.num_columns), np.uint8)
    present[(runs.centre_px[thin] / PX_PER_MM).astype(int), runs.column[thin]] = 1
    band = cv2.dilate(present, np.ones((band_mm, 1), np.uint8))
    return band.sum(axis=1) / width_px


def _peaks(share: np.ndarray, min_distance_mm: int) -> Iterator[int]:
    """Heights in millimetres, the highest share first, none near a higher one; of a plateau its middle."""
    left = share.copy()
    while left.max() > 0:
        first = int(left.argmax())
        level = left[first:] >= PLATEAU * left[first]
        length = len(level) if level.all() else int(level.argmin())
        peak = first + (length - 1) // 2
        yield peak
        left[max(0, peak - min_distance_mm) : peak + min_distance_mm + 1] = 0


def _even_choices(peaks: list[int], count: int) -> Iterator[tuple[int, ...]]:
    for chosen in combinations(peaks, count):
        distances = np.diff(sorted(chosen))
        if len(distances) < 2 or distances.max() <= MAX_UNEVENNESS * distances.min():
            yield chosen


def _baseline(runs: Runs, peak_mm: int, band_mm: int) -> float:
    """Median height of the thin ink around a peak."""
    thin = runs.height_px <= MAX_THIN_MM * PX_PER_MM
    near = thin & (np.abs(runs.centre_px - (peak_mm + 0.5) * PX_PER_MM) <= band_mm / 2 * PX_PER_MM)
    return float(np.median(runs.centre_px[near]))
