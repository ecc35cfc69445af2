"""The traces of a page put together into a record of the twelve standard leads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record
from ecg_digitize.digitizers.reading import LeadTrace

SAME_MV = 0.1
"""Root mean square difference up to which two prints of a lead are taken for the same signal and averaged."""


def assemble_record(traces: Sequence[LeadTrace], *, sampling_rate_hz: float, num_samples: int, name: str) -> Record:
    """The twelve standard leads; NaN where no trace has anything.

    A lead printed twice takes the mean of both where they agree, and the clearer one where they do not.
    """
    signal_mv = np.full((len(STANDARD_LEADS), num_samples), np.nan)
    for trace in sorted(traces, key=lambda trace: trace.clarity):
        if trace.name in STANDARD_LEADS:
            _merge(signal_mv[STANDARD_LEADS.index(trace.name)], trace)
    return Record(signal_mv=signal_mv, sampling_rate_hz=sampling_rate_hz, lead_names=STANDARD_LEADS, name=name)


def assemble_clarity(traces: Sequence[LeadTrace], *, num_samples: int) -> np.ndarray:
    """How clearly each sample of the twelve standard leads was seen, 0 to 1: float32, shape (12, samples).

    Where a lead is printed twice, the clearer print counts.
    """
    clarity = np.zeros((len(STANDARD_LEADS), num_samples), np.float32)
    for trace in traces:
        if trace.name in STANDARD_LEADS:
            row = clarity[STANDARD_LEADS.index(trace.name)]
            window = row[trace.first_sample : trace.first_sample + len(trace.signal_mv)]
            np.maximum(window, trace.clarity_of_samples()[: len(window)], out=window)
    return clarity


def _merge(signal_mv: np.ndarray, trace: LeadTrace) -> None:
    """Write a trace over what less clear ones left, in place."""
    window = signal_mv[trace.first_sample : trace.first_sample + len(trace.signal_mv)]
    new = (-trace.signal_mv if trace.lead.startswith("-") else trace.signal_mv)[: len(window)]
    both = np.isfinite(window) & np.isfinite(new)
    difference = new[both] - window[both]
    agreed = both.any() and np.std(difference) <= SAME_MV
    merged = np.where(both, (window + new) / 2, new) if agreed else new
    np.copyto(window, merged, where=np.isfinite(new))
