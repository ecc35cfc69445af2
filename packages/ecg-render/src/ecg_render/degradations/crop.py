"""A picture cropped to the traces: head and foot are missing, and often the pulses and the first letters of names."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.cutting import cut_page
from ecg_render.page import Page

SHARE_WHOLE_SIDE = 0.15
"""How often a side of the page is not cropped at all."""

MOST_INTO_NAMES_MM = 3.5
MOST_OFF_THE_END_MM = 2.0
MOST_INTO_PEAKS_MM = 1.5
LEAST_ABOUT_ZERO_MM = 1.5
"""What stays above the zero line of the first row, and below that of the last one."""

SHARES_OF_THE_LEFT = (0.35, 0.35, 0.3)
"""How often the left edge lies before the pulses, in them, or between them and the first names' second letters."""

SHARE_OF_A_BARE_PICTURE = 0.1
"""Of a picture without traces at most so much is cut off a side."""


def degrade(page: Page, seed: int) -> Page:
    """Crop a page to its traces by chance."""
    return crop_by_chance(page, np.random.default_rng(seed))


def crop_by_chance(page: Page, rng: np.random.Generator) -> Page:
    """A page with its head, foot, left and right cut off: all traces stay, but for the end of a peak or of a row."""
    size_px = np.array([page.width_px, page.height_px])
    extent = _extent(page)
    if extent is None:
        least, most = np.zeros(2), SHARE_OF_A_BARE_PICTURE * size_px
        first, last = rng.uniform(least, most), size_px - rng.uniform(least, most)
    else:
        first, last = _edges(page, *extent, rng)
    left, top = np.floor(first).astype(int).clip(0, size_px - 2)
    right, bottom = np.ceil(last).astype(int).clip((left + 2, top + 2), size_px)
    return cut_page(page, int(left), int(top), int(right), int(bottom))


def _extent(page: Page) -> tuple[np.ndarray, np.ndarray] | None:
    """Left top and right bottom of what must stay: the traces but for the ends of peaks and rows."""
    points = [np.stack((piece.x_px, piece.y_px), axis=1) for piece in page.pieces]
    finite = [each for piece in points if len(each := piece[np.isfinite(piece).all(axis=1)])]
    if not finite:
        return None
    every, levels = np.concatenate(finite), [float(np.median(each[:, 1])) for each in finite]
    mm, size_px = page.px_per_mm, np.array([page.width_px, page.height_px])
    (left, top), (right, bottom) = every.min(axis=0), every.max(axis=0)
    top = min(top + MOST_INTO_PEAKS_MM * mm, min(levels) - LEAST_ABOUT_ZERO_MM * mm)
    bottom = max(bottom - MOST_INTO_PEAKS_MM * mm, max(levels) + LEAST_ABOUT_ZERO_MM * mm)
    return np.array((left, top)).clip(0, size_px), np.array((right - MOST_OFF_THE_END_MM * mm, bottom)).clip(0, size_px)


def _edges(page: Page, first: np.ndarray, last: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Left top and right bottom of what is kept."""
    size_px = np.array([page.width_px, page.height_px])
    left = _left(page, float(first[0]), rng)
    top = _between(0, first[1], rng)
    right, bottom = (_between(size, trace, rng) for size, trace in zip(size_px, last, strict=True))
    whole = rng.random(4) < SHARE_WHOLE_SIDE
    return np.where(whole[:2], 0, (left, top)), np.where(whole[2:], size_px, (right, bottom))


def _left(page: Page, start_px: float, rng: np.random.Generator) -> float:
    pulses = [pulse.corners_px[:, 0] for pulse in page.pulses if pulse.corners_px[:, 0].max() <= start_px]
    begin, end = (
        (min(each.min() for each in pulses), max(each.max() for each in pulses)) if pulses else (start_px, start_px)
    )
    part = rng.choice(3, p=SHARES_OF_THE_LEFT)
    bounds = ((0, begin), (begin, end), (end, start_px + MOST_INTO_NAMES_MM * page.px_per_mm))[part]
    return float(rng.uniform(min(bounds), max(bounds)))


def _between(edge: float, trace: float, rng: np.random.Generator) -> float:
    """A place from the sheet's edge to the trace, more often near the trace."""
    return float(edge + (trace - edge) * np.sqrt(rng.uniform(0, 1)))
