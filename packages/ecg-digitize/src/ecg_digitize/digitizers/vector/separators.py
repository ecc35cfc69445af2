"""Strokes between leads that are drawn in one go with the traces of a row, which are no signal."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.digitizers.vector.structure import Structure
from ecg_digitize.digitizers.vector.traces import Curve, Drawn

NEAR_MM = 2.5
"""A separator stands no further from where names and lengths put the border of two leads."""
UPRIGHT_MM = 0.015
BEYOND_MM = 1.5
"""It sticks out so far above or below both traces that it parts."""


def without_separators(drawn: Drawn, structure: Structure, grid: Scale) -> tuple[Drawn, Structure]:
    """Curves without the separators that stand where one lead ends and the next begins, and leads that begin there."""
    curves = list(drawn.curves)
    rows = []
    for row in structure.rows:
        pieces = list(row)
        for number in range(1, len(row)):
            before, piece = pieces[number - 1], pieces[number]
            if before.span != piece.span:
                continue
            found = _separator(curves[piece.span], piece.left_mm * grid.across_px_per_mm, grid)
            if found is not None:
                first, last = found
                at_mm = float(curves[piece.span].points_px[first, 0]) / grid.across_px_per_mm
                curves[piece.span] = _without(curves[piece.span], first, last)
                pieces[number - 1] = attrs.evolve(before, right_mm=at_mm)
                pieces[number] = attrs.evolve(piece, left_mm=at_mm)
        rows.append(tuple(pieces))
    return attrs.evolve(drawn, curves=tuple(curves)), attrs.evolve(structure, rows=tuple(rows))


def _separator(curve: Curve, at_px: float, grid: Scale) -> tuple[int, int] | None:
    """First and last point of the upright stroke nearest to a place; None where there is none."""
    x, y = curve.points_px.T
    upright = np.abs(np.diff(x)) <= UPRIGHT_MM * grid.across_px_per_mm
    edges = np.flatnonzero(np.diff(np.concatenate(([False], upright, [False])).astype(int)))
    found = [
        (abs(float(x[first]) - at_px), int(first), int(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if last - first >= 2 and _sticks_out(y[first : last + 1], BEYOND_MM * grid.down_px_per_mm)
    ]
    near = [each for each in found if each[0] <= NEAR_MM * grid.across_px_per_mm]
    return min(near)[1:] if near else None


def _sticks_out(heights: np.ndarray, least_px: float) -> bool:
    ends = heights[[0, -1]]
    return bool(ends.min() - heights.min() >= least_px or heights.max() - ends.max() >= least_px)


def _without(curve: Curve, first: int, last: int) -> Curve:
    kept = np.ones(len(curve.points_px), bool)
    kept[first + 1 : last] = False
    return attrs.evolve(curve, points_px=curve.points_px[kept])
