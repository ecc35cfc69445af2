"""Which curve of a drawing shows which lead: by the order of curves and names, not by where exactly names stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Layout, Segment
from ecg_digitize.digitizers.ordering import match_in_order
from ecg_digitize.digitizers.segments import printed_rows
from ecg_digitize.digitizers.vector.traces import Curve, Name

LEAST_SCORE = 0.7
NAME_ROWS_APART_MM = 4.0


@attrs.frozen(eq=False)
class Placed:
    """Curves in the places of a layout.

    Attributes:
        layout: the layout that fits.
        score: share of the names and segments that belong together; 1 is perfect.
        rows: curves of each row, from left to right: one for each of its leads, or one for all.
    """

    layout: Layout
    score: float
    rows: tuple[tuple[Curve, ...], ...]

    def curve_of(self, segment: Segment) -> tuple[Curve, bool]:
        """The curve that shows a segment, and whether it shows the whole row."""
        row = self.rows[segment.row]
        starts = sorted(each.at_s for each in self.layout.segments if each.row == segment.row)
        if len(row) == 1:
            return row[0], True
        return row[starts.index(segment.at_s)], False


def place_curves(
    curves: Sequence[Curve], names: Sequence[Name], layouts: Mapping[str, Layout], *, row_gap_px: float
) -> Placed:
    """The layout whose rows have as many curves, and whose leads stand in the order of the names.

    Args:
        curves: the curves of the drawing.
        names: printed beside them.
        layouts: the layouts that the page may have, by name; one alone is taken for granted, whatever the names say.
        row_gap_px: a millimetre.

    Raises:
        DataError: none fits.
    """
    printed = _name_rows(names, NAME_ROWS_APART_MM * row_gap_px)
    fits = [fit for layout in layouts.values() if (fit := _fit(curves, printed, layout)) is not None]
    best = max(fits, key=lambda fit: fit.score, default=None)
    if best is None or (best.score < LEAST_SCORE and len(layouts) > 1):
        found = f"{len(curves)} curves and {len(names)} names of leads are drawn"
        raise DataError(f"{found}; they make no layout that is known")
    return best


def _fit(curves: Sequence[Curve], printed: Sequence[Sequence[str]], layout: Layout) -> Placed | None:
    rows = _curve_rows(curves, layout.num_rows)
    leads = printed_rows(layout)
    if rows is None or any(len(row) not in (1, len(names)) for row, names in zip(rows, leads, strict=True)):
        return None
    num_names = sum(map(len, printed))
    matched = _matched(printed, leads)
    return Placed(layout, 2 * matched / (num_names + len(layout.segments)), rows)


def _curve_rows(curves: Sequence[Curve], num_rows: int) -> tuple[tuple[Curve, ...], ...] | None:
    """Curves of each row: the widest gaps between their levels part the rows."""
    if len(curves) < num_rows:
        return None
    ordered = sorted(curves, key=lambda curve: curve.level_px)
    gaps = np.diff([curve.level_px for curve in ordered])
    cuts = np.sort(np.argsort(gaps)[len(gaps) - (num_rows - 1) :]) + 1
    parts = np.split(np.arange(len(ordered)), cuts)
    return tuple(tuple(sorted((ordered[index] for index in part), key=lambda curve: curve.start_px)) for part in parts)


def _name_rows(names: Sequence[Name], apart_px: float) -> list[list[str]]:
    """Names of each printed row, from left to right."""
    rows: list[list[Name]] = []
    for name in sorted(names, key=lambda name: name.middle_px):
        if not rows or name.middle_px - rows[-1][-1].middle_px > apart_px:
            rows.append([])
        rows[-1].append(name)
    return [[name.lead for name in sorted(row, key=lambda name: name.left_px)] for row in rows]


def _matched(printed: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> int:
    """How many names stand in the right row, rows taken in order, and there in the right order."""
    return _in_order(np.array([[_in_order(_equal(names, row)) for row in rows] for names in printed]))


def _equal(names: Sequence[str], row: Sequence[str]) -> np.ndarray:
    return np.array([[int(name == lead) for lead in row] for name in names])


def _in_order(worth: np.ndarray) -> int:
    return int(sum(worth[pair] for pair in match_in_order(worth)))
