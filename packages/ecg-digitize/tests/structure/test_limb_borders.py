"""Where columns border on each other, by limb leads whose sums are zero only as far as they go."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers.structure.limb_borders import TracedRow, do_names_tell_columns
from ecg_digitize.digitizers.structure.long_rows import STEP_MM

LIMBS, CHEST = ("I", "II", "III", "aVR", "aVL", "aVF"), ("V1", "V2", "V3", "V4", "V5", "V6")
ROW_MM, BEFORE_MM = 250.0, 5.0
MM_PER_MV, MM_PER_S = 10.0, 25.0


def rows_of(border_mm: float, *, lean_mm: float = 0.0) -> list[TracedRow]:
    """Six rows of two columns, the second one from a place on; each begins so much farther right than the one above."""
    record = synthesize_record(seed=5, duration_s=ROW_MM / MM_PER_S)
    place_mm = np.arange(0, ROW_MM, STEP_MM)
    times = np.arange(record.num_samples) / record.sampling_rate_hz

    def drawn(lead: str) -> np.ndarray:
        return MM_PER_MV * np.interp(place_mm / MM_PER_S, times, record.lead_mv(lead))

    rows = []
    for number, (limb, chest) in enumerate(zip(LIMBS, CHEST, strict=True)):
        before_mm = BEFORE_MM + number * lean_mm
        bare = np.full(round(before_mm / STEP_MM), np.nan)
        height_mm = np.where(place_mm < border_mm, drawn(limb), drawn(chest))
        rows.append(TracedRow((limb, chest), np.concatenate((bare, height_mm)), -before_mm))
    return rows


@pytest.mark.parametrize("lean_mm", [0.0, 1.5])
def test_limb_leads_tell_whether_columns_are_as_long_as_their_names_stand_apart(lean_mm: float) -> None:
    shorter, longer = (30.0, 130.0), (30.0, 180.0)
    assert do_names_tell_columns(rows_of(100.0, lean_mm=lean_mm), shorter, row_mm=ROW_MM) is True
    assert do_names_tell_columns(rows_of(150.0, lean_mm=lean_mm), longer, row_mm=ROW_MM) is True
    for names_mm in (shorter, longer):
        assert do_names_tell_columns(rows_of(125.0, lean_mm=lean_mm), names_mm, row_mm=ROW_MM) is False


def test_they_do_not_tell_it_where_names_and_equal_columns_agree_or_a_name_is_missing() -> None:
    rows = rows_of(100.0)
    assert do_names_tell_columns(rows, (30.0, 156.0), row_mm=ROW_MM) is None
    assert do_names_tell_columns(rows, (30.0, None), row_mm=ROW_MM) is None


def test_chest_leads_tell_nothing() -> None:
    rows = [TracedRow(("V1", "V4"), row.height_mm, row.first_mm) for row in rows_of(100.0)]
    assert do_names_tell_columns(rows, (30.0, 130.0), row_mm=ROW_MM) is None


def test_rows_of_which_nothing_was_read_before_a_border_tell_nothing() -> None:
    def from_place(first_mm: float) -> list[TracedRow]:
        rows = rows_of(100.0)
        first = round((BEFORE_MM + first_mm) / STEP_MM)
        return [
            TracedRow(row.leads, np.r_[np.full(first, np.nan), row.height_mm[first:]], row.first_mm) for row in rows
        ]

    for first_mm in (100.0, ROW_MM):
        assert do_names_tell_columns(from_place(first_mm), (30.0, 130.0), row_mm=ROW_MM) is None
