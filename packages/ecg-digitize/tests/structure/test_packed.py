"""Columns that stand nearer to each other than the time they show."""

from __future__ import annotations

import pytest

from ecg_digitize.digitizers.structure.packed import distance_of_columns_mm, unpacked
from ecg_digitize.digitizers.structure.time_axis import SAMPLE_INTERVAL_S, ColumnLength, TraceSpan

SPEED = 25.0
SAMPLE_MM = SAMPLE_INTERVAL_S * SPEED
STANDARD = ColumnLength(62.5, 2.5, True)
LONG = [TraceSpan(130.0, 20.0, 270.0 - SAMPLE_MM)]


def rows_of(*lengths_mm: float) -> list[TraceSpan]:
    return [TraceSpan(40.0 + 30 * row, 20.0, 20.0 + length - SAMPLE_MM) for row, length in enumerate(lengths_mm)]


def distance_mm(of_columns: list[TraceSpan], long_rows: list[TraceSpan] = LONG, pitch_mm: float | None = 62.0) -> float:
    return distance_of_columns_mm(
        of_columns, long_rows, STANDARD, num_columns=4, pitch_mm=pitch_mm, speed_mm_per_s=SPEED
    )


@pytest.mark.parametrize("pitch_mm", [None, 62.0, 70.0])
def test_columns_of_rows_that_are_all_shorter_than_a_long_one_are_packed(pitch_mm: float | None) -> None:
    """Names may stand beside where their lead begins."""
    assert distance_mm(rows_of(248.0, 248.1, 247.9), pitch_mm=pitch_mm) == pytest.approx(62.0, abs=0.01)


def test_a_row_that_fades_before_its_end_says_nothing_of_it() -> None:
    assert distance_mm(rows_of(248.0, 247.4, 248.1)) == pytest.approx(62.0, abs=0.02)
    assert distance_mm(rows_of(248.0, 248.5, 248.1)) == STANDARD.mm


@pytest.mark.parametrize(
    ("of_columns", "long_rows", "pitch_mm"),
    [
        pytest.param(rows_of(250, 249.8, 250.1), LONG, 62.5, id="rows are as long as the long one"),
        pytest.param(rows_of(249.2, 249.3, 249.2), LONG, 62.2, id="hardly shorter"),
        pytest.param(rows_of(248, 248, 248), LONG, 62.5, id="names stand as far apart as the time says"),
        pytest.param(rows_of(248, 250, 246), LONG, 70.0, id="ends that fade"),
        pytest.param(rows_of(248), LONG, 62.0, id="one row alone"),
        pytest.param(rows_of(248, 248, 248), [], 62.0, id="no long row"),
        pytest.param(rows_of(248, 248, 248), rows_of(248), 62.0, id="the long row is as short"),
        pytest.param(rows_of(240, 240, 240), LONG, 60.0, id="columns of another duration"),
    ],
)
def test_other_columns_stand_as_far_apart_as_their_time_says(
    of_columns: list[TraceSpan], long_rows: list[TraceSpan], pitch_mm: float
) -> None:
    assert distance_mm(of_columns, long_rows, pitch_mm) == STANDARD.mm


def test_rows_of_packed_columns_end_where_they_would_by_their_time() -> None:
    rows = rows_of(248, 248)
    ends = [span.last_mm for span in unpacked([*rows, *LONG], [span.y_mm for span in rows], 2.0)]
    assert ends == pytest.approx([270.0 - SAMPLE_MM] * 3)
