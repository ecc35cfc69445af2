"""Where the rows of a layout lie on a flat page: by the names of their leads, and by the ink of their traces.

Names say which rows there are and how far apart; by how much they stand above or below their trace depends on the
printer, but is the same for all rows of a page. The ink says where the traces are, but not which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM, Layout
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.markers.arrangement import Arrangement, Mark
from ecg_digitize.digitizers.neural.markers.upright import UprightPage

LEAST_SCORE = 0.5
"""Share of names and segments that must fit, for a layout to be told by them."""

NAME_REACH_MM = 18.0
"""How far names may stand above or below their row."""

ROW_BLUR_MM = 1.0
ROW_REACH_MM = 4.0
"""How far a row may lie from where the others would have it."""

MOST_UNEVEN = 0.3
"""How far a row may lie from where evenly spaced ones do, by their distance; what is farther was no name of it."""

LEAST_PITCH_MM = 8.0
LONG_ROW_INK, LONG_ROW_LENGTH = 0.4, 0.6
"""Shares of the ink and of the length of a short row that a long row has at least; a line of text is not as long."""

INKED = 0.3
"""Ink from which on there is a trace at a place."""

PITCHES_MM = np.arange(12.0, 50.0, 0.5)
"""Distances of rows that are tried where no names tell."""


@attrs.frozen(eq=False)
class PageRows:
    """The rows of a page.

    Attributes:
        layout: name of the layout.
        zeros_mm: height of each row's level line on the flat page, from its upper edge.
        time_zero_mm: where names of leads that begin at 0 s stand, from its left edge; None where no names tell.
        score: share of names and segments that fit the layout; 0 where it was given, not found.
    """

    layout: str
    zeros_mm: tuple[float, ...]
    time_zero_mm: float | None
    score: float


def find_rows(page: UprightPage, layouts: Mapping[str, Layout]) -> PageRows:
    """The rows of a page.

    Args:
        page: upright, with the names on it.
        layouts: the layouts that it may have, by name; one alone is taken for granted.

    Raises:
        DataError: none fits the names.
    """
    profile = ink_profile(page.flat)
    fit = page.fit
    layout = layouts[fit.layout]
    if fit.score >= LEAST_SCORE:
        fit, zeros = _with_its_long_rows(page, layouts, profile)
        return PageRows(fit.layout, tuple(zeros), fit.time_zero_mm, fit.score)
    if len(layouts) > 1:
        raise DataError(
            f"the layout was not recognised: {len(page.marks)} names of leads were read, "
            f"the best fit is {fit.layout} with {fit.score:.0%}; say which it is by --layout (`ecg list layouts`)"
        )
    return PageRows(fit.layout, tuple(evenly_spaced(profile, layout.num_rows)), None, 0.0)


def _with_its_long_rows(
    page: UprightPage, layouts: Mapping[str, Layout], profile: np.ndarray
) -> tuple[Arrangement, np.ndarray]:
    """The layout that the names make, with as many long rows as there is ink for; their names are often not printed.

    Returns:
        The fit, and the heights of its rows.
    """
    best = layouts[page.fit.layout]
    family = [fit for fit in page.fits if layouts[fit.layout].rows == best.rows]
    found = []
    for fit in sorted(family, key=lambda fit: -layouts[fit.layout].num_rows):
        layout = layouts[fit.layout]
        zeros = beside_names(profile, named_heights(page.marks, fit, layout.num_rows))
        if _has_ink_for_all(profile, page.flat.trace, zeros, len(layout.rows)):
            return fit, zeros
        found.append((fit, zeros))
    return next((each for each in found if each[0] is page.fit), found[-1])


def _has_ink_for_all(profile: np.ndarray, trace: np.ndarray, zeros_mm: np.ndarray, num_short: int) -> bool:
    """Whether the long rows, which stand below the short ones, have about as much ink as those, all along them."""
    apart = np.diff(zeros_mm).min(initial=np.inf) >= LEAST_PITCH_MM
    anywhere = np.median(_nearby(profile, LARGE_BOX_MM / 2))  # lines of the grid may be taken for ink
    ink = _at(profile, zeros_mm) - anywhere, np.array([_length(trace, zero_mm) for zero_mm in zeros_mm])
    shares = [values[num_short:].min(initial=np.inf) / max(np.median(values[:num_short]), 1e-9) for values in ink]
    return bool(apart and shares[0] >= LONG_ROW_INK and shares[1] >= LONG_ROW_LENGTH)


def _length(trace: np.ndarray, zero_mm: float) -> float:
    """Share of the paper's width over which there is ink near a height."""
    first, last = (round((zero_mm + away_mm) * PX_PER_MM) for away_mm in (-ROW_REACH_MM, ROW_REACH_MM))
    near = trace[max(first, 0) : max(last + 1, 0)]
    return float((near.max(axis=0) >= INKED).mean()) if near.size else 0.0


def ink_profile(page: FlatPage) -> np.ndarray:
    """How much trace lies at each height, `PX_PER_MM`; level stretches stand out."""
    return gaussian_filter1d(page.trace.mean(axis=1), ROW_BLUR_MM * PX_PER_MM, mode="constant")


def named_heights(marks: Sequence[Mark], fit: Arrangement, num_rows: int) -> np.ndarray:
    """Height of the names of each row in millimetres.

    Rows without any, and rows whose names stand where no row can be, stand evenly between or beyond the others.
    """
    heights = np.full(num_rows, np.nan)
    for row in range(num_rows):
        own = [mark.y_mm for mark, place in zip(marks, fit.row_of_mark, strict=True) if place == row]
        if own:
            heights[row] = np.median(own)
    known = np.isfinite(heights)
    if known.sum() == 1:
        return np.where(known, heights, np.nan)
    rows = np.arange(num_rows)
    pitch, start = _line_through(rows[known], heights[known])
    even = start + pitch * rows
    filled: np.ndarray = np.where(np.abs(heights - even) <= MOST_UNEVEN * abs(pitch), heights, even)
    return filled


def _line_through(places: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Slope and start of the line through most points, by the median of all slopes (Theil 1950, Sen 1968)."""
    first, second = np.triu_indices(len(places), 1)
    slope = float(np.median((values[second] - values[first]) / (places[second] - places[first])))
    return slope, float(np.median(values - slope * places))


def beside_names(profile: np.ndarray, heights_mm: np.ndarray) -> np.ndarray:
    """Heights of the rows whose names stand at some heights: all moved alike, then each to its own ink.

    Raises:
        DataError: the names of too few rows are known.
    """
    if not np.isfinite(heights_mm).all():
        raise DataError("the names of a single row were read; the others are not legible")
    shifts = np.arange(-NAME_REACH_MM, NAME_REACH_MM, 1 / PX_PER_MM)
    near = _nearby(profile, ROW_REACH_MM / 2)
    support = [_at(near, heights_mm + shift).sum() for shift in shifts]
    return _to_own_ink(profile, heights_mm + shifts[int(np.argmax(support))])


def evenly_spaced(profile: np.ndarray, num_rows: int) -> np.ndarray:
    """Heights of so many rows, about evenly spaced, with the most ink."""
    near = _nearby(profile, ROW_REACH_MM / 2)
    length_mm = len(profile) / PX_PER_MM
    rows = np.arange(num_rows)
    starts = np.arange(0, length_mm, 1.0)
    best, found = -1.0, np.zeros(num_rows)
    for pitch in PITCHES_MM if num_rows > 1 else PITCHES_MM[:1]:
        heights = starts[:, None] + pitch * rows
        support = np.where(heights[:, -1] < length_mm, _at(near, heights).sum(axis=1), 0)
        if support.max() > best:
            best, found = float(support.max()), heights[int(support.argmax())]
    return _to_own_ink(profile, found)


def _to_own_ink(profile: np.ndarray, heights_mm: np.ndarray) -> np.ndarray:
    """Each height moved to the most ink within reach."""
    reach = np.arange(-ROW_REACH_MM, ROW_REACH_MM, 1 / PX_PER_MM)
    around = _at(profile, heights_mm[:, None] + reach)
    return np.asarray(heights_mm + reach[around.argmax(axis=1)])


def _nearby(profile: np.ndarray, reach_mm: float) -> np.ndarray:
    return maximum_filter1d(profile, 2 * round(reach_mm * PX_PER_MM) + 1, mode="constant")


def _at(profile: np.ndarray, heights_mm: np.ndarray) -> np.ndarray:
    """Values at some heights, 0 beyond the page."""
    places = np.rint(heights_mm * PX_PER_MM).astype(int)
    inside = (places >= 0) & (places < len(profile))
    return np.where(inside, profile[places.clip(0, len(profile) - 1)], 0.0)
