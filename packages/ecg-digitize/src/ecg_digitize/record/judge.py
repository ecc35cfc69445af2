"""Verdict and warnings of a page and of each of its leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np

from ecg_core.record import Record
from ecg_digitize.digitizers.reading import LeadTrace, Reading
from ecg_digitize.record.naming import leads_of_record
from ecg_digitize.record.quality import LeadQuality, Verdict
from ecg_digitize.record.relations import RELATIONS

GOOD_CONFIDENCE = 0.8
USABLE_CONFIDENCE = 0.25
MAX_REFUSED_SHARE = 0.5
"""A page with more than this part of its leads, flat ones apart, below `USABLE_CONFIDENCE` is refused. Where chest
leads run over each other the limb leads are read none the worse: a record with each lead's own verdict is of more use
than none."""
FLAT_MV = 0.06
"""A lead whose samples differ by less, those at the edges left aside, shows no heartbeat: an electrode is off, or the
trace was not the one that was read. No signal, no signal-to-noise ratio: its confidence says nothing of the page."""

TOLERATED_DISAGREEMENT = 0.35
"""Root mean square of a relation's residual, as part of that of its leads, up to which nothing is deducted."""
HOPELESS_DISAGREEMENT = 1.0


@attrs.frozen(kw_only=True)
class Judgement:
    """What is thought of a page.

    Attributes:
        verdict: whether to use the record.
        warnings: every reason for doubt, then the notes of the digitizer.
        confidence: for each lead of the record, 0 to 1; 0 for one that is not printed.
        leads: the printed leads one by one.
    """

    verdict: Verdict
    warnings: tuple[str, ...]
    confidence: Mapping[str, float]
    leads: Mapping[str, LeadQuality]


def judge(
    record: Record,
    reading: Reading,
    *,
    disagreement: Mapping[str, float | None],
    confidence: Mapping[str, float] | None,
) -> Judgement:
    """Judge a page.

    Args:
        record: the assembled record.
        reading: what it was assembled from, with the digitizer's own doubts.
        disagreement: as `ecg_digitize.record.relations.disagreements` gives it.
        confidence: probability of each lead to be right, where a calibration weighed what speaks for it; None: it is
            how clearly the lead was seen, less a deduction where the limb leads do not fit together.
    """
    printed = [lead for lead in record.lead_names if any(trace.name == lead for trace in reading.traces)]
    known = _clarity_less_disagreement(reading.traces, disagreement) if confidence is None else confidence
    every = {lead: float(known.get(lead, 0.0)) if lead in printed else 0.0 for lead in record.lead_names}
    flat = [lead for lead in printed if _is_flat(record.lead_mv(lead))]
    telling = [lead for lead in printed if lead not in flat] or printed
    weak = [lead for lead in telling if every[lead] < GOOD_CONFIDENCE]
    complaints = [*reading.doubts, *_misfits(disagreement)]
    if flat:
        complaints.append(f"no heartbeat in {', '.join(flat)}")
    complaints += _doubts_by_reason(printed, reading.lead_doubts)
    if weak:
        complaints.append(f"low confidence in {', '.join(weak)}")
    return Judgement(
        verdict=_verdict([every[lead] for lead in telling], complaints),
        warnings=(*complaints, *reading.notes),
        confidence={lead: round(value, 3) for lead, value in every.items()},
        leads={
            lead: _judge_lead(
                lead, every[lead], disagreement, is_flat=lead in flat, doubt=reading.lead_doubts.get(lead)
            )
            for lead in printed
        },
    )


def _doubts_by_reason(printed: Sequence[str], doubts: Mapping[str, str]) -> Iterator[str]:
    """A complaint for each reason, naming the leads that it holds for."""
    for reason in dict.fromkeys(doubts.values()):
        yield f"{', '.join(lead for lead in printed if doubts.get(lead) == reason)}: {reason}"


def _clarity_less_disagreement(
    traces: Sequence[LeadTrace], disagreement: Mapping[str, float | None]
) -> dict[str, float]:
    confidence = {lead: _clarity(lead, traces) for lead in leads_of_record(traces)}
    for relation in RELATIONS:
        excess = disagreement[relation.name]
        if excess is not None and excess > TOLERATED_DISAGREEMENT:
            for lead in relation.leads:
                confidence[lead] *= _deduction(excess)
    return confidence


def _clarity(lead: str, traces: Sequence[LeadTrace]) -> float:
    """Mean clarity of a lead's traces, weighted by how long each is; 0 for a lead that is not printed."""
    own = [trace for trace in traces if trace.name == lead]
    lengths = [len(trace.signal_mv) for trace in own]
    return float(np.average([trace.clarity for trace in own], weights=lengths)) if own else 0.0


def _deduction(disagreement: float) -> float:
    """Factor on the confidence: 1 at what is tolerated, 0 where the leads have nothing to do with one another."""
    span = HOPELESS_DISAGREEMENT - TOLERATED_DISAGREEMENT
    return float(np.clip((HOPELESS_DISAGREEMENT - disagreement) / span, 0.0, 1.0))


def _misfits(disagreement: Mapping[str, float | None]) -> list[str]:
    """A complaint for each relation that does not hold."""
    return [
        f"the limb leads do not fit together: {name} is off by {excess:.0%} of their size"
        for name, excess in disagreement.items()
        if excess is not None and excess > TOLERATED_DISAGREEMENT
    ]


def _is_flat(signal_mv: np.ndarray) -> bool:
    known = signal_mv[np.isfinite(signal_mv)]
    return bool(len(known)) and float(np.ptp(np.quantile(known, (0.005, 0.995)))) < FLAT_MV


def _judge_lead(
    lead: str, confidence: float, disagreement: Mapping[str, float | None], *, is_flat: bool, doubt: str | None
) -> LeadQuality:
    """Verdict of a lead, and why it is not better."""
    why = [doubt] if doubt else []
    if is_flat:
        why.append(f"no heartbeat: its samples differ by less than {FLAT_MV:g} mV")
    elif confidence < GOOD_CONFIDENCE:
        why.append("not seen clearly enough")
    for relation in RELATIONS:
        excess = disagreement[relation.name]
        if lead in relation.leads and excess is not None and excess > TOLERATED_DISAGREEMENT:
            why.append(f"{relation.name} is off by {excess:.0%}")
    verdict: Verdict = "refused" if confidence < USABLE_CONFIDENCE and not is_flat else "doubtful" if why else "good"
    return LeadQuality(verdict=verdict, confidence=round(confidence, 3), why=tuple(why))


def _verdict(confidence: Sequence[float], complaints: Sequence[str]) -> Verdict:
    unusable = sum(value < USABLE_CONFIDENCE for value in confidence)
    if unusable > MAX_REFUSED_SHARE * len(confidence):
        return "refused"
    return "doubtful" if complaints else "good"
