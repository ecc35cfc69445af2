"""Ink that hangs on a trace and was not read, on flat pages of 300 x 100 mm with one or two level rows."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY, RowReading
from ecg_digitize.digitizers.neural.waveform.unread import AT_AN_END_MM, TAKEN_MM, UnreadInk

START_MM, END_MM = 20.0, 270.0
LEVELS_MM = (40.0, 70.0)


def page(*pieces: tuple[float, float, float, float], levels_mm: tuple[float, ...] = LEVELS_MM) -> FlatPage:
    """Rows of level traces, and pieces of ink: left, top, right and bottom in millimetres."""
    trace = np.zeros((round(100 * PX_PER_MM), round(300 * PX_PER_MM)), np.float32)
    rows = [(START_MM, level - 0.4, END_MM, level + 0.4) for level in levels_mm]
    for left, top, right, bottom in [*rows, *pieces]:
        trace[
            round(top * PX_PER_MM) : round(bottom * PX_PER_MM), round(left * PX_PER_MM) : round(right * PX_PER_MM)
        ] = 1
    lattice = np.stack(np.meshgrid(np.arange(57.0), np.arange(17.0)), axis=-1)
    return FlatPage(Mesh(lattice * 20), np.zeros((*trace.shape, 3), np.uint8), trace, 1.0)


def reading(flat: FlatPage, level_mm: float, *, blind_mm: tuple[float, float] = (0, 0)) -> RowReading:
    """The level trace, read all along but for a stretch."""
    count = round(300 * GEOMETRY.across_px_per_mm)
    at_mm = np.arange(count) / GEOMETRY.across_px_per_mm
    there = (at_mm >= START_MM) & (at_mm <= END_MM) & ~((at_mm >= blind_mm[0]) & (at_mm < blind_mm[1]))
    columns = Columns(np.full(count, GEOMETRY.zero_px), there.astype(float), np.ones(count), np.ones(count))
    strip = np.zeros((GEOMETRY.height_px, count, 3), np.uint8)
    zero_box = flat.box_of_mm(level_mm)
    return RowReading(zero_box, flat.box_of_mm(0), columns, GEOMETRY.zero_px, strip, np.ones(count, bool))


def ink_of(flat: FlatPage, levels_mm: tuple[float, ...] = LEVELS_MM) -> UnreadInk:
    return UnreadInk(flat, [reading(flat, level) for level in levels_mm])


def test_where_all_was_read_nothing_is_left() -> None:
    ink = ink_of(page())
    assert [ink.tallest_mm(row, START_MM, END_MM) for row in (0, 1)] == [0, 0]


def test_a_spike_that_was_passed_over_is_as_tall_as_it_stands_out() -> None:
    ink = ink_of(page((100, 25, 100.5, 40)))
    assert ink.tallest_mm(0, START_MM, END_MM) == pytest.approx(15 - TAKEN_MM / 2, abs=0.5)
    assert ink.tallest_mm(0, START_MM, 95) == 0
    assert ink.tallest_mm(0, 110, END_MM) == 0
    assert ink.tallest_mm(1, START_MM, END_MM) == 0


def test_a_spike_through_two_rows_counts_for_both() -> None:
    ink = ink_of(page((100, 10, 100.5, 95)))
    assert ink.tallest_mm(0, START_MM, END_MM) == pytest.approx(40 - 10 - TAKEN_MM / 2, abs=0.5)
    assert ink.tallest_mm(1, START_MM, END_MM) == pytest.approx(70 - 40 - TAKEN_MM, abs=0.5)


@pytest.mark.parametrize(
    "piece",
    [
        (START_MM + AT_AN_END_MM / 2, 30, START_MM + AT_AN_END_MM / 2 + 0.5, 40),  # a separator
        (START_MM - 1, 30, START_MM + 2 * AT_AN_END_MM, 40),  # a pulse, where time zero is found too early
        (END_MM - 1, 30, END_MM + 5, 40),
    ],
)
def test_pulses_and_separators_at_the_ends_of_a_lead_do_not_count(piece: tuple[float, float, float, float]) -> None:
    assert ink_of(page(piece)).tallest_mm(0, START_MM, END_MM) == 0
    assert ink_of(page(piece)).tallest_mm(0, START_MM - 10, END_MM + 10) > 8


def test_what_hangs_on_no_trace_or_is_wide_does_not_count() -> None:
    flat = page((100, 5, 101, 35), (150, 42.5, 200, 55), (160, 40, 161, 43))
    assert ink_of(flat).tallest_mm(0, START_MM, END_MM) == 0


def test_a_trace_that_is_hardly_there_takes_nothing() -> None:
    flat = page((110, 30, 111, 40))
    blind = UnreadInk(flat, [reading(flat, 40.0, blind_mm=(105, 115)), reading(flat, 70.0)])
    assert blind.tallest_mm(0, START_MM, END_MM) == pytest.approx(10.4, abs=0.5)


def test_without_rows_or_beyond_the_page_there_is_none() -> None:
    assert ink_of(page()).tallest_mm(0, 400, 500) == 0
