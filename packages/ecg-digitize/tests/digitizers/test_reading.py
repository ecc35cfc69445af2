"""A reading that no record could be made of is refused where it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize.digitizers import LeadTrace, Reading, printed_rows, samples_of

TRACE: dict[str, Any] = {
    "lead": "II",
    "row": 0,
    "is_rhythm": True,
    "first_sample": 0,
    "signal_mv": np.zeros(5),
    "clarity": 1.0,
    "points_px": np.zeros((3, 2)),
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"signal_mv": np.zeros((2, 5))}, r"signal_mv has shape \(samples,\), found \(2, 5\)"),
        ({"signal_mv": np.zeros(0)}, "signal_mv has shape"),
        ({"sample_clarity": np.ones(4)}, "sample_clarity has the shape of signal_mv"),
        ({"points_px": np.zeros((2, 3))}, "points_px has shape"),
        ({"row": -1}, "count from 0"),
        ({"clarity": float("nan")}, "clarity is a number"),
    ],
    ids=str,
)
def test_arrays_of_another_shape_and_numbers_out_of_range_are_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        LeadTrace(**TRACE | change)


@pytest.mark.parametrize(
    ("change", "error", "complaint"),
    [
        ({"traces": []}, ValueError, "at least one trace"),
        ({"traces": ["II"]}, TypeError, "traces"),
        ({"traces": [LeadTrace(**TRACE | {"row": 12})]}, ValueError, "row 12"),
        ({"structure": None}, TypeError, "structure"),
        ({"doubts": "the page is torn"}, TypeError, "a list of texts"),
        ({"details": {"place": np.zeros(2)}}, TypeError, "JSON"),
        ({"details": {"place": float("nan")}}, ValueError, "JSON"),
    ],
    ids=str,
)
def test_what_contradicts_itself_is_refused(
    make_reading: Callable[..., Reading], change: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        make_reading(**change)


def test_what_is_not_told_of_samples_is_that_of_the_whole() -> None:
    trace = LeadTrace(**TRACE | {"signal_mv": np.array([0.1, np.nan, 0.2]), "clarity": 0.5, "lead": "-aVR"})
    np.testing.assert_array_equal(trace.clarity_of_samples(), [0.5, 0, 0.5])
    np.testing.assert_array_equal(
        attrs.evolve(trace, sample_clarity=np.array([0.1, 0.2, 0.3])).clarity_of_samples(), [0.1, 0, 0.3]
    )
    assert trace.name == "aVR"


def test_rows_are_told_as_they_are_printed() -> None:
    assert printed_rows(LAYOUT_3X4_1R) == (
        ("I", "aVR", "V1", "V4"),
        ("II", "aVL", "V2", "V5"),
        ("III", "aVF", "V3", "V6"),
        ("II",),
    )


def test_segments_share_the_samples_of_a_record_without_gap_or_overlap() -> None:
    """At 501 Hz a segment of 2.5 s begins between two samples."""
    first_row = [each for each in LAYOUT_3X4_1R.segments if each.row == 0]
    spans = [samples_of(segment, 501.0) for segment in first_row]
    taken = [first + np.arange(len(after)) for first, after in spans]
    np.testing.assert_array_equal(np.concatenate(taken), np.arange(5010))
    first, after = spans[1]
    assert first_row[1].start_s + after[0] / 501.0 == pytest.approx(first / 501.0)
