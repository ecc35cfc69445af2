"""Which lead stands where, composed from what is drawn: spans of traces, and names wherever they stand beside them.

Everything is in millimetres of the paper and knows nothing of drawings, so that spans and names may come from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_digitize.digitizers.ordering import match_in_order
from ecg_digitize.digitizers.vector.printed import NameAt

SAME_LINE_MM = 4.0
OVERLAP_MM = 8.0
"""Traces that share more of the width of the page stand in different rows."""
WIDEST_ROW_MM = 15.0
NAME_LEFT_MM, NAME_FAR_MM = 20.0, 30.0
"""A name stands no further to the left of its trace, and no further above or below it."""
TALL_ROW = 0.75
"""But up to such a part of the distance of two rows: a row is as high as its tallest wave needs."""
NAME_SLACK = 0.45
"""Names of all rows stand equally high above or below their traces, but for this part of the distance of two rows."""
LEAST_SLACK_MM, MOST_SLACK_MM = 4.0, 12.0
EVEN = 0.2
"""Names are evenly spaced where their distances differ from an equal share of the row by less than this part."""
SAME_COLUMN_MM = 2.5
LEAST_PIECE_MM = 2.5
"""A lead that is shorter shows nothing of a heart."""


@attrs.frozen
class Span:
    """A trace that is drawn in one go.

    Attributes:
        left_mm: where it begins.
        right_mm: where it ends.
        level_mm: its usual height, downwards.
    """

    left_mm: float
    right_mm: float
    level_mm: float


@attrs.frozen
class Piece:
    """A piece of a row that shows one lead.

    Attributes:
        lead: its name; `UNKNOWN_LEAD` where there is none.
        span: number of the span that shows it.
        left_mm: where it begins.
        right_mm: where it ends.
    """

    lead: str
    span: int
    left_mm: float
    right_mm: float


Rows = tuple[tuple[int, ...], ...]


def rows_of(spans: Sequence[Span]) -> Rows:
    """Numbers of the spans of each row, from top to bottom and from left to right.

    The rows are told by the place across which most spans run; all others join the nearest row that has room.
    """
    at_mm = _busiest(spans)
    seeds = [number for number, span in enumerate(spans) if span.left_mm <= at_mm <= span.right_mm]
    rows = [[number] for number in sorted(seeds, key=lambda number: spans[number].level_mm)]
    levels = [spans[row[0]].level_mm for row in rows]
    reach_mm = min([*np.diff(levels) / 2, WIDEST_ROW_MM]) if len(rows) > 1 else WIDEST_ROW_MM
    reach_mm = max(reach_mm, float(np.median(np.diff(levels))) / 2 if len(rows) > 1 else reach_mm)
    others = [number for number in range(len(spans)) if number not in seeds]
    for number in sorted(others, key=lambda number: spans[number].left_mm):
        near = [row for row in rows if _has_room(spans, row, number)]
        best = min(near, key=lambda row: _height_apart(spans, row, number), default=None)
        if best is not None and _height_apart(spans, best, number) <= reach_mm:
            best.append(number)
        else:
            rows.append([number])
    ordered = [sorted(row, key=lambda number: spans[number].left_mm) for row in rows]
    return tuple(map(tuple, sorted(ordered, key=lambda row: np.median([spans[number].level_mm for number in row]))))


def rows_by_gaps(spans: Sequence[Span], num_rows: int) -> Rows | None:
    """So many rows, parted by the widest gaps between the levels of the spans; None where there are fewer spans."""
    if len(spans) < num_rows:
        return None
    ordered = sorted(range(len(spans)), key=lambda number: spans[number].level_mm)
    gaps = np.diff([spans[number].level_mm for number in ordered])
    cuts = np.sort(np.argsort(gaps)[len(gaps) - (num_rows - 1) :]) + 1
    parts = np.split(ordered, cuts)
    return tuple(tuple(sorted(map(int, part), key=lambda number: spans[number].left_mm)) for part in parts)


def named_pieces(spans: Sequence[Span], row: Sequence[int], leads: Sequence[str]) -> tuple[Piece, ...] | None:
    """The pieces of a row whose leads are known: one for each span, or equal shares of a single one; else None."""
    if len(row) == len(leads):
        return tuple(
            Piece(lead, number, spans[number].left_mm, spans[number].right_mm)
            for lead, number in zip(leads, row, strict=True)
        )
    if len(row) != 1:
        return None
    edges = np.linspace(spans[row[0]].left_mm, spans[row[0]].right_mm, len(leads) + 1)
    return tuple(
        Piece(lead, row[0], float(begin), float(end))
        for lead, begin, end in zip(leads, edges[:-1], edges[1:], strict=True)
    )


def _busiest(spans: Sequence[Span]) -> float:
    """The place across which most spans run; of several the leftmost."""
    middles = sorted({(span.left_mm + min(span.right_mm, span.left_mm + 20.0)) / 2 for span in spans})
    return max(middles, key=lambda at: sum(span.left_mm <= at <= span.right_mm for span in spans))


def _has_room(spans: Sequence[Span], row: Sequence[int], number: int) -> bool:
    own = spans[number]
    shared = (min(own.right_mm, spans[each].right_mm) - max(own.left_mm, spans[each].left_mm) for each in row)
    return max(shared) <= OVERLAP_MM


def _height_apart(spans: Sequence[Span], row: Sequence[int], number: int) -> float:
    return abs(float(np.median([spans[each].level_mm for each in row])) - spans[number].level_mm)


def names_of_rows(spans: Sequence[Span], rows: Rows, names: Sequence[NameAt]) -> tuple[tuple[NameAt, ...], ...]:
    """Names of each row, from left to right: those lines of names that stand equally high beside their rows."""
    levels = [float(np.median([spans[number].level_mm for number in row])) for row in rows]
    lines = [[name for name in line if any(_may_name(spans, row, name) for row in rows)] for line in _name_lines(names)]
    lines = [line for line in lines if line]
    heights = [float(np.median([name.middle_mm for name in line])) for line in lines]
    apart = np.array([[height - level for height in heights] for level in levels]).reshape(len(rows), len(lines))
    worth = np.array([[_num_fitting(spans, row, line) for line in lines] for row in rows]).reshape(apart.shape)
    slack_mm = _slack_mm(levels)
    best: list[tuple[int, int]] = []
    best_score = (0.0, 0.0, 0.0)
    far_mm = max(NAME_FAR_MM, float(np.median(np.diff(levels))) * TALL_ROW if len(levels) > 1 else 0.0)
    for rise in sorted({round(float(each)) for each in apart.flat if abs(each) <= far_mm}, key=abs):
        off = np.abs(apart - rise)
        allowed = np.where(off <= slack_mm, 1000 * worth - np.rint(10 * off).astype(int), 0)
        pairs = [pair for pair in match_in_order(np.maximum(allowed, 0)) if allowed[pair] > 0]
        num_names = float(sum(worth[pair] for pair in pairs))
        score = (num_names, -float(sum(off[pair] for pair in pairs)), -float(abs(rise)))
        if score > best_score:
            best, best_score = pairs, score
    found = {row: lines[line] for row, line in best}
    return tuple(
        tuple(sorted((name for name in found.get(number, []) if _may_name(spans, row, name)), key=_left))
        for number, row in enumerate(rows)
    )


def _left(name: NameAt) -> float:
    return name.left_mm


def _slack_mm(levels: Sequence[float]) -> float:
    if len(levels) < 2:
        return MOST_SLACK_MM
    return float(np.clip(NAME_SLACK * np.median(np.diff(levels)), LEAST_SLACK_MM, MOST_SLACK_MM))


def _name_lines(names: Sequence[NameAt]) -> list[list[NameAt]]:
    """Names that stand equally high, from top to bottom."""
    lines: list[list[NameAt]] = []
    for name in sorted(names, key=lambda name: name.middle_mm):
        if not lines or name.middle_mm - lines[-1][-1].middle_mm > SAME_LINE_MM:
            lines.append([])
        lines[-1].append(name)
    return lines


def _may_name(spans: Sequence[Span], row: Sequence[int], name: NameAt) -> bool:
    left, right = spans[row[0]].left_mm, max(spans[number].right_mm for number in row)
    return left - NAME_LEFT_MM <= name.left_mm <= right


def _num_fitting(spans: Sequence[Span], row: Sequence[int], line: Sequence[NameAt]) -> int:
    """How many leads of a line of names could stand in a row; a lead that is named twice counts once."""
    return len({name.lead for name in line if _may_name(spans, row, name)})


def pieces_of(spans: Sequence[Span], row: Sequence[int], names: Sequence[NameAt]) -> tuple[Piece, ...]:
    """The pieces of a row, from left to right.

    As many names as spans belong together in order. A span with several names is cut: into equal shares where its
    names are evenly spaced, else as far before each name as the span begins before its first one.
    """
    if len(names) == len(row):
        return tuple(
            Piece(name.lead, number, spans[number].left_mm, spans[number].right_mm)
            for name, number in zip(names, row, strict=True)
        )
    pieces: list[Piece] = []
    for number, own in zip(row, _shared_out(spans, row, names), strict=True):
        pieces += _cut(number, spans[number], own)
    return tuple(pieces)


def _shared_out(spans: Sequence[Span], row: Sequence[int], names: Sequence[NameAt]) -> list[list[NameAt]]:
    """The names of each span of a row: those that stand above or below it, or just before it."""
    own: list[list[NameAt]] = [[] for _ in row]
    for name in names:
        under = [index for index, number in enumerate(row) if spans[number].left_mm <= name.left_mm + SAME_LINE_MM]
        own[under[-1] if under else 0].append(name)
    return own


def _cut(number: int, span: Span, names: Sequence[NameAt]) -> Iterator[Piece]:
    if len({name.lead for name in names}) <= 1:
        yield Piece(names[0].lead if names else UNKNOWN_LEAD, number, span.left_mm, span.right_mm)
        return
    lefts = np.array([name.left_mm for name in names])
    share = (span.right_mm - span.left_mm) / len(names)
    is_even = (np.abs(np.diff(lefts) - share) <= EVEN * share).all()
    begins = span.left_mm + (share * np.arange(len(names)) if is_even else lefts - lefts[0])
    begins = begins[begins <= span.right_mm - LEAST_PIECE_MM]  # names beyond the end of their trace name nothing of it
    ends = [*begins[1:], span.right_mm]
    for name, begin, end in zip(names, begins, ends, strict=False):
        yield Piece(name.lead, number, float(begin), float(end))


def aligned(rows: Sequence[Sequence[Piece]]) -> tuple[tuple[Piece, ...], ...]:
    """The same pieces, those that begin nearly at one place in several rows beginning exactly there.

    A trace whose first samples are missing begins later than its lead.
    """
    lefts = sorted(piece.left_mm for row in rows for piece in row)
    groups = np.split(lefts, np.flatnonzero(np.diff(lefts) > SAME_COLUMN_MM / 2) + 1)
    columns = [float(np.median(group)) for group in groups if np.ptp(group) <= SAME_COLUMN_MM]

    def begin(piece: Piece) -> float:
        near = [column for column in columns if abs(column - piece.left_mm) <= SAME_COLUMN_MM]
        return min(near, key=lambda column: abs(column - piece.left_mm), default=piece.left_mm)

    return tuple(tuple(attrs.evolve(piece, left_mm=begin(piece)) for piece in row) for row in rows)
