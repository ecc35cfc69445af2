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
from ecg_digitize.digitizers.structure.compose import doubts_of_twice
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
from ecg_digitize.digitizers.vector.timing import Course, Pages, Timed, is_one_strip, timed

WRONG_DURATION = 0.15
"""Rows that are longer or shorter than the layout or the user says by more than this part are in doubt."""

SECONDS_BELOW_MM = 60.0
"""Seconds are printed no further from their row."""

BESIDE_ROWS_MM = 5.0

COURSES: Mapping[str, Course] = {"simultaneous": "columns at once", "continued": "row after row"}
"""How time goes on in layouts that do not say it by the paper."""


@attrs.frozen
class FoundRows:
    """Which leads stand where on a drawn page, before their times are known.

    Attributes:
        rows: pieces of every row, from left to right.
        row_seconds: the seconds that are printed along each row; empty where not every row has some.
        marks: what is printed equally high beside every row: its seconds, or its name; empty where there is none.
        layout: the layout that the user asked for; None where the page tells its own.
        doubts: what is not understood.
    """

    rows: Pages
    row_seconds: tuple[Seconds, ...]
    marks: tuple[Seconds | NameAt, ...]
    layout: Layout | None = None
    doubts: tuple[str, ...] = ()

    @property
    def told_course(self) -> Course | None:
        """How time goes on where the layout or a strip that goes on in the next row tells it; else None."""
        if self.layout is not None:
            return COURSES.get(self.layout.timing)
        begins_s = _begins_by_seconds(self.row_seconds)
        goes_on = begins_s is not None and all(len(row) == 1 for row in self.rows)
        return "row after row" if goes_on or is_one_strip(self.rows) else None

    @property
    def column_mm(self) -> float | None:
        """Usual length of a lead of a row with several; None where rows have one alone."""
        lengths = [piece.right_mm - piece.left_mm for row in self.rows if len(row) > 1 for piece in row]
        return float(np.median(lengths)) if lengths else None

    @property
    def row_mm(self) -> float:
        """Usual length of the rows that have most leads, without the gaps between these."""
        most = max(map(len, self.rows))
        return float(np.median([_length_mm(row) for row in self.rows if len(row) == most]))


def _length_mm(row: Sequence[Piece]) -> float:
    return sum(piece.right_mm - piece.left_mm for piece in row)


@attrs.frozen
class Structure:
    """What stands where on a drawn page.

    Attributes:
        rows: pieces of every row, from left to right.
        timing: their segments and the name of the page.
        doubts: what is not understood.
        notes: what a user should know as well.
        marks_mm: for a strip that goes on row by row, the height of what is printed equally high beside every row: its
            seconds, or its name; empty where there is no such thing.
    """

    rows: Pages
    timing: Timed
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    marks_mm: tuple[float, ...] = ()


def rows_as_printed(
    spans: Sequence[Span], names: Sequence[NameAt], seconds: Sequence[Seconds], *, lead: str | None
) -> FoundRows:
    """The rows as the page shows them.

    Args:
        spans: the traces.
        names: names of leads wherever they are printed.
        seconds: seconds that are printed along the rows.
        lead: the lead of a page that shows one alone.
    """
    numbers = rows_of(spans)
    named = names_of_rows(spans, numbers, names)
    rows = aligned([pieces_of(spans, row, own) for row, own in zip(numbers, named, strict=True)])
    if lead is not None and all(piece.lead == UNKNOWN_LEAD for row in rows for piece in row):
        rows = tuple(tuple(attrs.evolve(piece, lead=lead) for piece in row) for row in rows)
    own_seconds = tuple(_seconds_of_rows(spans, numbers, seconds))
    return FoundRows(
        rows=rows,
        row_seconds=own_seconds,
        marks=own_seconds or tuple(row[0] for row in named if len(row) == 1),
        doubts=(
            *_unused_names(spans, numbers, names, [_used(*each) for each in zip(named, rows, strict=True)]),
            *doubts_of_twice([[piece.lead for piece in row] for row in rows]),
        ),
    )


def rows_as_asked(spans: Sequence[Span], layout: Layout, seconds: Sequence[Seconds], *, num_names: int) -> FoundRows:
    """The rows of a page whose leads are those of a layout, whatever names are printed.

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
    own_seconds = tuple(_seconds_of_rows(spans, numbers, seconds))
    return FoundRows(rows=aligned(known), row_seconds=own_seconds, marks=own_seconds, layout=layout)


def with_times(found: FoundRows, course: Course, scale: PrintScale, settings: PrintSettings) -> Structure:
    """The structure of a page whose rows are known, and how time goes on over its columns.

    Args:
        found: its rows.
        course: how time goes on.
        scale: paper speed and gain.
        settings: what the user told.
    """
    begins_s = _begins_by_seconds(found.row_seconds)
    timing = timed(found.rows, mm_per_s=scale.speed_mm_per_s, course=course, row_begins_s=begins_s)
    if found.layout is not None:
        timing = attrs.evolve(timing, name=found.layout.name)
    doubts = (*found.doubts, *_wrong_duration(found.rows, scale, settings))
    return Structure(found.rows, timing, doubts, marks_mm=_marks_mm(found.marks, timing))


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


def _used(named: Sequence[NameAt], row: Sequence[Piece]) -> list[NameAt]:
    """The names of a row that name a piece of it."""
    leads = {piece.lead for piece in row}
    return [name for name in named if name.lead in leads]


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


def _wrong_duration(rows: Pages, scale: PrintScale, settings: PrintSettings) -> Iterator[str]:
    expected_s = settings.duration_s
    longest_s = scale.paper.duration_s(max(map(_length_mm, rows)))
    if expected_s is not None and abs(longest_s / expected_s - 1) > WRONG_DURATION:
        yield (
            f"the rows are {longest_s:.1f} s long at {scale.speed_mm_per_s:g} mm/s, not {expected_s:g} s; "
            "check --speed and --duration"
        )
