from __future__ import annotations

import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record


def record_of(*leads: str, num_samples: int = 4, **fields: object) -> Record:
    rows = np.arange(len(leads) * num_samples).reshape(len(leads), num_samples)
    return Record(**{"signal_mv": rows, "sampling_rate_hz": 500, "lead_names": leads, "name": "rec-1"} | fields)


def test_values_take_their_standard_form() -> None:
    record = Record(signal_mv=[[1, 2], [3, 4]], sampling_rate_hz=2, lead_names=["AVR", " dii "])
    assert record.signal_mv.dtype == np.float32
    assert record.lead_names == ("aVR", "II")
    assert (record.num_leads, record.num_samples, record.duration_s) == (2, 2, 1.0)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"signal_mv": np.zeros(5)}, r"\(5,\)"),
        ({"signal_mv": np.zeros((3, 5))}, "3 rows of signal, 2 lead names"),
        ({"lead_names": ["I", "DI"]}, "twice"),
        ({"sampling_rate_hz": 0}, "above 0 Hz"),
        ({"sampling_rate_hz": np.nan}, "above 0 Hz"),
        ({"signal_mv": [[0, 0], [0, np.inf]]}, "sample 1 of lead II is infinite"),
        ({"signal_mv": [[0, 0], [-1e300, 0]]}, "sample 0 of lead II is infinite"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_name(fields: dict[str, object], complaint: str) -> None:
    with pytest.raises(DataError, match=f"rec-1.*{complaint}"):
        record_of("I", "II", **fields)


def test_a_lead_is_found_under_any_spelling() -> None:
    np.testing.assert_array_equal(record_of("I", "aVR").lead_mv("AVR"), [4, 5, 6, 7])
    with pytest.raises(DataError, match="rec-1: no lead V1; it has I, aVR"):
        record_of("I", "aVR").lead_mv("V1")


def test_select_orders_leads_and_names_all_that_are_missing() -> None:
    record = record_of("II", "I")
    np.testing.assert_array_equal(record.select(["I", "II"]).signal_mv, record.signal_mv[::-1])
    with pytest.raises(DataError, match="rec-1: no lead III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6; it has II, I"):
        record.select()


def test_select_can_fill_missing_leads_with_nan() -> None:
    filled = record_of("II", metadata={"age": 5}).select(fill_missing=True)
    assert filled.lead_names == STANDARD_LEADS
    assert np.isfinite(filled.lead_mv("II")).all()
    assert np.isnan(filled.select([lead for lead in STANDARD_LEADS if lead != "II"]).signal_mv).all()
    assert filled.metadata == {"age": 5}
    assert record_of("II").select([]).signal_mv.shape == (0, 4)


def test_resampling_keeps_duration_names_and_metadata() -> None:
    record = record_of("I", "II", num_samples=1000, metadata={"age": 5})
    resampled = record.resample(360)
    assert resampled.sampling_rate_hz == 360
    assert resampled.duration_s == pytest.approx(record.duration_s)
    assert (resampled.lead_names, resampled.metadata, resampled.name) == (("I", "II"), {"age": 5}, "rec-1")
    assert record.resample(500.0) is record
