"""Leads that the page does not name, and leads beside the twelve, all the way to files and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ecg_core import read_record
from ecg_core.leads import STANDARD_LEADS
from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers import LeadTrace, PageGeometry, PagePicture, PageStructure, PrintSettings, Reading
from ecg_digitize.outputs.files import save_digitization
from ecg_digitize.record.digitization import Digitization, build_digitization
from ecg_digitize.record.naming import NO_NAME

RATE_HZ = 500
STRIP_MV = synthesize_record(seed=3, duration_s=30.0).lead_mv("II")


def trace(lead: str, row: int, *, first_s: float = 0.0, duration_s: float = 10.0) -> LeadTrace:
    first, count = round(first_s * RATE_HZ), round(duration_s * RATE_HZ)
    return LeadTrace(
        lead=lead,
        row=row,
        is_rhythm=False,
        first_sample=first,
        signal_mv=STRIP_MV[first : first + count],
        clarity=1.0,
        points_px=np.array([[10.0, 20.0 * row], [400.0, 20.0 * row]]),
    )


def build(rows: Sequence[Sequence[str]], traces: Sequence[LeadTrace], *, duration_s: float = 10.0, **more: object):
    structure = PageStructure(
        layout="x", rows=tuple(map(tuple, rows)), scale=PrintSettings().scale(), duration_s=duration_s
    )
    geometry = PageGeometry(px_per_mm_x=8.0, px_per_mm_y=8.0, rotation_deg=0.0, baselines_px=((10.0, 20.0),))
    reading = Reading(traces=traces, structure=structure, geometry=geometry, **more)
    page = PagePicture("strip", np.full((300, 500, 3), 255, np.uint8))
    found: Digitization = build_digitization(page, reading, method="fake", sampling_rate_hz=RATE_HZ)
    return found


def test_a_strip_without_a_name_is_a_full_result_of_one_lead() -> None:
    found = build([("?",)], [trace("?", 0)])
    assert found.record.lead_names == (*STANDARD_LEADS, "unknown")
    np.testing.assert_allclose(found.record.lead_mv("unknown"), STRIP_MV[:5000])
    assert np.isnan(found.record.signal_mv[:12]).all()
    assert found.quality.layout_rows == (("?",),)
    assert found.confidence["unknown"] == 1.0


def test_it_is_never_called_good_and_says_why() -> None:
    found = build([("?",), ("II",)], [trace("?", 0), trace("II", 1)])
    assert found.verdict == "doubtful"
    assert found.warnings == (f"unknown: {NO_NAME}",)
    assert found.quality.leads["unknown"].verdict == "doubtful"
    assert found.quality.leads["unknown"].why == (NO_NAME,)
    assert found.quality.leads["II"].verdict == "good"


def test_rows_that_go_on_are_one_lead_and_the_record_is_as_long_as_all_of_them() -> None:
    for lead, name in (("?", "unknown"), ("II", "II")):
        traces = [trace(lead, row, first_s=10.0 * row) for row in range(3)]
        found = build([(lead,)] * 3, traces, duration_s=30.0)
        assert found.record.duration_s == 30
        np.testing.assert_allclose(found.record.lead_mv(name), STRIP_MV)
        assert list(found.quality.leads) == [name]


def test_several_leads_without_a_name_are_told_apart_in_print_order() -> None:
    rows = [("?", "I"), ("?",)]
    traces = [trace("?", 1), trace("I", 0, first_s=5, duration_s=5), trace("?", 0, duration_s=5)]
    found = build(rows, traces, lead_doubts={"?": "a wave is cut short"})
    assert found.record.lead_names[12:] == ("unknown-1", "unknown-2")
    assert np.isfinite(found.record.lead_mv("unknown-1")).sum() == 5 * RATE_HZ
    assert np.isfinite(found.record.lead_mv("unknown-2")).sum() == 10 * RATE_HZ
    assert found.quality.leads["unknown-2"].why == (f"{NO_NAME}; a wave is cut short",)


def test_two_leads_without_a_name_in_one_row_are_not_one_strip() -> None:
    found = build([("?", "?")], [trace("?", 0, duration_s=5), trace("?", 0, first_s=5, duration_s=5)])
    assert found.record.lead_names[12:] == ("unknown-1", "unknown-2")


def test_evidence_of_leads_without_a_name_is_kept() -> None:
    found = build([("?",)], [trace("?", 0)], evidence={"?": {"seen": 2.0}})
    assert found.quality.evidence["unknown"]["seen"] == 2.0


@pytest.mark.parametrize("suffix", [".hea", ".csv", ".npz"])
def test_leads_beside_the_twelve_are_judged_and_written(tmp_path: Path, suffix: str) -> None:
    found = build([("V4R", "V7"), ("?",)], [trace("V4R", 0), trace("V7", 0), trace("?", 1)])
    assert found.confidence["V4R"] == 1.0
    assert found.quality.leads["V7"].verdict == "good"
    save_digitization(found, tmp_path, "strip", formats=("wfdb", "csv", "npz"))
    written = read_record(tmp_path / f"strip{suffix}")
    assert written.lead_names == (*STANDARD_LEADS, "V4R", "V7", "unknown")
    np.testing.assert_allclose(written.lead_mv("V4R"), STRIP_MV[:5000], atol=2e-3)


def test_a_flat_lead_beside_the_twelve_says_so() -> None:
    flat = LeadTrace(
        lead="V9",
        row=0,
        is_rhythm=False,
        first_sample=0,
        signal_mv=np.zeros(5000),
        clarity=1.0,
        points_px=np.zeros((0, 2)),
    )
    assert "no heartbeat in V9" in build([("V9",)], [flat]).warnings
