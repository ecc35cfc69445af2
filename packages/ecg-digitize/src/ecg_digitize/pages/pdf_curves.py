"""Paths of a PDF as lines from point to point: curves become as many straight pieces as they need."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from pypdfium2 import raw

TOLERANCE_MM = 0.005
"""Straight pieces are no further from their curve: half a microvolt at 10 mm/mV."""

MAX_PIECES = 256
"""Of one curve; those that span a whole page need 200."""


@attrs.frozen(eq=False)
class Line:
    """A connected part of a path.

    Attributes:
        points_px: float64, shape (points, 2), at least two.
        given_px: the points that the file gives, where others were put between them; else None.
    """

    points_px: np.ndarray
    given_px: np.ndarray | None


def lines_of_path(
    path: Any, to_picture: Callable[[np.ndarray], np.ndarray], *, px_per_mm: float, max_points: int
) -> tuple[list[Line], int]:
    """Connected parts of a path, none where it has too many points, and how many points it has.

    Args:
        path: PDFium's handle.
        to_picture: from the path's coordinates to pixels.
        px_per_mm: pixels a millimetre.
        max_points: what is more is not worked out.
    """
    kinds, corners = _segments(path)
    if not len(kinds):
        return [], 0
    corners = to_picture(corners)
    is_curve = kinds == raw.FPDF_SEGMENT_BEZIERTO
    # A curve stands in a path as three points: two that it bends towards, and its end.
    since = np.cumsum(is_curve) - np.maximum.accumulate(np.where(is_curve, 0, np.cumsum(is_curve)))
    ends = np.flatnonzero(~is_curve | (since % 3 == 0))
    ends = ends[~is_curve[ends] | (ends >= 3)]
    begins = np.concatenate((ends[:1], ends[:-1]))
    bends = np.stack([np.where(is_curve[ends], ends - back, ends) for back in (2, 1)])
    quads = corners[np.stack((begins, *bends, ends))]
    pieces = np.where(is_curve[ends], num_pieces(quads, TOLERANCE_MM * px_per_mm), 1)
    num_points = int(pieces.sum())
    if num_points > max_points:
        return [], num_points
    is_first = kinds[ends] == raw.FPDF_SEGMENT_MOVETO
    points = np.split(flattened(quads, pieces), (np.cumsum(pieces) - pieces)[is_first])
    if num_points == len(ends):
        return [Line(each, None) for each in points if len(each) > 1], num_points
    given = np.split(corners[ends], np.flatnonzero(is_first))
    return [Line(*each) for each in zip(points, given, strict=True) if len(each[0]) > 1], num_points


def num_pieces(quads: np.ndarray, tolerance: float) -> np.ndarray:
    """How many straight pieces each Bézier curve of third order needs.

    By Wang's bound: n pieces, even in the curve's parameter, are no further from it than 6/8 of its greatest second
    difference divided by n².

    Args:
        quads: first point, two that it bends towards, last point of every curve, shape (4, curves, 2).
        tolerance: in units of the points.
    """
    first, one, two, last = quads
    with np.errstate(all="ignore"):  # points beyond all paper overflow; such curves are no traces
        bend = np.maximum(np.linalg.norm(first - 2 * one + two, axis=1), np.linalg.norm(one - 2 * two + last, axis=1))
        needed = np.ceil(np.sqrt(0.75 * bend / tolerance))
        needed[_are_straight(quads, tolerance) | ~np.isfinite(needed)] = 1
    return np.asarray(np.clip(needed, 1, MAX_PIECES).astype(int))


def _are_straight(quads: np.ndarray, tolerance: float) -> np.ndarray:
    """Which curves run along the line from their first to their last point and not beyond."""
    first, one, two, last = quads
    along = last - first
    length = np.linalg.norm(along, axis=1)
    unit = along / np.maximum(length, 1e-12)[:, None]
    is_straight = np.ones(len(length), bool)
    for bend in (one - first, two - first):
        forwards = (bend * unit).sum(axis=1)
        aside = np.linalg.norm(bend - forwards[:, None] * unit, axis=1)
        is_straight &= (aside <= tolerance) & (forwards >= -tolerance) & (forwards <= length + tolerance)
    return is_straight


def flattened(quads: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """Points of curves one after another, each without its first and with its last one.

    Args:
        quads: the curves, shape (4, curves, 2).
        pieces: how many straight pieces each becomes.
    """
    number = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(number)) - (np.cumsum(pieces) - pieces)[number] + 1
    points = quads[3][number]
    between = step < pieces[number]
    t = (step / pieces[number])[between, None]
    first, one, two, last = quads[:, number[between]]
    points[between] = (1 - t) ** 3 * first + 3 * (1 - t) ** 2 * t * one + 3 * (1 - t) * t**2 * two + t**3 * last
    return points


def _segments(path: Any) -> tuple[np.ndarray, np.ndarray]:
    """Kind and point of every segment of a path, shapes (segments,) and (segments, 2)."""
    segments = [raw.FPDFPath_GetPathSegment(path, index) for index in range(raw.FPDFPath_CountSegments(path))]
    kinds = np.array([raw.FPDFPathSegment_GetType(segment) for segment in segments], int)
    return kinds, np.array([point_of(segment) for segment in segments], float).reshape(-1, 2)


def point_of(segment: Any) -> tuple[float, float]:
    """Where a segment ends."""
    x, y = ctypes.c_float(), ctypes.c_float()
    raw.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value
