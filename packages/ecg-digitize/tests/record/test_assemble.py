from __future__ import annotations

import numpy as np
import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_digitize.digitizers import LeadTrace
from ecg_digitize.record.assemble import assemble_clarity, assemble_record


def trace(lead: str, first: int, values: list[float], clarity: float, **more: object) -> LeadTrace:
    signal = np.array(values, float)
    return LeadTrace(
        lead=lead,
        row=0,
        is_rhythm=False,
        first_sample=first,
        signal_mv=signal,
        clarity=clarity,
        points_px=np.zeros((0, 2)),
        **more,
    )


def test_clarity_is_that_of_the_clearer_print_and_0_where_nothing_was_read() -> None:
    traces = [
        trace("II", 0, [0.1, 0.1, np.nan, 0.1], 0.9),
        trace("II", 1, [0.1, 0.1, 0.1, 0.1, 0.1], 0.5, sample_clarity=np.array([0.2, 0.4, 0.95, 0.6, 0.7])),
        trace("-aVR", 2, [0.3], 0.8),
        trace("X", 0, [1.0], 1.0),
    ]
    clarity = assemble_clarity(traces, num_samples=5)
    assert clarity.shape == (13, 5)
    np.testing.assert_allclose(clarity[12], [1, 0, 0, 0, 0])
    np.testing.assert_allclose(clarity[STANDARD_LEADS.index("II")], [0.9, 0.9, 0.4, 0.95, 0.6], atol=1e-6)
    np.testing.assert_allclose(clarity[STANDARD_LEADS.index("aVR")], [0, 0, 0.8, 0, 0], atol=1e-6)
    assert clarity.sum() == pytest.approx(0.9 + 0.9 + 0.4 + 0.95 + 0.6 + 0.8 + 1, abs=1e-5)


def test_two_prints_that_agree_are_averaged_and_of_others_the_clearer_counts() -> None:
    agreed = [trace("II", 0, [0.10, 0.34, 0.5], 0.9), trace("II", 0, [0.10, 0.30, 0.54], 0.5)]
    record = assemble_record(agreed, sampling_rate_hz=500, num_samples=3, name="x")
    np.testing.assert_allclose(record.lead_mv("II"), [0.10, 0.32, 0.52], atol=1e-6)
    apart = [trace("II", 0, [0.1, 0.3, 0.5], 0.9), trace("II", 0, [0.9, -0.3, 0.1], 0.5)]
    record = assemble_record(apart, sampling_rate_hz=500, num_samples=3, name="x")
    np.testing.assert_allclose(record.lead_mv("II"), [0.1, 0.3, 0.5], atol=1e-6)


@pytest.mark.parametrize("clarity_of_short", [0.4, 0.9])
def test_a_lead_does_not_step_where_its_shorter_print_begins(clarity_of_short: float) -> None:
    long = trace("V1", 0, [0.0, 0.1, 0.2, 0.3, 0.4], 0.6)
    short = trace("V1", 2, [0.25, 0.35], clarity_of_short)
    record = assemble_record([long, short], sampling_rate_hz=500, num_samples=5, name="x")
    np.testing.assert_allclose(record.lead_mv("V1"), [0.0, 0.1, 0.2, 0.3, 0.4], atol=1e-6)


def test_other_printed_leads_follow_the_twelve() -> None:
    traces = [trace("V9", 0, [0.9], 1.0), trace("X", 0, [0.3], 1.0), trace("V3R", 1, [0.5], 1.0)]
    record = assemble_record(traces, sampling_rate_hz=500, num_samples=2, name="x")
    assert record.lead_names == (*STANDARD_LEADS, "V3R", "V9", "X")
    np.testing.assert_allclose(record.lead_mv("V3R"), [np.nan, 0.5])
    np.testing.assert_allclose(record.lead_mv("V9"), [0.9, np.nan], atol=1e-6)


def test_a_lead_printed_upside_down_is_turned() -> None:
    record = assemble_record([trace("-aVR", 1, [0.4], 1.0)], sampling_rate_hz=500, num_samples=3, name="x")
    np.testing.assert_allclose(record.lead_mv("aVR"), [np.nan, -0.4, np.nan], atol=1e-6)
