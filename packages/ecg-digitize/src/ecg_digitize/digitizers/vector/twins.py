"""Rhythm rows repeat a lead of the columns: both prints have one zero."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import attrs
import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_digitize.digitizers.reading import LeadTrace

SAME = 0.05
"""Two drawings of one signal differ by less than this part of its size."""
PEN_MM = 0.1
LEAST_SAMPLES = 100


def tied_to_twins(
    traces: Sequence[LeadTrace], rows_with_pulse: Collection[int], gain_mm_per_mv: float
) -> list[LeadTrace]:
    """The traces, those of rhythm rows moved up or down to where the same lead stands in the columns.

    Without a pulse the zero of a row is where its traces mostly lie, which two prints of a lead have in common only
    nearly. Rows with a pulse stay.
    """
    tied = list(traces)
    for number, trace in enumerate(traces):
        if not trace.is_rhythm or trace.row in rows_with_pulse or trace.lead == UNKNOWN_LEAD:
            continue
        for twin in traces:
            is_twin = twin.lead == trace.lead and not twin.is_rhythm
            if is_twin and _apart(trace, twin, PEN_MM / gain_mm_per_mv) <= SAME:
                own, other = _shared(trace, twin)
                tied[number] = attrs.evolve(trace, signal_mv=trace.signal_mv + np.nanmedian(other - own))
    return tied


def _apart(one: LeadTrace, other: LeadTrace, pen_mv: float) -> float:
    """How far two traces are from the same signal in the seconds that both show, as part of its size."""
    a, b = _shared(one, other)
    known = np.isfinite(a) & np.isfinite(b)
    if known.sum() < LEAST_SAMPLES:
        return np.inf
    return float(np.std(a[known] - b[known]) / max(np.std(b[known]), 10 * pen_mv))


def _shared(one: LeadTrace, other: LeadTrace) -> tuple[np.ndarray, np.ndarray]:
    """The samples of two traces in the seconds that both show."""
    first = max(one.first_sample, other.first_sample)
    last = max(first, min(each.first_sample + len(each.signal_mv) for each in (one, other)))
    return (
        one.signal_mv[first - one.first_sample : last - one.first_sample],
        other.signal_mv[first - other.first_sample : last - other.first_sample],
    )
