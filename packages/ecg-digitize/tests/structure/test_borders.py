"""Columns whose borders names, bars and breaks of the traces tell together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ecg_digitize.digitizers.structure.borders import BorderMarks, columns_between_marks
from ecg_digitize.digitizers.structure.evidence import BarMark
from ecg_digitize.digitizers.structure.long_rows import STEP_MM

ZERO_MM, ROW_MM = 20.0, 250.0
LEVELS_MM = (40.0, 70.0, 100.0)
LENGTHS_MM = (57.5, 57.0, 55.0, 80.5)


def rows(lengths_mm: Sequence[float], *, step_mm: float = 3.0, beat_mm: float = 19.0) -> list[np.ndarray]:
    """Traces with a complex at each beat, and a level of their own in every column, from the edge of the paper on."""
    x_mm = np.arange(0, ZERO_MM + ROW_MM + 20, STEP_MM)
    column = np.searchsorted(ZERO_MM + np.cumsum(lengths_mm)[:-1], x_mm, side="right")
    inside = (x_mm >= ZERO_MM) & (x_mm <= ZERO_MM + ROW_MM)
    rng = np.random.default_rng(1)
    traces = []
    for _ in LEVELS_MM:
        phase_mm = (x_mm - ZERO_MM - 7) % beat_mm
        complexes = 12 * np.exp(-(((phase_mm - 2) / 0.5) ** 2)) + 3 * np.exp(-(((phase_mm - 9) / 2) ** 2))
        levels_mm = step_mm * rng.permutation(len(lengths_mm))
        traces.append(np.where(inside, complexes + levels_mm[column] + rng.normal(0, 0.05, len(x_mm)), np.nan))
    return traces


def bars_at(places_mm: Sequence[float], levels_mm: Sequence[float] = LEVELS_MM) -> list[BarMark]:
    return [BarMark(x_mm, y_mm - 3, y_mm + 3) for x_mm in places_mm for y_mm in levels_mm]


def names_of(lengths_mm: Sequence[float], off_mm: Sequence[float] = (0.0, 0.3, -0.2, 0.3)) -> list[float]:
    starts_mm = ZERO_MM + np.cumsum([0.0, *lengths_mm[:-1]])
    return [float(start) + 3 + off for start, off in zip(starts_mm, off_mm, strict=False)]


def found_lengths(
    traces: Sequence[np.ndarray], bars: Sequence[BarMark], names_mm: Sequence[float | None]
) -> tuple[float, ...] | None:
    marks = BorderMarks.of(traces, 0.0, bars, LEVELS_MM)
    found = columns_between_marks(marks, names_mm, zero_mm=ZERO_MM, row_mm=ROW_MM)
    return None if found is None else found.lengths_mm


def test_breaks_where_the_names_stand_tell_columns_of_unequal_length() -> None:
    lengths_mm = found_lengths(rows(LENGTHS_MM), [], names_of(LENGTHS_MM))
    assert lengths_mm == pytest.approx(LENGTHS_MM, abs=0.7)


def test_bars_at_all_rows_tell_them_of_two_columns_of_which_the_second_is_longer() -> None:
    """By more than a pulse at the end of the rows could make it."""
    own_mm = (116.5, 133.5)
    flat = rows(own_mm, step_mm=0.0)
    assert found_lengths(flat, bars_at([ZERO_MM + own_mm[0]]), names_of(own_mm)) == pytest.approx(own_mm, abs=0.4)
    assert found_lengths(flat, [], names_of(own_mm)) is None, "names alone"


def test_a_bar_at_one_row_says_little() -> None:
    own_mm = (116.5, 133.5)
    beats = bars_at([30.0, 61.0, 95.0, 160.0, 190.0, 222.0], LEVELS_MM[:2])
    bars = [*bars_at([ZERO_MM + own_mm[0]], LEVELS_MM[:1]), *beats]
    assert found_lengths(rows(own_mm, step_mm=0.0), bars, names_of(own_mm)) is None


def test_columns_that_break_where_equal_ones_would_are_equal_however_the_names_stand() -> None:
    equal_mm = (62.5,) * 4
    shifted = [place + off_mm for place, off_mm in zip(names_of(equal_mm), (0.0, -9.0, 6.0, -7.0), strict=True)]
    assert found_lengths(rows(equal_mm), bars_at(ZERO_MM + np.cumsum(equal_mm)[:-1]), shifted) is None


def test_complexes_are_no_breaks() -> None:
    """They stand one below the other in all rows, beside three of the four names."""
    flat = rows(LENGTHS_MM, step_mm=0.0)
    assert found_lengths(flat, [], names_of(LENGTHS_MM)) is None


def test_names_of_which_one_was_not_read_tell_nothing() -> None:
    names_mm: list[float | None] = [*names_of(LENGTHS_MM)]
    names_mm[1] = None
    assert found_lengths(rows(LENGTHS_MM), [], names_mm) is None


def test_equal_columns_are_equal_where_marks_beside_their_borders_are_clearer() -> None:
    """Names tell borders to a millimetre or two: what differs by no more may be equal."""
    equal_mm = (62.5,) * 4
    beside_mm = [ZERO_MM + number * 62.5 + off_mm for number, off_mm in ((1, 2.2), (2, -2.2), (3, 2.2))]
    assert found_lengths(rows(equal_mm, step_mm=0.0), bars_at(beside_mm), names_of(equal_mm)) is None


def test_borders_are_as_far_off_as_rows_begin_too_early() -> None:
    marks = BorderMarks.of(rows(LENGTHS_MM), 0.0, [], LEVELS_MM)
    found = columns_between_marks(marks, names_of(LENGTHS_MM), zero_mm=ZERO_MM - 2.5, row_mm=ROW_MM + 2.5)
    assert found is not None
    assert found.lengths_mm == pytest.approx((60.0, 57.0, 55.0, 80.5), abs=0.7)


def test_a_first_column_of_which_the_picture_cuts_off_the_beginning_is_shorter() -> None:
    """All of its name is there."""
    cut_mm, equal_mm = 8.0, (62.5,) * 4
    names_mm = [place + 7 for place in names_of(equal_mm)]
    marks = BorderMarks.of(rows(equal_mm), 0.0, bars_at(ZERO_MM + np.cumsum(equal_mm)[:-1]), LEVELS_MM)
    found = columns_between_marks(marks, names_mm, zero_mm=ZERO_MM + cut_mm, row_mm=ROW_MM - cut_mm)
    assert found is not None
    assert found.lengths_mm == pytest.approx((54.5, 62.5, 62.5, 62.5), abs=0.7)


def test_a_break_is_placed_where_it_is() -> None:
    marks = BorderMarks.of(rows(LENGTHS_MM), 0.0, [], LEVELS_MM)
    rarity, [place_mm] = marks.near([ZERO_MM + LENGTHS_MM[0] + 0.8])
    assert rarity > 2
    assert place_mm == pytest.approx(ZERO_MM + LENGTHS_MM[0], abs=0.4)
    assert marks.near([-50.0]) == (0.0, [-50.0])
