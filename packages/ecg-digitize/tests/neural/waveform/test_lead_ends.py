from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.digitizers.neural.waveform.lead_ends import LONGEST_MM, NEAR_MM, SURE, gap_about

ACROSS = 16.0


@given(start=st.integers(-20, 6), width=st.integers(1, 20))
def test_a_gap_that_lies_about_the_end_of_a_lead_is_found_as_far_as_gaps_reach(start: int, width: int) -> None:
    presence = np.ones(2000)
    presence[1000 + start : 1000 + start + width] = 0.5
    found = gap_about(presence, 1000.0, across_px_per_mm=ACROSS)
    if start + width - 1 >= -NEAR_MM * ACROSS:
        assert found == (1000 + start, 1000 + min(start + width - 1, round(LONGEST_MM * ACROSS)))
    elif start + width - 1 < -NEAR_MM * ACROSS - 1:
        assert found is None


def test_a_gap_may_hold_something_that_looks_like_a_trace() -> None:
    """A separator, say."""
    presence = np.ones(2000)
    presence[994:1008] = 0.1
    presence[1000:1002] = 0.95
    assert gap_about(presence, 1000.0, across_px_per_mm=ACROSS) == (994, 1007)


def test_leads_without_a_gap_have_none() -> None:
    assert gap_about(np.full(2000, SURE), 1000.0, across_px_per_mm=ACROSS) is None


def test_a_faint_place_farther_inside_is_no_gap() -> None:
    presence = np.ones(2000)
    presence[1000 + round(LONGEST_MM * ACROSS) - 4 : 1100] = 0.3
    assert gap_about(presence, 1000.0, across_px_per_mm=ACROSS) is None


def test_ends_beyond_the_strip_have_none() -> None:
    for place in (-200.0, 900.0):
        assert gap_about(np.zeros(500), place, across_px_per_mm=ACROSS) is None
