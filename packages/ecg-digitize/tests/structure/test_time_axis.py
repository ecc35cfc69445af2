"""Where rows begin, and how long columns are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.digitizers.structure.time_axis import (
    SAMPLE_INTERVAL_S,
    ColumnLength,
    TimeAxis,
    TraceSpan,
    column_length,
    doubts_of_columns,
    doubts_of_strip,
    find_slant,
    find_time_axis,
    usual_length_mm,
)

TRACED_MM = 250 - 25 * SAMPLE_INTERVAL_S
HEIGHTS = (40.0, 70.0, 100.0, 130.0)


def spans(zero_mm: float, slant: float = 0.0, traced_mm: float = TRACED_MM, noise: float = 0.0) -> list[TraceSpan]:
    rng = np.random.default_rng(0)
    return [
        TraceSpan(y_mm, first + rng.normal(0, noise), first + traced_mm + rng.normal(0, noise))
        for y_mm in HEIGHTS
        for first in [zero_mm + slant * (y_mm - np.mean(HEIGHTS))]
    ]


@given(zero_mm=st.floats(5, 60), slant=st.sampled_from([-0.018, -0.01, 0.0, 0.005, 0.012, 0.019]))
def test_rows_begin_along_a_line_of_any_slant(zero_mm: float, slant: float) -> None:
    axis = find_time_axis(spans(zero_mm, slant), HEIGHTS, traced_mm=TRACED_MM, names_mm=None)
    expected = [zero_mm + slant * (y_mm - np.mean(HEIGHTS)) for y_mm in HEIGHTS]
    assert axis.zeros_mm == pytest.approx(expected, abs=0.08)
    assert axis.agreement == 1


def test_noise_is_no_slant() -> None:
    for seed in range(20):
        claims = 30 + np.random.default_rng(seed).normal(0, 0.1, (2, 4))
        assert find_slant([np.column_stack((side, HEIGHTS)) for side in claims]) == 0


def test_pulses_tell_the_slant_of_rows_of_which_some_fade() -> None:
    """Their beginnings and ends alone seem to be of a slant of -0.008."""
    heights_mm = np.array((99.0, 135.0, 171.5, 204.0))
    ends_mm = [(25.16, 275.18), (24.85, 274.99), (25.5, 269.0), (25.38, 274.31)]
    known = [TraceSpan(y_mm, *ends) for y_mm, ends in zip(heights_mm, ends_mm, strict=True)]
    alone = find_time_axis(known, heights_mm.tolist(), traced_mm=TRACED_MM, names_mm=None)
    assert alone.slant < 0
    for slant in (0.0, 0.012):
        moved = [
            TraceSpan(span.y_mm, span.first_mm + by_mm, span.last_mm + by_mm)
            for span, by_mm in zip(known, slant * (heights_mm - heights_mm.mean()), strict=True)
        ]
        pulses = np.column_stack((25 + slant * (heights_mm - heights_mm.mean()), heights_mm + 0.3))
        lines_mm = [pulses, pulses + np.array((190, 0))]
        axis = find_time_axis(moved, heights_mm.tolist(), traced_mm=TRACED_MM, names_mm=None, pulse_lines_mm=lines_mm)
        assert axis.slant == pytest.approx(slant, abs=0.0031)


def test_a_row_that_fades_does_not_move_the_others() -> None:
    known = spans(30.0)
    known[2] = TraceSpan(known[2].y_mm, known[2].first_mm + 3.0, known[2].last_mm - 40)
    axis = find_time_axis(known, HEIGHTS, traced_mm=TRACED_MM, names_mm=31.0)
    assert axis.zeros_mm == pytest.approx([30.0] * 4, abs=0.02)


def test_rows_cut_at_the_right_edge_begin_where_they_begin() -> None:
    cut = [TraceSpan(span.y_mm, span.first_mm, span.last_mm - 30) for span in spans(30.0)]
    axis = find_time_axis(cut, HEIGHTS, traced_mm=TRACED_MM, names_mm=31.0)
    assert axis.zeros_mm == pytest.approx([30.0] * 4, abs=0.02)


def told(*rows_mm: tuple[float, float], names_mm: float | None = None) -> TimeAxis:
    """The axis of a page by where its rows begin and end, 30 mm apart."""
    known = [TraceSpan(40.0 + 30 * row, first_mm, last_mm) for row, (first_mm, last_mm) in enumerate(rows_mm)]
    return find_time_axis(known, [span.y_mm for span in known], traced_mm=250.0, names_mm=names_mm)


def test_rows_that_begin_late_or_end_early_are_outvoted() -> None:
    axis = told((20, 270), (32, 270), (20, 220), (100, 180))
    assert axis.zeros_mm == pytest.approx([20] * 4, abs=0.2)
    assert axis.agreement == 0.75


def test_rows_that_fade_a_little_before_their_end_do_not_pull() -> None:
    axis = told((20, 270), (20.2, 268.4), (19.9, 268.2), (19.9, 268.1))
    assert axis.zeros_mm == pytest.approx([20] * 4, abs=0.04)  # the middle of all of them is 0.1 mm off, 4 ms
    assert axis.agreement == 1


def test_a_thin_pen_that_begins_late_and_ends_early_is_read_from_its_middle() -> None:
    axis = told((20.2, 269.8), (20.2, 220), (20.2, 200), (20.2, 269.8))
    # four beginnings and two ends: their common mean is 0.07 mm late
    assert axis.zeros_mm == pytest.approx([20] * 4, abs=0.04)


def test_rows_that_follow_on_a_pulse_are_read_from_their_end() -> None:
    assert told(*[(19.4, 270)] * 4).zeros_mm == pytest.approx([20] * 4, abs=0.04)


@pytest.mark.parametrize(("names_mm", "zero_mm"), [(18.0, 20.0), (-21.0, -20.0)])
def test_of_equal_claims_the_one_beside_the_names_counts(names_mm: float, zero_mm: float) -> None:
    assert told((20, 230), names_mm=names_mm).zeros_mm == pytest.approx([zero_mm], abs=0.2)


def test_without_any_trace_the_names_say_where() -> None:
    axis = find_time_axis([], HEIGHTS, traced_mm=TRACED_MM, names_mm=12.0)
    assert axis.zeros_mm == (12.0,) * 4
    assert axis.agreement == 0


@pytest.mark.parametrize(
    ("columns", "row_mm", "pitch_mm", "duration_s", "is_usual"),
    [
        (4, 249.95, 62.4, 2.5, True),
        (4, 220.0, 62.4, 2.5, True),  # cut at the edge
        (2, 249.95, 124.8, 5.0, True),
        (1, 249.95, None, 10.0, True),
        (1, 187.45, None, 7.5, True),
        (4, 256.0, 62.4, 2.5, True),  # a pulse was taken for a part of it
        (4, 262.0, 65.5, 262.05 / 100, False),
        (2, 181.95, 91.0, 3.64, False),
        (4, 246.15, 61.1, 246.2 / 100, False),  # names and rows say the same
        (6, 209.9, 34.1, 34.1 / 25, False),  # a pulse was taken for a part of it, as names tell
        (6, 203.0, 35.0, 203.05 / 150, False),  # cut at the edge, or the names do not stand as far apart
        (6, 249.9, 41.8, 10 / 6, True),
        (4, 241.0, 62.0, 2.5, True),  # cut at the edge: the names are nearer to what is usual
    ],
)
def test_columns_last_as_makers_print_them_or_as_measured(
    columns: int, row_mm: float, pitch_mm: float | None, duration_s: float, is_usual: bool
) -> None:
    found = column_length(columns, row_mm, pitch_mm, speed_mm_per_s=25)
    assert found.duration_s == pytest.approx(duration_s, rel=1e-3)
    assert found.mm == pytest.approx(25 * duration_s, rel=1e-3)
    assert found.is_usual is is_usual


def test_even_names_tell_how_long_columns_are_where_the_end_of_the_rows_was_not_read() -> None:
    """And where something far behind their end was taken for a part of them."""
    beyond = column_length(5, 286.4, 51.8, speed_mm_per_s=25, are_even=True)
    assert (beyond.mm, beyond.is_usual) == (51.8, False)
    cut_off = column_length(4, 218.3, 62.3, speed_mm_per_s=50, are_even=True)
    assert (cut_off.mm, cut_off.is_usual) == (62.3, False)
    assert column_length(4, 218.3, 62.3, speed_mm_per_s=50).mm == pytest.approx(218.4 / 4)
    assert column_length(4, 244.0, 62.3, speed_mm_per_s=50, are_even=True).mm == pytest.approx(244.1 / 4)


@pytest.mark.parametrize("row_mm", [247.2, 252.9])
def test_a_row_of_one_lead_lasts_as_is_usual_where_a_little_of_its_end_is_off(row_mm: float) -> None:
    found = column_length(1, row_mm, None, speed_mm_per_s=25)
    assert found.duration_s == 10.0
    [doubt] = doubts_of_strip(found, 3, measured_s=row_mm / 25)
    assert "taken to last 10 s" in doubt


def test_the_duration_that_a_user_tells_is_that_of_a_row() -> None:
    found = column_length(4, 100.0, 30.0, speed_mm_per_s=25, duration_s=8.0)
    assert (found.duration_s, found.mm) == (2.0, 50.0)


def test_short_rows_do_not_shorten_the_others() -> None:
    known = [TraceSpan(0, 10, 260), TraceSpan(1, 10, 259.8), TraceSpan(2, 100, 180), TraceSpan(3, 10, 260.1)]
    assert usual_length_mm(known) == pytest.approx(250, abs=0.2)
    assert usual_length_mm([]) is None


@pytest.mark.parametrize(
    ("lengths_mm", "named_mm", "length_mm"),
    [
        ((268.5, 274.0, 268.4), None, 268.4),  # a word before one of them was taken for a part of it
        ((268.5, 274.0), None, 274.0),  # one of them fades
        ((250.0, 236.0, 243.0, 228.0), None, 250.0),  # all others fade, each elsewhere
        ((250.0, 235.0, 230.0), 231.0, 230.0),  # two run on into the rows beside them
        ((250.0, 235.0, 240.0), 231.0, 250.0),  # names of their own say nothing
    ],
)
def test_rows_are_as_long_as_most_of_them_say(
    lengths_mm: tuple[float, ...], named_mm: float | None, length_mm: float
) -> None:
    known = [TraceSpan(30.0 * row, 10, 10 + own_mm) for row, own_mm in enumerate(lengths_mm)]
    assert usual_length_mm(known, named_mm) == pytest.approx(length_mm, abs=0.1)


@pytest.mark.parametrize(
    ("duration_s", "is_usual", "num_rows", "is_told"),
    [(10.14, False, 3, True), (10.14, False, 2, False), (10.0, True, 6, False), (9.4, False, 3, False)],
)
def test_rows_of_a_strip_that_last_nearly_as_makers_print_them_are_told(
    duration_s: float, is_usual: bool, num_rows: int, is_told: bool
) -> None:
    """What paper that is a little too large makes of their lengths adds up."""
    assert bool(doubts_of_strip(ColumnLength(25 * duration_s, duration_s, is_usual), num_rows)) == is_told


def test_a_strip_whose_print_lies_askew_to_its_grid_may_be_larger_than_the_grid_says() -> None:
    """Preprinted paper differs by up to 2.5 %; three rows on, the strip may be 0.6 s off."""
    row = ColumnLength(213.4, 8.535, False)
    [doubt] = doubts_of_strip(row, 4, slant=-0.014)
    assert "8.54 s" in doubt or "8.53 s" in doubt
    assert doubts_of_strip(row, 4) == []
    usual = ColumnLength(250.0, 10.0, True)
    assert doubts_of_strip(usual, 4, slant=-0.014) == []
    assert doubts_of_strip(usual, 4, slant=-0.014, measured_s=9.98) == []
    assert doubts_of_strip(usual, 4, measured_s=9.95) == [], "traces fade before their end"
    [taken] = doubts_of_strip(ColumnLength(187.5, 7.5, True), 4, slant=0.006, measured_s=7.446)
    assert "7.5 s" in taken
    assert "7.45 s" in taken


def test_names_that_stand_farther_apart_than_columns_are_long_are_told() -> None:
    """As on a page that is cut off at both ends of its rows."""
    [doubt] = doubts_of_columns(ColumnLength(68.0, 2.72, False), 72.5, 68.0, 2)
    assert "72.5 mm apart" in doubt
    assert "68.0 mm" in doubt
    assert doubts_of_columns(ColumnLength(68.0, 2.72, False), 69.5, 68.0, 2) == []
    assert doubts_of_columns(ColumnLength(62.5, 2.5, True), 72.5, 62.5, 2) == []
    assert doubts_of_columns(ColumnLength(72.5, 2.9, False), 72.5, 68.0, 2), "and where the names are believed"
    assert doubts_of_columns(ColumnLength(68.0, 2.72, False), 69.5, 68.0, 6), "7 mm where the last one begins"
