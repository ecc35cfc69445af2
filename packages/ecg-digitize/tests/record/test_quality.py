from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_digitize.record.assemble import LeadPiece
from ecg_digitize.record.quality import FLAT_MV, judge

RECORD = synthesize_record(seed=3, duration_s=10.0)


def pieces(record: Record = RECORD, clarity: float = 1.0) -> list[LeadPiece]:
    return [
        LeadPiece(lead=lead, row=row, is_rhythm=False, first_sample=0, signal_mv=record.lead_mv(lead), clarity=clarity)
        for row, lead in enumerate(record.lead_names)
    ]


def judged(record: Record = RECORD, confidence: Mapping[str, float] | None = None, **options: Any) -> dict[str, Any]:
    known = dict.fromkeys(STANDARD_LEADS, 0.95) | dict(confidence or {})
    given = {"method": "neural", "warnings": (), "details": {}, "confidence": known}
    return judge(record, pieces(record), **given | options)


def flattened(*leads: str) -> Record:
    signal_mv = RECORD.signal_mv.copy()
    for lead in leads:
        signal_mv[RECORD.lead_names.index(lead)] *= 0.01
    return Record(signal_mv=signal_mv, sampling_rate_hz=RECORD.sampling_rate_hz, lead_names=RECORD.lead_names)


def test_a_page_seen_clearly_whose_leads_fit_is_good() -> None:
    found = judged()
    assert found["verdict"] == "good"
    assert found["warnings"] == []
    assert {lead["verdict"] for lead in found["leads"].values()} == {"good"}


@pytest.mark.parametrize(("unusable", "verdict"), [(4, "doubtful"), (5, "refused")])
def test_more_than_a_third_unusable_is_refused(unusable: int, verdict: str) -> None:
    found = judged(confidence=dict.fromkeys(STANDARD_LEADS[:unusable], 0.1))
    assert found["verdict"] == verdict
    assert found["leads"]["I"] == {"verdict": "refused", "confidence": 0.1, "why": ["not seen clearly enough"]}
    assert any(text.startswith("low confidence in I, II, III, aVR") for text in found["warnings"])


def test_a_warning_of_the_method_rules_out_good_a_note_does_not() -> None:
    assert judged(warnings=["the picture was mirrored"])["verdict"] == "doubtful"
    found = judged(notes=["gain 10 mm/mV was assumed"])
    assert found["verdict"] == "good"
    assert found["warnings"] == ["gain 10 mm/mV was assumed"]


def test_limb_leads_that_do_not_fit_together_are_doubtful_whatever_was_seen() -> None:
    signal_mv = RECORD.signal_mv.copy()
    signal_mv[RECORD.lead_names.index("III")] *= -1
    found = judged(Record(signal_mv=signal_mv, sampling_rate_hz=500.0, lead_names=RECORD.lead_names))
    assert found["verdict"] == "doubtful"
    assert any("Einthoven (I + III = II) is off by" in text for text in found["warnings"])
    assert [lead for lead, own in found["leads"].items() if own["verdict"] != "good"] == ["I", "II", "III"]
    assert found["disagreement"]["Goldberger (aVR + aVL + aVF = 0)"] < 0.1


def test_flat_leads_say_so_and_do_not_refuse_the_page() -> None:
    """Six chest electrodes off: the limb leads were read as well as ever."""
    chest = STANDARD_LEADS[6:]
    found = judged(flattened(*chest), confidence=dict.fromkeys(chest, 0.05))
    assert found["verdict"] == "doubtful"
    assert found["warnings"] == ["no heartbeat in V1, V2, V3, V4, V5, V6"]
    assert found["leads"]["V1"]["verdict"] == "doubtful"
    assert found["leads"]["V1"]["why"] == [f"no heartbeat: its samples differ by less than {FLAT_MV:g} mV"]
    assert found["leads"]["I"]["verdict"] == "good"


def test_flat_leads_cannot_hide_that_the_others_are_unusable() -> None:
    chest = STANDARD_LEADS[6:]
    low = dict.fromkeys((*chest, "I", "II", "III"), 0.05)
    assert judged(flattened(*chest), confidence=low)["verdict"] == "refused"
    assert judged(flattened(*STANDARD_LEADS), confidence=dict.fromkeys(STANDARD_LEADS, 0.05))["verdict"] == "refused"


def test_without_a_calibrated_confidence_it_is_how_clearly_the_lead_was_seen() -> None:
    found = judge(RECORD, pieces(clarity=0.7), method="neural", warnings=(), details={})
    assert set(found["confidence"].values()) == {0.7}
    assert found["verdict"] == "doubtful"


def test_a_lead_that_is_not_printed_has_no_verdict_and_counts_for_nothing() -> None:
    own = [piece for piece in pieces() if piece.lead != "V6"]
    found = judge(RECORD, own, method="neural", warnings=(), details={}, confidence=dict.fromkeys(STANDARD_LEADS, 0.9))
    assert "V6" not in found["leads"]
    assert found["confidence"]["V6"] == 0
    assert found["verdict"] == "good"


def test_a_doubt_about_a_lead_is_told_whatever_its_confidence() -> None:
    found = judged(doubts={"V2": "a wave is cut short", "V4": "a wave is cut short"})
    assert found["verdict"] == "doubtful"
    assert found["warnings"] == ["V2, V4: a wave is cut short"]
    assert found["leads"]["V4"]["verdict"] == "doubtful"
    assert found["leads"]["V4"]["why"] == ["a wave is cut short"]
    assert found["leads"]["V3"]["verdict"] == "good"
