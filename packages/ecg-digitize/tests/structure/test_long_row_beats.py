"""Which seconds columns show, told by the single beats of a long row."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.structure.long_row_beats import (
    beats_show_beginning,
    intervals_show_beginning,
    stand_beside_beats,
)
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.same_seconds import show_beginning

COLUMN_MM = 150.0


def bumps(places_mm: np.ndarray, length_mm: float) -> np.ndarray:
    """A trace that is steep at some places."""
    at_mm = np.arange(0, length_mm, STEP_MM)
    return np.asarray(np.exp(-(((at_mm[:, None] - places_mm) / 0.8) ** 2)).sum(axis=1))


def long_beats_mm(late_mm: float) -> np.ndarray:
    """The beats of two columns, those of the second so much later in it than those of the first in that."""
    first = np.array([10.2, 35.2, 60.2, 85.2, 110.5, 136.0])
    return np.concatenate((first, first + COLUMN_MM + late_mm))


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("apart_mm", [0.0, 0.5])
def test_beats_little_more_than_a_millimetre_apart_tell_which_ones_they_are(at_once: bool, apart_mm: float) -> None:
    """Also where all leads of columns are steep so much before the long row is."""
    beats = long_beats_mm(1.0)
    second = beats[:6] if at_once else beats[6:] - COLUMN_MM
    columns = [bumps(own - apart_mm, COLUMN_MM) for own in (beats[:6], second)]
    starts, long_row = [0, round(COLUMN_MM / STEP_MM)], bumps(beats, 2 * COLUMN_MM)
    if at_once:
        assert show_beginning(columns, starts, long_row, STEP_MM) is None
    assert beats_show_beginning(columns, starts, long_row, STEP_MM) is at_once


@pytest.mark.parametrize("late_mm", [0.0, 0.5])
def test_beats_that_stand_at_nearly_the_same_places_of_both_columns_tell_nothing(late_mm: float) -> None:
    beats = long_beats_mm(late_mm)
    starts, long_row = [0, round(COLUMN_MM / STEP_MM)], bumps(beats, 2 * COLUMN_MM)
    for second in (beats[:6], beats[6:] - COLUMN_MM):
        columns = [bumps(own, COLUMN_MM) for own in (beats[:6], second)]
        assert beats_show_beginning(columns, starts, long_row, STEP_MM) is None
    assert beats_show_beginning([bumps(beats[:1], COLUMN_MM)] * 2, starts, long_row, STEP_MM) is None, "too few beats"


@pytest.mark.parametrize("at_once", [True, False])
def test_columns_that_all_stand_nearly_at_beats_far_from_the_others_tell_which_ones_they_are(at_once: bool) -> None:
    """Noise of the first column looks like beats; paper that is not quite flat has those of the second 0.4 mm off."""
    beats = long_beats_mm(1.7)
    second = (beats[:6] if at_once else beats[6:] - COLUMN_MM) + 0.4
    columns = [bumps(np.array([10.2, 35.2, 60.2, 85.2, 98.0, 110.5, 136.0]), COLUMN_MM), bumps(second, COLUMN_MM)]
    starts, long_row = [0, round(COLUMN_MM / STEP_MM)], bumps(beats, 2 * COLUMN_MM)
    assert beats_show_beginning(columns, starts, long_row, STEP_MM) is at_once


@pytest.mark.parametrize("aside_mm", [0.0, 8.0, -6.0])
def test_intervals_tell_which_beats_of_a_long_row_columns_show_wherever_these_begin(aside_mm: float) -> None:
    first, after = np.array([12.0, 33.0, 53.5, 71.5, 82.0, 106.5]), np.array([10.0, 30.0, 55.0, 79.0, 95.0, 120.0])
    long_row = bumps(np.concatenate((first, after + COLUMN_MM)), 2 * COLUMN_MM)
    starts = [0, round(COLUMN_MM / STEP_MM)]
    for second, at_once in ((first, True), (after, False)):
        columns = [bumps(first, COLUMN_MM), bumps(second + aside_mm, COLUMN_MM)]
        assert intervals_show_beginning(columns, starts, long_row, STEP_MM) is at_once
        noisy = [columns[0], bumps(np.append(second, 63.5) + aside_mm, COLUMN_MM)]
        assert intervals_show_beginning(noisy, starts, long_row, STEP_MM) is at_once, "one is none of a long row"


def test_even_intervals_and_few_of_them_do_not_tell_which_beats_columns_show() -> None:
    even = np.arange(12.0, 2 * COLUMN_MM, 26.0)
    starts, long_row = [0, round(COLUMN_MM / STEP_MM)], bumps(even, 2 * COLUMN_MM)
    first = bumps(even[even < COLUMN_MM], COLUMN_MM)
    assert intervals_show_beginning([first, first], starts, long_row, STEP_MM) is None
    few = np.array([12.0, 33.0, 71.5])
    for after, told in ((few + np.array([0.0, 0.0, 5.0]), None), (few * 1.5, True), (few[:2] * 1.5, None)):
        long_row = bumps(np.concatenate((few[: len(after)], after + COLUMN_MM)), 2 * COLUMN_MM)
        columns = [bumps(few[: len(after)], COLUMN_MM)] * 2
        assert intervals_show_beginning(columns, starts, long_row, STEP_MM) is told
    none = bumps(np.array([5.0, 17.0, 29.0, 50.0, 77.0]), COLUMN_MM)
    assert intervals_show_beginning([none, none], starts, long_row, STEP_MM) is None, "neither has them"


def test_beats_that_stand_beside_those_below_and_as_far_apart_as_the_first_may_be_these() -> None:
    """The second column begins 1.5 mm farther left than was thought; one of other beats has other intervals."""
    beats = long_beats_mm(3.2)
    beats[6:] += [0.0, 0.6, -0.4, 0.2, 0.5, -0.3]
    starts, long_row = [0, round(COLUMN_MM / STEP_MM)], bumps(beats, 2 * COLUMN_MM)

    def are_beside(second_mm: np.ndarray) -> bool:
        columns = [bumps(own, COLUMN_MM) for own in (beats[:6], second_mm)]
        return stand_beside_beats(columns, starts, long_row, STEP_MM)

    assert are_beside(beats[:6] + 1.5)
    assert not are_beside(beats[6:] - COLUMN_MM)
    assert not are_beside(beats[6:] - COLUMN_MM + 1.5)
    assert not are_beside(beats[:1])
