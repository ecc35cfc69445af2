"""How far apart the beats of a page stand, by which a paper speed is plausible or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from ecg_core.curves import peaks_of

LEAST_APART_MM = 5.0
"""Beats of 300 a minute at 25 mm/s; nothing nearer counts as two."""

OVER_MM = 1.5
"""Steep parts of a complex within so much are one."""

PROMINENT = 0.35
"""A beat is so steep, by the steepest ones of its row."""

STEEPEST = 0.98
LEAST_BEATS = 3
MOST_UNEVEN = 2.2
"""A quarter of the distances of beats are so many times as long as another quarter at most, also where the rhythm is
irregular, or some beats are missed."""

LEAST_ROWS, MOST_ROWS, SAME_BEAT_MM = 3, 0.5, 3.0
"""Of so many rows more than such a part have a beat where the heart has one, so near to it: some rise, others fall."""

COMPLEX_MM, OF_ITS_STEEPEST = 6.0, 0.25
"""A complex lies within so much about its steepest place, and goes as far as it is so steep by that."""


def beat_distance_mm(rows_mm: Sequence[np.ndarray], step_mm: float) -> float | None:
    """Median distance of two beats; None where too few were seen, or what was taken for them lies anywhere.

    Args:
        rows_mm: heights of the traces along their rows, float, shape (samples,) each; NaN where there is none.
        step_mm: distance of two samples.
    """
    steep = [steepness(row, step_mm) for row in rows_mm]
    beats = [find_beats(own, step_mm) for own in steep]
    ways = (_distances_mm([_common_beats(steep, beats, step_mm)], step_mm), _distances_mm(beats, step_mm))
    return next((float(np.median(distances)) for distances in ways if are_beats(distances)), None)


def are_beats(distances: Sequence[float]) -> bool:
    """Whether so many distances, and such as they are, are those of beats: noise is as steep as wide complexes."""
    if len(distances) < LEAST_BEATS - 1:
        return False
    short, long = np.quantile(distances, (0.25, 0.75))
    return bool(long <= MOST_UNEVEN * short)


def _distances_mm(beats: Sequence[np.ndarray], step_mm: float) -> list[float]:
    """Distances of the beats of every row."""
    return [distance for own in beats for distance in (np.diff(own) * step_mm).tolist()]


def _common_beats(steep: Sequence[np.ndarray], beats: Sequence[np.ndarray], step_mm: float) -> np.ndarray:
    """Samples at which most rows have a beat, and all together have one, too, as noise of single rows has not.

    Args:
        steep: how steep the trace of each row is.
        beats: the beats of each of them.
        step_mm: distance of two samples.
    """
    length = min(map(len, steep), default=0)
    together = np.sum([own[:length] for own in steep], axis=0) if length else np.zeros(0)
    if len(steep) < LEAST_ROWS or together.max() <= 0:
        return np.zeros(0, int)
    common = find_beats(together / together.max(), step_mm)
    have_one = [np.abs(common[:, None] - own).min(axis=1, initial=length) for own in beats]
    return common[np.mean(np.array(have_one) * step_mm <= SAME_BEAT_MM, axis=0) > MOST_ROWS]


def steepness(row_mm: np.ndarray, step_mm: float) -> np.ndarray:
    """How steep a trace is about each sample, by the steepest parts of its row; 0 where there is none."""
    known = np.isfinite(row_mm)
    if known.sum() * step_mm < 2 * LEAST_APART_MM:
        return np.zeros(len(row_mm))
    filled = np.interp(np.arange(len(row_mm)), np.flatnonzero(known), row_mm[known])
    width = max(round(OVER_MM / step_mm), 1)
    steep = uniform_filter1d(np.abs(np.gradient(filled)), width) * maximum_filter1d(known, width)
    return np.asarray(steep / max(float(np.quantile(steep, STEEPEST)), 1e-9))


def find_beats(steep: np.ndarray, step_mm: float) -> np.ndarray:
    """Samples at which beats stand."""
    return peaks_of(steep, least=PROMINENT, apart=max(round(LEAST_APART_MM / step_mm), 1))


def complex_width_mm(rows_mm: Sequence[np.ndarray], step_mm: float) -> float | None:
    """Width of the QRS complexes, the median over the rows; None where too few were seen, or no beats.

    Args:
        rows_mm: as of `beat_distance_mm`.
        step_mm: distance of two samples.
    """
    beats = [find_beats(steepness(row, step_mm), step_mm) for row in rows_mm]
    if not are_beats(_distances_mm(beats, step_mm)):
        return None
    rows = zip(rows_mm, beats, strict=True)
    widths = [width for row, own in rows if (width := _complex_width_mm(row, own, step_mm)) is not None]
    return float(np.median(widths)) if widths else None


def _complex_width_mm(row_mm: np.ndarray, beats: np.ndarray, step_mm: float) -> float | None:
    known = np.isfinite(row_mm)
    reach = round(COMPLEX_MM / step_mm)
    inside = beats[(beats >= reach) & (beats < len(row_mm) - reach)]
    if len(inside) < LEAST_BEATS - 1:
        return None
    filled = np.interp(np.arange(len(row_mm)), np.flatnonzero(known), row_mm[known])
    slope = uniform_filter1d(np.abs(np.gradient(filled)), 3)
    widths = []
    for beat in inside:
        own = slope[beat - reach : beat + reach + 1]
        steep = np.flatnonzero(own >= OF_ITS_STEEPEST * own.max())
        widths.append((steep[-1] - steep[0]) * step_mm)
    return float(np.median(widths))
