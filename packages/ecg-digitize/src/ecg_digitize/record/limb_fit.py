"""Limb leads that were read one by one, made to fit together: there are six, but two tell them all.

What is amiss in one lead, and in no other, shows where Einthoven and Goldberger do not hold. Leads of the same seconds
are moved as little as makes them hold: weighted least squares, the projection onto the plane of I and II, by which the
sum of their weighted squared errors can only become less. Levels stay: each row has its own zero line, and a lead would
step where others begin and end. Leads that do not fit at all are left as they were read: there one is not what it was
taken for.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from ecg_core.leads import LIMB_LEADS, limb_leads_from
from ecg_core.record import Record

NOISE_MV, OF_ITS_SIZE = 0.02, 0.17
"""What is amiss in a lead that was read off a picture: pixels and pen, and displaced waves, which grow with the lead.
"""

LEAST_S = 0.5
"""Shorter stretches of the same leads say nothing of their levels."""

EXACT_MV = 0.004
"""Leads that fit together but for so much are as they were printed: lines of a document, say."""

MOST = 0.35
"""Leads of which so much would have to move, as a part of their size, do not fit together."""

PARTS = np.column_stack([list(limb_leads_from(*each).values()) for each in np.eye(2)])
"""How much of I and II is in each of `LIMB_LEADS`, shape (6, 2)."""


def fit_limb_leads(record: Record) -> tuple[Record, dict[str, float]]:
    """The record with limb leads that fit together, and how far each was moved, as root mean square in mV.

    Args:
        record: as it was read; NaN where a lead is not known.
    """
    present = [lead for lead in LIMB_LEADS if lead in record.lead_names]
    rows = [record.lead_names.index(lead) for lead in present]
    parts = PARTS[[LIMB_LEADS.index(lead) for lead in present]]
    signal_mv = np.array(record.signal_mv, float)
    limbs_mv = signal_mv[rows]
    moved_mv = np.zeros_like(limbs_mv)
    for known, samples in _stretches(limbs_mv, round(LEAST_S * record.sampling_rate_hz)):
        if np.linalg.matrix_rank(parts[known]) == 2 and len(known) > 2:
            moved_mv[known, samples] = _moves(limbs_mv[known, samples], parts[known])
    sizes = {
        lead: float(np.sqrt(np.mean(own[own != 0] ** 2)))
        for lead, own in zip(present, moved_mv, strict=True)
        if own.any()
    }
    if not sizes:
        return record, {}
    signal_mv[rows] += moved_mv
    return attrs.evolve(record, signal_mv=signal_mv), sizes


def _stretches(limbs_mv: np.ndarray, least: int) -> Iterator[tuple[np.ndarray, slice]]:
    """Stretches of so many samples at least over which the same leads are known: which these are, and where."""
    known = np.isfinite(limbs_mv)
    edges = np.flatnonzero((known[:, 1:] != known[:, :-1]).any(axis=0)) + 1
    for first, last in zip([0, *edges], [*edges, limbs_mv.shape[1]], strict=True):
        if last - first >= least:
            yield np.flatnonzero(known[:, first]), slice(first, last)


def _moves(limbs_mv: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """By how much each lead is to be moved; 0 where they fit, or not at all.

    Args:
        limbs_mv: leads of the same seconds, shape (leads, samples).
        parts: how much of I and II is in each.
    """
    variances = np.var(limbs_mv, axis=1)
    weighted = parts.T / (NOISE_MV**2 + OF_ITS_SIZE**2 * variances)
    moves = (parts @ np.linalg.solve(weighted @ parts, weighted) - np.eye(len(parts))) @ limbs_mv
    moves -= np.median(moves, axis=1, keepdims=True)
    size, moved = np.sqrt(variances.mean()), np.sqrt(np.mean(moves**2))
    return moves if EXACT_MV < moved <= MOST * size else np.zeros_like(moves)
