from __future__ import annotations

import numpy as np
import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import Layout
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render.training_records import lasting_for, with_leads

STRIP = Layout(name="strip", rows=(("II",),) * 3, baselines_mm=(20, 40, 60), timing="continued")


def test_leads_of_the_back_are_smaller_ones_of_the_side() -> None:
    record = synthesize_record(seed=1)
    made = with_leads(record, ["I", "V7", "V8", "V9", "V3R", "V4R"])
    assert made.lead_names == (*STANDARD_LEADS, "V7", "V8", "V9", "V3R", "V4R")
    sizes = [np.ptp(made.lead_mv(lead)) for lead in ("V6", "V7", "V8", "V9")]
    assert sizes == sorted(sizes, reverse=True)
    assert np.corrcoef(made.lead_mv("V9"), record.lead_mv("V6"))[0, 1] == pytest.approx(1)
    assert np.corrcoef(made.lead_mv("V4R"), record.lead_mv("V1"))[0, 1] == pytest.approx(1)


def test_limb_leads_follow_from_two_of_them() -> None:
    record = synthesize_record(seed=1)
    made = with_leads(record.select(["I", "II"]), ["III", "-aVR", "aVF"])
    for lead in ("III", "aVR", "aVF"):
        np.testing.assert_allclose(made.lead_mv(lead), record.lead_mv(lead), atol=0.02)


def test_what_cannot_be_made_up_stays_missing() -> None:
    record = synthesize_record(seed=1)
    assert with_leads(record, STANDARD_LEADS) is record
    assert with_leads(record.select(["V1"]), ["V2", "V7"]).lead_names == ("V1",)


def test_a_short_record_is_repeated_without_a_jump() -> None:
    rate = 100.0
    slope = np.linspace(0, 2, 1000)[None]  # its end lies 2 mV above its beginning
    record = Record(signal_mv=slope, sampling_rate_hz=rate, lead_names=("II",))
    long = lasting_for(record, STRIP)
    assert long.num_samples == 3000
    assert np.abs(np.diff(long.signal_mv)).max() < 0.06
    np.testing.assert_allclose(long.signal_mv[:, 870:1670], record.signal_mv[:, :800], atol=1e-6)


def test_rows_of_a_strip_that_last_as_long_as_a_record_are_no_copies() -> None:
    rows = np.split(lasting_for(synthesize_record(seed=1, duration_s=10.0), STRIP).lead_mv("II"), 3)
    assert max(np.corrcoef(rows[0], other)[0, 1] for other in rows[1:]) < 0.9


def test_a_record_that_is_long_enough_stays_as_it_is() -> None:
    record = synthesize_record(seed=1, duration_s=30.0)
    assert lasting_for(record, STRIP) is record
