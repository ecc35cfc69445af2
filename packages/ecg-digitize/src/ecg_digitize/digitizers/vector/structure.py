"""The structure of a drawn page: composed from its spans, names and texts, or that of the layout that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Layout
from ecg_digitize.digitizers.print_scale import PrintScale, PrintSettings
from ecg_digitize.digitizers.segments import printed_rows
from ecg_digitize.digitizers.vector.composition import (
    Piece,
    Rows,
    Span,
    aligned,
    named_pieces,
    names_of_rows,
    pieces_of,
    rows_by_gaps,
    rows_of,
)
from ecg_digitize.digitizers.vector.printed import NameAt, Seconds
from ecg_digitize.digitizers.vector.timing import Course, Timed, course_of_columns, is_one_strip, timed

WRONG_DURATION = 0.15
"""Rows that are longer or shorter than the layout or the user says by more than this part are in doubt."""

SECONDS_BELOW_MM = 60.0
"""Seconds are printed no further from their row."""

BESIDE_ROWS_MM = 5.0

COURSES: Mapping[str, Course] = {"simultaneous": "columns at once", "continued": "row after row"}
"""How time goes on in layouts that do not say it by the paper."""


@attrs.frozen
class Structure:
    """What stands where on a drawn page.

    Attributes:
        rows: pieces of every row, from left to right.
        timing: their segments and the name of the page.
        doubts: what is not understood.
        marks_mm: for a strip that goes on row by row, the height of what is printed equally high beside every row: its
            seconds, or its name; empty where there is no such thing.
    """

    rows: tuple[tuple[Piece, ...], ...]
    timing: Timed
    doubts: tuple[str, ...] = ()
    marks_mm: tuple[float, ...] = ()


def composed(
    spans: Sequence[Span],
    names: Sequence[NameAt],
    seconds: Sequence[Seconds],
    *,
    scale: PrintScale,
    settings: PrintSettings,
    lead: str | None,
) -> Structure:
    """The structure as the page shows it.

    Args:
        spans: the traces.
        names: names of leads wherever they are printed.
        seconds: seconds that are printed along the rows.
        scale: paper speed and gain.
        settings: what the user told.
        lead: the lead of a page that shows one alone.
    """
    numbers = rows_of(spans)
    named = names_of_rows(spans, numbers, names)
    rows = aligned([pieces_of(spans, row, own) for row, own in zip(numbers, named, strict=True)])
    if lead is not None and all(piece.lead == UNKNOWN_LEAD for row in rows for piece in row):
        rows = tuple(tuple(attrs.evolve(piece, lead=lead) for piece in row) for row in rows)
    speed = scale.speed_mm_per_s
    own_seconds = _seconds_of_rows(spans, numbers, seconds)
    begins_s = _begins_by_seconds(own_seconds)
    goes_on = is_one_strip(rows) or (begins_s is not None and all(len(row) == 1 for row in rows))
    timing = timed(
        rows,
        mm_per_s=speed,
        course="row after row" if goes_on else course_of_columns(rows, speed),
        row_begins_s=begins_s,
    )
    doubts = [*_unused_names(spans, numbers, names, named), *_wrong_duration(spans, numbers, scale, settings)]
    marks: Sequence[Seconds | NameAt] = own_seconds or [row[0] for row in named if len(row) == 1]
    return Structure(rows, timing, tuple(doubts), _marks_mm(marks, timing))


def as_asked(
    spans: Sequence[Span],
    layout: Layout,
    seconds: Sequence[Seconds],
    *,
    scale: PrintScale,
    settings: PrintSettings,
    num_names: int,
) -> Structure:
    """The structure of a page whose leads are those of a layout, whatever names are printed.

    Raises:
        DataError: the page has other rows.
    """
    leads = printed_rows(layout)
    numbers: Rows | None = rows_of(spans)
    if tuple(map(len, numbers or ())) != tuple(map(len, leads)):
        numbers = rows_by_gaps(spans, layout.num_rows)
    found = [named_pieces(spans, row, own) for row, own in zip(numbers or (), leads, strict=False)]
    known = [row for row in found if row is not None]
    if numbers is None or len(known) != len(leads):
        raise DataError(
            f"{len(spans)} traces and {num_names} names of leads are drawn; they do not make the layout {layout.name}"
        )
    rows, speed = aligned(known), scale.speed_mm_per_s
    course: Course = COURSES.get(layout.timing) or course_of_columns(rows, speed)
    own_seconds = _seconds_of_rows(spans, numbers, seconds)
    timing = timed(rows, mm_per_s=speed, course=course, row_begins_s=_begins_by_seconds(own_seconds))
    doubts = tuple(_wrong_duration(spans, numbers, scale, settings))
    return Structure(rows, attrs.evolve(timing, name=layout.name), doubts, _marks_mm(own_seconds, timing))


def renamed(structure: Structure, leads: Mapping[int, str]) -> Structure:
    """The structure with other leads in rows of a single piece, by number of the row."""
    rows = tuple(
        tuple(attrs.evolve(piece, lead=leads.get(number, piece.lead)) for piece in row)
        for number, row in enumerate(structure.rows)
    )
    segments = tuple(
        tuple(attrs.evolve(segment, lead=leads.get(number, segment.lead)) for segment in row)
        for number, row in enumerate(structure.timing.segments)
    )
    return attrs.evolve(structure, rows=rows, timing=attrs.evolve(structure.timing, segments=segments))


def _seconds_of_rows(spans: Sequence[Span], rows: Rows, seconds: Sequence[Seconds]) -> list[Seconds]:
    """The seconds that are printed along each row; none where not every row has some."""
    ordered = sorted(seconds, key=lambda each: each.middle_mm)
    levels = [float(np.median([spans[number].level_mm for number in row])) for row in rows]
    if len(rows) != len(ordered):
        return []
    near = (abs(each.middle_mm - level) <= SECONDS_BELOW_MM for each, level in zip(ordered, levels, strict=True))
    return ordered if all(near) else []


def _begins_by_seconds(seconds: Sequence[Seconds]) -> list[float] | None:
    """When each row begins by the seconds along it; None where these do not go on from row to row."""
    if len(seconds) < 2:
        return None
    first = seconds[0]
    begins = [
        each.first_s - first.first_s - round((each.first_mm - first.first_mm) / first.apart_mm) for each in seconds
    ]
    return [float(each) for each in begins] if min(np.diff(begins)) > 0 else None


def _marks_mm(marks: Sequence[Seconds | NameAt], timing: Timed) -> tuple[float, ...]:
    is_told = timing.course == "row after row" and len(marks) == len(timing.segments)
    return tuple(mark.middle_mm for mark in marks) if is_told else ()


def _unused_names(
    spans: Sequence[Span], rows: Rows, names: Sequence[NameAt], named: Sequence[Sequence[NameAt]]
) -> Iterator[str]:
    """Names among the traces that belong to none."""
    levels = [spans[number].level_mm for row in rows for number in row]
    used = {name for row in named for name in row}
    left = [
        name.lead
        for name in names
        if name not in used and min(levels) - BESIDE_ROWS_MM <= name.middle_mm <= max(levels) + BESIDE_ROWS_MM
    ]
    if left:
        yield f"the names {', '.join(left)} are printed among the traces, but belong to none of them"


def _wrong_duration(spans: Sequence[Span], rows: Rows, scale: PrintScale, settings: PrintSettings) -> Iterator[str]:
    expected_s = settings.duration_s
    longest_mm = max(sum(spans[number].right_mm - spans[number].left_mm for number in row) for row in rows)
    longest_s = scale.paper.duration_s(longest_mm)
    if expected_s is not None and abs(longest_s / expected_s - 1) > WRONG_DURATION:
        yield (
            f"the rows are {longest_s:.1f} s long at {scale.speed_mm_per_s:g} mm/s, not {expected_s:g} s; "
            "check --speed and --duration"
        )
