"""Prints whose scale is not quite that of the grid that was on the paper before."""

from __future__ import annotations

import pytest

from ecg_digitize.digitizers.structure.preprinted import as_printed
from ecg_digitize.digitizers.structure.time_axis import SAMPLE_INTERVAL_S, ColumnLength, TraceSpan

SPEED = 25.0
STANDARD = ColumnLength(62.5, 2.5, True)


def rows_of(*lengths_mm: float) -> list[TraceSpan]:
    return [
        TraceSpan(40.0 + 30 * row, 20.0, 20.0 + length - SAMPLE_INTERVAL_S * SPEED)
        for row, length in enumerate(lengths_mm)
    ]


def length_mm(rows: list[TraceSpan], pitch_mm: float | None, column: ColumnLength = STANDARD) -> float:
    found = as_printed(column, rows, num_columns=4, pitch_mm=pitch_mm, speed_mm_per_s=SPEED)
    assert (found.duration_s, found.is_usual) == (column.duration_s, column.is_usual)
    return found.mm


@pytest.mark.parametrize("scale", [0.98, 0.994, 1.005, 1.02])
def test_columns_are_as_long_as_rows_and_names_have_them_together(scale: float) -> None:
    """The names of a page are of unequal width, so that they tell it to a tenth of a millimetre only."""
    rows = rows_of(*(scale * (250.0 + off_mm) for off_mm in (0.0, 0.1, -0.1, 0.05)))
    for off_mm in (-0.08, 0.0, 0.08):
        assert length_mm(rows, scale * 62.5 + off_mm) == pytest.approx(scale * 62.5, abs=0.03)


@pytest.mark.parametrize(
    ("rows", "pitch_mm"),
    [
        pytest.param(rows_of(250.3, 250.2, 250.3, 250.4), 62.57, id="as long as usual, but for the pen"),
        pytest.param(rows_of(248.5, 248.5, 248.4, 248.5), 62.5, id="rows that end early, names as usual"),
        pytest.param(rows_of(250.0, 250.0, 250.0, 250.0), 62.1, id="names nearer to each other, rows as usual"),
        pytest.param(
            rows_of(248.5, 248.5, 248.4, 250.0), 62.12, id="a long row that is as long as usual: packed columns"
        ),
        pytest.param(rows_of(248.5, 246.0, 249.8, 248.5), 62.12, id="rows that do not agree"),
        pytest.param(rows_of(248.5, 247.6, 249.4, 249.2), 62.12, id="rows that differ by as much as they are off"),
        pytest.param(rows_of(248.5, 248.5), 62.12, id="too few rows"),
        pytest.param(rows_of(240.0, 240.0, 240.0, 240.0), 60.0, id="more than paper differs"),
        pytest.param(rows_of(248.5, 248.5, 248.4, 248.5), None, id="no names"),
    ],
)
def test_what_rows_or_names_say_alone_is_no_other_scale(rows: list[TraceSpan], pitch_mm: float | None) -> None:
    assert length_mm(rows, pitch_mm) == STANDARD.mm


def test_a_row_that_words_prolong_does_not_count() -> None:
    assert length_mm(rows_of(256.6, 251.3, 251.3, 251.2), 62.86) == pytest.approx(62.83, abs=0.03)


@pytest.mark.parametrize(("scale", "duration_s"), [(1.02, 2.5), (0.98, 2.5), (1.015, 5.0), (1.02, 3.0)])
def test_columns_that_last_nearly_a_usual_time_do_last_it(scale: float, duration_s: float) -> None:
    """Rows of 255 mm differ too much from 250 to be taken for them by the grid."""
    mm = scale * duration_s * SPEED
    rows = rows_of(*(4 * mm + off_mm for off_mm in (0.0, 0.0, 0.7, -0.7)))
    found = as_printed(ColumnLength(mm, mm / SPEED, False), rows, num_columns=4, pitch_mm=mm, speed_mm_per_s=SPEED)
    assert (found.duration_s, found.is_usual) == (duration_s, True)
    assert found.mm == pytest.approx(mm, abs=0.01)


def test_names_tell_how_long_columns_are_where_the_foot_of_a_pulse_prolongs_the_rows() -> None:
    rows = rows_of(*[255.2] * 4)
    found = as_printed(ColumnLength(127.6, 5.104, False), rows, num_columns=2, pitch_mm=126.9, speed_mm_per_s=SPEED)
    assert (found.mm, found.duration_s) == (126.9, 5.0)


@pytest.mark.parametrize("duration_s", [2.36, 2.7, 4.13])
def test_columns_that_last_no_usual_time_stay_as_they_were_measured(duration_s: float) -> None:
    measured = ColumnLength(duration_s * SPEED, duration_s, False)
    rows = rows_of(*[4 * measured.mm] * 4)
    assert as_printed(measured, rows, num_columns=4, pitch_mm=measured.mm, speed_mm_per_s=SPEED) == measured
    assert length_mm(rows_of(240.4, 235.0, 245.0), 60.1, ColumnLength(60.1, 60.1 / SPEED, False)) == 60.1
