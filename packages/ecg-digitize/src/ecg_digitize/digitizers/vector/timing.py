"""When in the record each piece of a page begins, and what such a page is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs
import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Layout, Segment
from ecg_digitize.digitizers.segments import printed_rows
from ecg_digitize.digitizers.vector.composition import Piece

SNAP_S = 0.1
"""Leads that begin so near to an equal share of their row begin there: some columns overlap or stand apart a little."""
ROUND_S, NEARLY_ROUND_S = 0.5, 0.06
"""Rows last a multiple of half a second where they nearly do: the last sample is drawn a step before the end."""
SAME_LENGTH = 0.03

Pages = tuple[tuple[Piece, ...], ...]
Course = Literal["along the paper", "columns end to end", "columns at once", "row after row"]
"""How time goes on: as the paper says, gaps included; without the gaps between columns; all columns showing the same
seconds; or a strip that goes on in the next row."""


@attrs.frozen
class Timed:
    """A page whose pieces have their times.

    Attributes:
        name: of the layout.
        segments: the segment of every piece, row by row.
        duration_s: length of the record.
        course: how time goes on.
    """

    name: str
    segments: tuple[tuple[Segment, ...], ...]
    duration_s: float
    course: Course


def timed(rows: Pages, *, mm_per_s: float, course: Course, row_begins_s: Sequence[float] | None = None) -> Timed:
    """Times of the pieces of a page.

    Args:
        rows: pieces of every row.
        mm_per_s: paper speed.
        course: how time goes on.
        row_begins_s: for a strip that goes on row by row, when each row begins at the left edge of the page; by
            default where the longest row before it ends.
    """
    left_mm = min(piece.left_mm for row in rows for piece in row)
    row_s = rounded_s(max(row[-1].right_mm - left_mm for row in rows) / mm_per_s)
    begins_s = [0.0] * len(rows)
    if course == "row after row":
        begins_s = list(row_begins_s) if row_begins_s is not None else [number * row_s for number in range(len(rows))]
    widest = max(map(len, rows))
    segments = tuple(
        tuple(
            Segment(
                lead=piece.lead,
                row=number,
                start_s=begins_s[number] + start_s,
                duration_s=duration_s,
                is_rhythm=len(row) == 1 < widest,
                at_s=(piece.left_mm - left_mm) / mm_per_s,
            )
            for piece, (start_s, duration_s) in zip(row, _times(row, left_mm, mm_per_s, row_s, course), strict=True)
        )
        for number, row in enumerate(rows)
    )
    return Timed(
        name=form(rows, course),
        segments=segments,
        duration_s=rounded_s(max(each.end_s for row in segments for each in row)),
        course=course,
    )


def rounded_s(duration_s: float) -> float:
    """A duration, a multiple of half a second where it is nearly one."""
    near = round(duration_s / ROUND_S) * ROUND_S
    return near if near and abs(near - duration_s) <= NEARLY_ROUND_S else round(duration_s, 3)


def _times(
    row: Sequence[Piece], left_mm: float, mm_per_s: float, row_s: float, course: Course
) -> list[tuple[float, float]]:
    """When each piece of a row begins, counted from the begin of the row, and how long it is."""
    lengths_s = [rounded_s((piece.right_mm - piece.left_mm) / mm_per_s) for piece in row]
    if course == "columns at once":
        return [(0.0, length_s) for length_s in lengths_s]
    if course == "columns end to end":
        return list(zip(np.cumsum([0.0, *lengths_s[:-1]]).tolist(), lengths_s, strict=True))
    starts_s = [(piece.left_mm - left_mm) / mm_per_s for piece in row]
    shares_s = [number * row_s / len(row) for number in range(len(row))]
    if all(abs(start - share) <= SNAP_S for start, share in zip(starts_s, shares_s, strict=True)):
        is_full = abs(starts_s[-1] + lengths_s[-1] - row_s) <= SNAP_S
        return [(share, row_s / len(row) if is_full else lengths_s[0]) for share in shares_s]
    return [
        (start_s, min(length_s, next_s - start_s))
        for start_s, length_s, next_s in zip(starts_s, lengths_s, [*starts_s[1:], np.inf], strict=True)
    ]


@attrs.frozen
class ColumnCourse:
    """How time goes on over the columns of a page by their lengths.

    Attributes:
        course: how.
        other: how else it may go on, where the columns do not touch; else None.
        is_clear: whether the lengths tell it.
    """

    course: Course
    other: Course | None = None
    is_clear: bool = True


def course_of_columns(rows: Pages, mm_per_s: float) -> ColumnCourse:
    """How time goes on over the columns of a page, told by a row of one lead, else by what makes round durations."""
    columns = [row for row in rows if len(row) > 1]
    if not columns:
        return ColumnCourse("along the paper")
    span_mm = float(np.median([row[-1].right_mm - row[0].left_mm for row in columns]))
    sum_mm = float(np.median([sum(piece.right_mm - piece.left_mm for piece in row) for row in columns]))
    longest_mm = float(np.median([max(piece.right_mm - piece.left_mm for piece in row) for row in columns]))
    gap_mm = (span_mm - sum_mm) / (np.median([len(row) for row in columns]) - 1)
    touch = gap_mm <= SNAP_S * mm_per_s
    whole = [row[0].right_mm - row[0].left_mm for row in rows if len(row) == 1]
    if whole:
        rhythm_mm = max(whole)
        if abs(rhythm_mm / longest_mm - 1) <= SAME_LENGTH:
            return ColumnCourse("columns at once")
        is_shorter = abs(rhythm_mm - sum_mm) < abs(rhythm_mm - span_mm)
        fits = abs(rhythm_mm / (sum_mm if is_shorter else span_mm) - 1) <= SAME_LENGTH
    else:
        round_ends, round_paper = (_is_round(each / mm_per_s) for each in (sum_mm, span_mm))
        is_shorter, fits = round_ends and not round_paper, round_ends != round_paper
    if touch:
        return ColumnCourse("along the paper")
    likely: tuple[Course, Course] = ("columns end to end", "along the paper")
    course, other = likely if is_shorter else likely[::-1]
    return ColumnCourse(course, other, is_clear=fits)


def _is_round(duration_s: float) -> bool:
    return abs(round(duration_s / ROUND_S) * ROUND_S - duration_s) <= NEARLY_ROUND_S


def form(rows: Pages, course: Course) -> str:
    """What a page is called after its form: ``3x4+2R``, ``6x1``, ``1x1 over 4 rows``."""
    if course == "row after row":
        return f"1x1 over {len(rows)} rows"
    widths = [len(row) for row in rows]
    body = [width for width in widths if width > 1] or widths
    num_rhythm = len(widths) - len(body)
    name = f"{len(body)}x{body[0]}" if len(set(body)) == 1 else "+".join(map(str, body))
    return f"{name}+{num_rhythm}R" if num_rhythm else name


def with_known_name(page: Timed, layouts: Mapping[str, Layout]) -> Timed:
    """The page under the name of the layout that has its rows and times, where one is known."""
    rows = tuple(tuple(each.lead for each in row) for row in page.segments)
    for name, layout in layouts.items():
        if printed_rows(layout) == rows and _has_times(page, layout):
            return attrs.evolve(page, name=name)
    return page


def _has_times(page: Timed, layout: Layout) -> bool:
    scaled = layout.lasting(layout.duration_s * page.duration_s / layout.record_s)
    starts = {(each.row, each.at_s): each.start_s for each in scaled.segments}
    expected = [start for _, start in sorted(starts.items())]
    found = [each.start_s for row in page.segments for each in row]
    return len(found) == len(expected) and bool(np.allclose(found, expected, atol=SNAP_S))


def is_one_strip(rows: Pages) -> bool:
    """Whether the rows of a page are one lead that goes on and on: each holds the same one alone."""
    names = {piece.lead for row in rows for piece in row}
    return len(rows) > 1 and all(len(row) == 1 for row in rows) and len(names) == 1 and UNKNOWN_LEAD not in names
