"""Verdicts of pages and leads, on readings made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers import Reading
from ecg_digitize.record.judge import FLAT_MV, Judgement, judge
from ecg_digitize.record.quality import LeadQuality
from ecg_digitize.record.relations import disagreements

RECORD = synthesize_record(seed=3, duration_s=10.0)
HIGH = dict.fromkeys(STANDARD_LEADS, 0.95)


@pytest.fixture
def judged(make_reading: Callable[..., Reading]) -> Callable[..., Judgement]:
    """Judges a record that was read as it is, with high confidence but for some leads."""

    def judge_it(record: Record = RECORD, confidence: Mapping[str, float] | None = None, **changes: Any) -> Judgement:
        reading = make_reading(record, **changes)
        known = HIGH | dict(confidence or {})
        return judge(record, reading, disagreement=disagreements(record), confidence=known)

    return judge_it


def flattened(*leads: str) -> Record:
    signal_mv = RECORD.signal_mv.copy()
    for lead in leads:
        signal_mv[RECORD.lead_names.index(lead)] *= 0.01
    return Record(signal_mv=signal_mv, sampling_rate_hz=RECORD.sampling_rate_hz, lead_names=RECORD.lead_names)


def test_a_page_seen_clearly_whose_leads_fit_is_good(judged: Callable[..., Judgement]) -> None:
    found = judged()
    assert found.verdict == "good"
    assert found.warnings == ()
    assert {lead.verdict for lead in found.leads.values()} == {"good"}


@pytest.mark.parametrize(("unusable", "verdict"), [(6, "doubtful"), (7, "refused")])
def test_more_than_half_unusable_is_refused(judged: Callable[..., Judgement], unusable: int, verdict: str) -> None:
    found = judged(confidence=dict.fromkeys(STANDARD_LEADS[:unusable], 0.1))
    assert found.verdict == verdict
    assert found.leads["I"] == LeadQuality(verdict="refused", confidence=0.1, why=("not seen clearly enough",))
    assert any(text.startswith("low confidence in I, II, III, aVR") for text in found.warnings)


def test_a_doubt_of_the_digitizer_rules_out_good_a_note_does_not(judged: Callable[..., Judgement]) -> None:
    assert judged(doubts=["the picture was mirrored"]).verdict == "doubtful"
    found = judged(notes=["gain 10 mm/mV was assumed"])
    assert found.verdict == "good"
    assert found.warnings == ("gain 10 mm/mV was assumed",)


def test_limb_leads_that_do_not_fit_together_are_doubtful_whatever_was_seen(judged: Callable[..., Judgement]) -> None:
    signal_mv = RECORD.signal_mv.copy()
    signal_mv[RECORD.lead_names.index("III")] *= -1
    found = judged(Record(signal_mv=signal_mv, sampling_rate_hz=500.0, lead_names=RECORD.lead_names))
    assert found.verdict == "doubtful"
    assert any("Einthoven (I + III = II) is off by" in text for text in found.warnings)
    assert [lead for lead, own in found.leads.items() if own.verdict != "good"] == ["I", "II", "III"]
    assert found.leads["aVR"].why == ()


def test_flat_leads_say_so_and_do_not_refuse_the_page(judged: Callable[..., Judgement]) -> None:
    """Six chest electrodes off: the limb leads were read as well as ever."""
    chest = STANDARD_LEADS[6:]
    found = judged(flattened(*chest), confidence=dict.fromkeys(chest, 0.05))
    assert found.verdict == "doubtful"
    assert found.warnings == ("no heartbeat in V1, V2, V3, V4, V5, V6",)
    assert found.leads["V1"].verdict == "doubtful"
    assert found.leads["V1"].why == (f"no heartbeat: its samples differ by less than {FLAT_MV:g} mV",)
    assert found.leads["I"].verdict == "good"


def test_flat_leads_cannot_hide_that_the_others_are_unusable(judged: Callable[..., Judgement]) -> None:
    chest = STANDARD_LEADS[6:]
    low = dict.fromkeys((*chest, "I", "II", "III", "aVR"), 0.05)
    assert judged(flattened(*chest), confidence=low).verdict == "refused"
    assert judged(flattened(*STANDARD_LEADS), confidence=dict.fromkeys(STANDARD_LEADS, 0.05)).verdict == "refused"


def test_without_a_calibrated_confidence_it_is_how_clearly_the_lead_was_seen(
    make_reading: Callable[..., Reading],
) -> None:
    found = judge(RECORD, make_reading(RECORD, clarity=0.7), disagreement=disagreements(RECORD), confidence=None)
    assert set(found.confidence.values()) == {0.7}
    assert found.verdict == "doubtful"


def test_a_lead_that_is_not_printed_has_no_verdict_and_counts_for_nothing(judged: Callable[..., Judgement]) -> None:
    found = judged(without="V6")
    assert "V6" not in found.leads
    assert found.confidence["V6"] == 0
    assert found.verdict == "good"


def test_a_doubt_about_a_lead_is_told_whatever_its_confidence(judged: Callable[..., Judgement]) -> None:
    found = judged(lead_doubts={"V2": "a wave is cut short", "V4": "a wave is cut short"})
    assert found.verdict == "doubtful"
    assert found.warnings == ("V2, V4: a wave is cut short",)
    assert found.leads["V4"].verdict == "doubtful"
    assert found.leads["V4"].why == ("a wave is cut short",)
    assert found.leads["V3"].verdict == "good"
