"""Rows by how they read: the network finds no trace in words, a straight one in the line of a frame, and a clear one in
a row whose ink is scattered.

Names of all rows fit the rows above and below theirs as well. Where words or a line stand one row above the first, a
page whose names are printed above their traces looks as though they stood below; it shows once the rows are read. So
does a row that was taken for words, or for waves of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from ecg_core.paper import Layout
from ecg_digitize.digitizers.neural.markers.upright import UprightPage, renamed_with, renamed_without
from ecg_digitize.digitizers.neural.page_measures import heights_mm
from ecg_digitize.digitizers.neural.waveform.row_reading import RowReading, is_one_trace
from ecg_digitize.digitizers.structure.evidence import InkRow
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.naming import WHOLE
from ecg_digitize.digitizers.structure.straight_rows import has_beats_throughout, which_run_straight

UNCLEAR, LESS_CLEAR = 0.7, 0.75
"""A row that reads less clearly than the first, and than so much of what half of the rows do, may be none: of the rows
of drawn pages whose names are right one of a hundred does."""

HARDLY_ANY = 0.45
"""A row that reads less clearly than that is none, hardly a trace that others cross."""

CLEAR = 0.8
"""What reads so clearly all along the rows, and is no other row's trace, is one."""

WORTH, AS_WELL = 0.5, 0.1
"""The names of a page may be worth so much less without a row that is none, which is less than a name that loses its
row; and without one that may be a trace that others cross, only where they fit as well."""

NAMELESS = 0.3
"""Names are worth so much less for each row that has none."""

MOST_LEFT_OUT = 3
"""So many rows are left out, one after the other: beside words a trace reads less clearly, too."""

ReadRows = Callable[[UprightPage, Sequence[InkRow]], list[RowReading]]
"""Reads rows of a page."""


def rows_as_they_read(
    page: UprightPage, layouts: Mapping[str, Layout], read: ReadRows
) -> tuple[UprightPage, list[RowReading]]:
    """A page with the rows that read like traces, and how they read.

    Args:
        page: the page with the names of its rows.
        layouts: the layouts that it may have, by name; one alone is taken for granted.
        read: reads rows of a page.
    """
    readings = read(page, page.traces)
    if len(layouts) == 1:
        return page, readings
    read_page = partial(_without_false_rows, layouts=layouts, read=read)
    page, readings = read_page(page, readings)
    missed = missed_rows(page, readings, read)
    other = renamed_with(page, missed, layouts) if missed else page
    if other is page or other.named.naming.score < page.named.naming.score - NAMELESS * len(missed):
        return page, readings
    return read_page(other, read(other, other.traces))


def _without_false_rows(
    page: UprightPage, readings: list[RowReading], *, layouts: Mapping[str, Layout], read: ReadRows
) -> tuple[UprightPage, list[RowReading]]:
    """A page without the rows that read like none, where its names fit others as well, and how its rows read."""
    false = false_rows(page, readings)
    for _ in range(MOST_LEFT_OUT):
        others = {renamed_without(page, row, layouts): worth for row, worth in false.items()}
        other = max(others, key=lambda each: each.named.naming.score, default=page)
        if other is page or other.named.naming.score < page.named.naming.score - others[other]:
            break
        read_again = read(other, other.traces)
        still_false = false_rows(other, read_again)
        if len(still_false) >= len(false):
            break
        page, readings, false = other, read_again, still_false
    return page, readings


def false_rows(page: UprightPage, readings: Sequence[RowReading]) -> dict[InkRow, float]:
    """The rows of a page that read like words, or like the line of a frame, never more than half of them; and how much
    less its names may be worth without each.

    Ink that hangs together all along is no words, however it reads: traces that cross it may be why.
    """
    rows = page.traces
    ends_mm = [(row.first_mm, row.last_mm) for row in rows]
    clarities = [_clarity(page, reading, *own_mm) for reading, own_mm in zip(readings, ends_mm, strict=True)]
    needed = min(UNCLEAR, LESS_CLEAR * float(np.median(clarities)))
    straight = which_run_straight([heights_mm(reading) for reading in readings], STEP_MM)
    false = {
        row: WORTH if is_straight or clarity < HARDLY_ANY else AS_WELL
        for row, clarity, is_straight in zip(rows, clarities, straight, strict=True)
        if is_straight or (clarity < needed and row.joined < WHOLE)
    }
    return false if 2 * len(false) <= len(rows) else {}


def missed_rows(page: UprightPage, readings: Sequence[RowReading], read: ReadRows) -> list[InkRow]:
    """Rows of ink that were taken for none, but read like traces of their own from where the others begin to their end.

    Args:
        page: the page.
        readings: how its rows read.
        read: reads rows of it.
    """
    rows = page.unnamed
    if not rows:
        return []
    others = read(page, rows)
    ends_mm = np.median([(row.first_mm, row.last_mm) for row in page.traces], axis=0)
    missed: dict[float, RowReading] = {}
    for row, reading in zip(rows, others, strict=True):
        is_known = any(is_one_trace(reading, known) for known in (*readings, *missed.values()))
        is_clear = _clarity(page, reading, *ends_mm) >= CLEAR
        if is_clear and not is_known and has_beats_throughout(heights_mm(reading), STEP_MM):
            missed[row.y_mm] = reading
    return [row for row in rows if row.y_mm in missed]


def _clarity(page: UprightPage, reading: RowReading, first_mm: float, last_mm: float) -> float:
    """How clearly a trace reads from one place along its row to another."""
    first_px, last_px = (reading.column_of(page.flat.box_of_mm(end_mm)) for end_mm in (first_mm, last_mm))
    return reading.clarity(first_px, last_px)
