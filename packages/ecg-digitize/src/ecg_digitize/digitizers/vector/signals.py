"""What the signals of a drawn page tell: which seconds its columns show, and which leads its long rows."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.printed_pieces import (
    END_TO_END,
    OPEN_TIMING,
    TIME_GOES_ON,
    PrintedPiece,
    are_columns_at_once,
    run_better_there,
    tell_copies,
    tell_long_rows,
)
from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.digitizers.vector.structure import FoundRows, Structure, renamed
from ecg_digitize.digitizers.vector.timing import Course, Pages, Timed, course_of_columns, timed
from ecg_digitize.digitizers.vector.traces import Curve, Drawn

PULSE_BEFORE_MM = 15.0
"""A pulse stands no further before its lead."""


@attrs.frozen
class ToldCourse:
    """How time goes on over the columns, and what makes that uncertain."""

    course: Course
    doubts: tuple[str, ...] = ()


def find_course(found: FoundRows, drawn: Drawn, grid: Scale, mm_per_s: float) -> ToldCourse:
    """How time goes on over the columns of a page, by their lengths and their signals.

    Args:
        found: the rows.
        drawn: the traces.
        grid: pixels a millimetre.
        mm_per_s: paper speed.
    """
    if found.told_course is not None:
        return ToldCourse(found.told_course)
    by_length = course_of_columns(found.rows, mm_per_s)
    if by_length.course == "columns at once":
        return ToldCourse(by_length.course)
    pieces = printed_pieces(found.rows, drawn, grid, mm_per_s=mm_per_s, course=by_length.course)
    at_once = are_columns_at_once(pieces, apart=_have_pulses_between(found.rows, drawn, grid))
    if at_once:
        return ToldCourse("columns at once")
    doubts = [OPEN_TIMING] if at_once is None else []
    if by_length.other is None:
        return ToldCourse(by_length.course, tuple(doubts))
    others = printed_pieces(found.rows, drawn, grid, mm_per_s=mm_per_s, course=by_length.other)
    is_other = run_better_there(others, pieces)
    if is_other is None and not by_length.is_clear:
        doubts.append(END_TO_END if by_length.course == "columns end to end" else TIME_GOES_ON)
    return ToldCourse(by_length.other if is_other else by_length.course, tuple(doubts))


def with_told_leads(structure: Structure, drawn: Drawn, grid: Scale, mm_per_s: float) -> Structure:
    """The structure with the leads of long rows, and of copies of other rows, that their signals tell."""
    timing = structure.timing
    pieces = printed_pieces(structure.rows, drawn, grid, mm_per_s=mm_per_s, course=timing.course)
    if any(piece.is_long for piece in pieces):
        told = tell_long_rows(pieces)
    elif timing.course == "row after row":
        return structure
    else:
        told = tell_copies(pieces)
    named = renamed(structure, told.leads)
    return attrs.evolve(named, doubts=(*structure.doubts, *told.doubts), notes=(*structure.notes, *told.notes))


def printed_pieces(rows: Pages, drawn: Drawn, grid: Scale, *, mm_per_s: float, course: Course) -> list[PrintedPiece]:
    """The leads of a page as they are drawn, at the places of paper on which they would stand without gaps.

    Args:
        rows: pieces of every row.
        drawn: the traces.
        grid: pixels a millimetre.
        mm_per_s: paper speed.
        course: how time goes on over the columns: where in the long rows a lead has its like.
    """
    timing = timed(rows, mm_per_s=mm_per_s, course=course)
    places = _places_of_columns(timing)
    pieces = []
    for row, segments in zip(rows, timing.segments, strict=True):
        for number, (piece, segment) in enumerate(zip(row, segments, strict=True)):
            along_mm = np.arange(0.0, piece.right_mm - piece.left_mm, STEP_MM)
            pieces.append(
                PrintedPiece(
                    lead=piece.lead,
                    row=segment.row,
                    at_mm=places.get((len(row), number), segment.start_s) * mm_per_s,
                    column=number,
                    is_long=segment.is_rhythm,
                    x_mm=segment.start_s * mm_per_s + along_mm,
                    height_mm=_height_mm(drawn.curves[piece.span], piece.left_mm + along_mm, grid),
                )
            )
    return pieces


def heights_mm(drawn: Drawn, grid: Scale) -> list[np.ndarray]:
    """Height of every trace all along it, `STEP_MM` apart."""
    return [
        _height_mm(
            curve,
            np.arange(curve.start_px / grid.across_px_per_mm, curve.end_px / grid.across_px_per_mm, STEP_MM),
            grid,
        )
        for curve in drawn.curves
    ]


def _height_mm(curve: Curve, at_mm: np.ndarray, grid: Scale) -> np.ndarray:
    x_px, y_px = curve.points_px.T
    height = -np.interp(at_mm * grid.across_px_per_mm, x_px, y_px, left=np.nan, right=np.nan) / grid.down_px_per_mm
    return np.asarray(height)


def _places_of_columns(timing: Timed) -> dict[tuple[int, int], float]:
    """When each column begins, by the leads of a row and the number of the column: the median over such rows."""
    starts: dict[tuple[int, int], list[float]] = {}
    for row in timing.segments:
        for number, segment in enumerate(row):
            starts.setdefault((len(row), number), []).append(segment.start_s)
    return {key: float(np.median(own)) for key, own in starts.items()}


def _have_pulses_between(rows: Pages, drawn: Drawn, grid: Scale) -> bool:
    """Whether a pulse stands before the second lead of a row, or a later one."""
    return any(
        piece.left_mm - PULSE_BEFORE_MM <= pulse.left_px / grid.across_px_per_mm <= piece.left_mm
        for row in rows
        for piece in row[1:]
        for pulse in drawn.pulses
    )
