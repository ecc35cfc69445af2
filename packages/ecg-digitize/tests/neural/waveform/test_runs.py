from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.digitizers.neural.waveform.runs import runs_of


def test_runs_at_both_ends_and_in_between() -> None:
    assert runs_of(np.array([1, 1, 0, 1, 0, 0, 1], bool)).tolist() == [[0, 2], [3, 4], [6, 7]]
    assert runs_of(np.zeros(3, bool)).shape == (0, 2)


@given(st.lists(st.booleans(), max_size=40))
def test_runs_hold_what_is_true_and_nothing_lies_between_two_that_is(there: list[bool]) -> None:
    runs = runs_of(np.array(there, bool)).tolist()
    assert [place for first, last in runs for place in range(first, last)] == np.flatnonzero(there).tolist()
    assert all(after[0] > before[1] for before, after in itertools.pairwise(runs))
