from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import find_peaks

from ecg_core.curves import finite_runs, parabola_top, peaks_of, runs_of


def test_runs_at_both_ends_and_in_between() -> None:
    assert runs_of(np.array([1, 1, 0, 1, 0, 0, 1], bool)).tolist() == [[0, 2], [3, 4], [6, 7]]
    assert runs_of(np.zeros(3, bool)).shape == (0, 2)


@given(st.lists(st.booleans(), max_size=40))
def test_runs_hold_what_is_true_and_nothing_lies_between_two_that_is(there: list[bool]) -> None:
    runs = runs_of(np.array(there, bool)).tolist()
    assert [place for first, last in runs for place in range(first, last)] == np.flatnonzero(there).tolist()
    assert all(after[0] > before[1] for before, after in itertools.pairwise(runs))


@given(st.lists(st.booleans(), max_size=40))
def test_runs_are_the_finite_stretches(finite: list[bool]) -> None:
    lead = np.where(finite, 1.0, np.nan) if finite else np.empty(0)
    rebuilt = np.zeros(len(finite), bool)
    previous_stop = -1
    for start, stop in finite_runs(lead):
        assert previous_stop < start < stop
        rebuilt[start:stop] = True
        previous_stop = stop
    assert rebuilt.tolist() == finite


@given(top=st.floats(-0.5, 0.5), bend=st.floats(0.1, 10), height=st.floats(-3, 3))
def test_the_top_of_a_parabola_is_found_between_its_samples(top: float, bend: float, height: float) -> None:
    before, at, after = height - bend * (np.array([-1.0, 0.0, 1.0]) - top) ** 2
    assert float(parabola_top(before, at, after)) == pytest.approx(top, abs=1e-9)


def test_tops_of_many_parabolas_at_once_lie_within_half_a_place() -> None:
    before, at, after = np.array([[0.0, 1.0, 2.0, 5.0], [1.0, 1.0, 1.0, 4.0], [0.0, 0.0, 0.0, 5.0]])
    assert parabola_top(before, at, after).tolist() == [0.0, -0.5, 0.0, 0.0]
    assert parabola_top(before, at, after, least_bend=0.5).tolist() == [0.0, -0.5, -0.5, 0.0]


def test_a_parabola_without_a_top_has_it_in_the_middle() -> None:
    assert float(parabola_top(1.0, 1.0, 1.0)) == 0
    assert float(parabola_top(3.0, 1.0, 2.0)) == 0


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=60),
    st.floats(1, 9),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_peaks_are_those_of_scipy(levels: list[int], apart: float, least: int, prominence: int) -> None:
    values = np.array(levels, float) + 1e-3 * np.sin(np.arange(len(levels)))  # none of two peaks is as high as another
    found, _ = find_peaks(values, distance=apart, height=least, prominence=prominence)
    assert peaks_of(values, apart=apart, least=least, prominence=prominence).tolist() == found.tolist()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_the_middle_of_places_that_are_equally_high_is_the_peak(levels: list[int]) -> None:
    values = np.array(levels, float)
    assert peaks_of(values).tolist() == find_peaks(values)[0].tolist()
