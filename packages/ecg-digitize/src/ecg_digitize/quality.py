"""How far a digitized page can be trusted: what was seen clearly, and whether the leads fit together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ecg_core.leads import STANDARD_LEADS, einthoven_residual, goldberger_residual
from ecg_core.record import Record
from ecg_digitize.assemble import LeadPiece
from ecg_digitize.result import Verdict

RIGHT_DB = 10.0
"""Competition SNR from which on a lead counts as read right; a confidence is the probability of that."""

GOOD_CONFIDENCE = 0.8
USABLE_CONFIDENCE = 0.5
MAX_REFUSED_SHARE = 0.34
"""A page with more than this part of its leads below `USABLE_CONFIDENCE` is refused."""
NOISE_FLOOR_MV = 0.03
"""Disagreement of leads that print and pixels explain."""
TOLERATED_DISAGREEMENT = 0.35
"""Root mean square of a relation's residual, as part of that of its leads, up to which nothing is deducted."""
HOPELESS_DISAGREEMENT = 1.0
RELATIONS: tuple[tuple[str, tuple[str, ...], Callable[[dict[str, np.ndarray]], np.ndarray]], ...] = (
    ("Einthoven (I + III = II)", ("I", "II", "III"), einthoven_residual),
    ("Goldberger (aVR + aVL + aVF = 0)", ("aVR", "aVL", "aVF"), goldberger_residual),
)


def judge(
    record: Record,
    pieces: Sequence[LeadPiece],
    *,
    method: str,
    warnings: Sequence[str],
    details: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Confidence of every lead, a verdict, and the reasons, as plain values.

    Args:
        record: the assembled record.
        pieces: what it was assembled from.
        method: how it was read.
        warnings: what the method itself found doubtful; any of them rules out ``good``.
        details: further plain values to pass on.
        notes: what a user should know as well, though it says nothing against the reading.
    """
    confidence = {lead: _clarity(lead, pieces) for lead in STANDARD_LEADS}
    disagreement = {name: _disagreement(record, leads, residual) for name, leads, residual in RELATIONS}
    complaints = list(warnings)
    for name, leads, _ in RELATIONS:
        excess = disagreement[name]
        if excess is not None and excess > TOLERATED_DISAGREEMENT:
            complaints.append(f"the limb leads do not fit together: {name} is off by {excess:.0%} of their size")
            for lead in leads:
                confidence[lead] *= _deduction(excess)
    weak = [lead for lead, value in confidence.items() if value < GOOD_CONFIDENCE and _is_printed(lead, pieces)]
    if weak:
        complaints.append(f"low confidence in {', '.join(weak)}")
    printed = [lead for lead in STANDARD_LEADS if _is_printed(lead, pieces)]
    return {
        "method": method,
        "verdict": _verdict([confidence[lead] for lead in printed], complaints),
        "warnings": [*complaints, *notes],
        "confidence": {lead: round(value, 3) for lead, value in confidence.items()},
        "disagreement": {name: None if value is None else round(value, 3) for name, value in disagreement.items()},
        **details,
    }


def _is_printed(lead: str, pieces: Sequence[LeadPiece]) -> bool:
    return any(piece.lead.removeprefix("-") == lead for piece in pieces)


def _clarity(lead: str, pieces: Sequence[LeadPiece]) -> float:
    """Mean clarity of a lead's pieces, weighted by how long each is; 0 for a lead that is not printed."""
    own = [piece for piece in pieces if piece.lead.removeprefix("-") == lead]
    lengths = [len(piece.signal_mv) for piece in own]
    return float(np.average([piece.clarity for piece in own], weights=lengths)) if own else 0.0


def _disagreement(
    record: Record, leads: tuple[str, ...], residual: Callable[[dict[str, np.ndarray]], np.ndarray]
) -> float | None:
    """Size of a relation's residual over that of its leads, offsets left aside; None where they share no second."""
    signals = {lead: record.lead_mv(lead).astype(float) for lead in leads}
    common = np.isfinite(np.sum(list(signals.values()), axis=0))
    if common.sum() < record.sampling_rate_hz:
        return None
    signals = {lead: signal[common] - signal[common].mean() for lead, signal in signals.items()}
    size = np.sqrt(np.mean([np.var(signal) for signal in signals.values()]))
    return max(0.0, float(np.std(residual(signals))) - NOISE_FLOOR_MV) / max(float(size), NOISE_FLOOR_MV)


def _deduction(disagreement: float) -> float:
    """Factor on the confidence: 1 at what is tolerated, 0 where the leads have nothing to do with one another."""
    span = HOPELESS_DISAGREEMENT - TOLERATED_DISAGREEMENT
    return float(np.clip((HOPELESS_DISAGREEMENT - disagreement) / span, 0.0, 1.0))


def _verdict(confidence: Sequence[float], complaints: Sequence[str]) -> Verdict:
    unusable = sum(value < USABLE_CONFIDENCE for value in confidence)
    if unusable > MAX_REFUSED_SHARE * len(confidence):
        return "refused"
    return "doubtful" if complaints else "good"
