"""How far a digitized page can be trusted: what was seen clearly, and whether the leads fit together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ecg_core.leads import STANDARD_LEADS, einthoven_residual, goldberger_residual
from ecg_core.record import Record
from ecg_digitize.record.assemble import LeadPiece
from ecg_digitize.record.digitization import Verdict

RIGHT_DB = 10.0
"""Competition SNR from which on a lead counts as read right; a calibrated confidence is the probability of that."""

GOOD_CONFIDENCE = 0.8
USABLE_CONFIDENCE = 0.25
MAX_REFUSED_SHARE = 0.34
"""A page with more than this part of its leads, flat ones apart, below `USABLE_CONFIDENCE` is refused."""
FLAT_MV = 0.06
"""A lead whose samples differ by less, those at the edges left aside, shows no heartbeat: an electrode is off, or the
trace was not the one that was read. No signal, no signal-to-noise ratio: its confidence says nothing of the page."""

NOISE_FLOOR_MV = 0.03
"""Disagreement of leads that print and pixels explain."""
TOLERATED_DISAGREEMENT = 0.35
"""Root mean square of a relation's residual, as part of that of its leads, up to which nothing is deducted."""
HOPELESS_DISAGREEMENT = 1.0


class Relation:
    """Leads whose signals add up to nothing, or to one of them.

    Attributes:
        name: whose it is, and how it goes.
        leads: that it binds.
        residual: of their signals, by lead.
    """

    def __init__(
        self, name: str, leads: tuple[str, ...], residual: Callable[[dict[str, np.ndarray]], np.ndarray]
    ) -> None:
        self.name, self.leads, self.residual = name, leads, residual

    def disagreement(self, record: Record) -> float | None:
        """Size of the residual over that of the leads, offsets left aside; None where they share no second."""
        signals = {lead: record.lead_mv(lead).astype(float) for lead in self.leads}
        common = np.isfinite(np.sum(list(signals.values()), axis=0))
        if common.sum() < record.sampling_rate_hz:
            return None
        signals = {lead: signal[common] - signal[common].mean() for lead, signal in signals.items()}
        size = np.sqrt(np.mean([np.var(signal) for signal in signals.values()]))
        return max(0.0, float(np.std(self.residual(signals))) - NOISE_FLOOR_MV) / max(float(size), NOISE_FLOOR_MV)


RELATIONS = (
    Relation("Einthoven (I + III = II)", ("I", "II", "III"), einthoven_residual),
    Relation("Goldberger (aVR + aVL + aVF = 0)", ("aVR", "aVL", "aVF"), goldberger_residual),
)


def judge(
    record: Record,
    pieces: Sequence[LeadPiece],
    *,
    method: str,
    warnings: Sequence[str],
    details: Mapping[str, Any],
    notes: Sequence[str] = (),
    confidence: Mapping[str, float] | None = None,
    doubts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Confidence and verdict of every lead and of the page, and the reasons, as plain values.

    Args:
        record: the assembled record.
        pieces: what it was assembled from.
        method: how it was read.
        warnings: what the method itself found doubtful; any of them rules out ``good``.
        details: further plain values to pass on.
        notes: what a user should know as well, though it says nothing against the reading.
        confidence: of each lead, where the method has weighed all that speaks for and against it; else it is how
            clearly the lead was seen, less a deduction where the limb leads do not fit together.
        doubts: what makes a lead doubtful, whatever its confidence.
    """
    disagreement = {relation.name: relation.disagreement(record) for relation in RELATIONS}
    printed = [lead for lead in STANDARD_LEADS if _is_printed(lead, pieces)]
    known = confidence or _clarity_less_disagreement(pieces, disagreement)
    every = {lead: float(known[lead]) if lead in printed else 0.0 for lead in STANDARD_LEADS}
    complaints = [*warnings, *_misfits(disagreement)]
    flat = [lead for lead in printed if _is_flat(record.lead_mv(lead))]
    if flat:
        complaints.append(f"no heartbeat in {', '.join(flat)}")
    doubts = doubts or {}
    complaints += [
        f"{', '.join(lead for lead in printed if doubts.get(lead) == reason)}: {reason}"
        for reason in dict.fromkeys(doubts.values())
    ]
    telling = [lead for lead in printed if lead not in flat] or printed
    weak = [lead for lead in telling if every[lead] < GOOD_CONFIDENCE]
    if weak:
        complaints.append(f"low confidence in {', '.join(weak)}")
    return {
        "method": method,
        "verdict": _verdict([every[lead] for lead in telling], complaints),
        "warnings": [*complaints, *notes],
        "confidence": {lead: round(value, 3) for lead, value in every.items()},
        "leads": {
            lead: _lead_verdict(lead, every[lead], disagreement, is_flat=lead in flat, doubt=doubts.get(lead))
            for lead in printed
        },
        "disagreement": {name: None if value is None else round(value, 3) for name, value in disagreement.items()},
        **details,
    }


def _is_printed(lead: str, pieces: Sequence[LeadPiece]) -> bool:
    return any(piece.lead.removeprefix("-") == lead for piece in pieces)


def _clarity_less_disagreement(
    pieces: Sequence[LeadPiece], disagreement: Mapping[str, float | None]
) -> dict[str, float]:
    confidence = {lead: _clarity(lead, pieces) for lead in STANDARD_LEADS}
    for relation in RELATIONS:
        excess = disagreement[relation.name]
        if excess is not None and excess > TOLERATED_DISAGREEMENT:
            for lead in relation.leads:
                confidence[lead] *= _deduction(excess)
    return confidence


def _clarity(lead: str, pieces: Sequence[LeadPiece]) -> float:
    """Mean clarity of a lead's pieces, weighted by how long each is; 0 for a lead that is not printed."""
    own = [piece for piece in pieces if piece.lead.removeprefix("-") == lead]
    lengths = [len(piece.signal_mv) for piece in own]
    return float(np.average([piece.clarity for piece in own], weights=lengths)) if own else 0.0


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


def _lead_verdict(
    lead: str, confidence: float, disagreement: Mapping[str, float | None], *, is_flat: bool, doubt: str | None
) -> dict[str, Any]:
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
    return {"verdict": verdict, "confidence": round(confidence, 3), "why": why}


def _verdict(confidence: Sequence[float], complaints: Sequence[str]) -> Verdict:
    unusable = sum(value < USABLE_CONFIDENCE for value in confidence)
    if unusable > MAX_REFUSED_SHARE * len(confidence):
        return "refused"
    return "doubtful" if complaints else "good"
