"""The traces of a page put together into a record: the twelve standard leads, and whatever else is printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_core.record import Record
from ecg_digitize.digitizers.reading import LeadTrace
from ecg_digitize.record.naming import leads_of_record

SAME_MV = 0.1
"""Spread of their difference up to which two prints of a lead are taken for the same signal and averaged: levels, which
are measured of each print alone, may differ."""


def assemble_record(traces: Sequence[LeadTrace], *, sampling_rate_hz: float, num_samples: int, name: str) -> Record:
    """The leads of a page, see `ecg_digitize.record.naming.leads_of_record`; NaN where no trace has anything.

    A lead printed twice takes the mean of both where they agree, and the clearer one where they do not. Of prints that
    agree the shorter one takes the level of the longer: the lead would step where the shorter begins and ends, if each
    kept the level that was measured of it alone.
    """
    leads = leads_of_record(traces)
    signal_mv = np.full((len(leads), num_samples), np.nan)
    for trace in sorted(traces, key=lambda trace: trace.clarity):
        _merge(signal_mv[leads.index(trace.name)], trace)
    return Record(signal_mv=signal_mv, sampling_rate_hz=sampling_rate_hz, lead_names=leads, name=name)


def assemble_clarity(traces: Sequence[LeadTrace], *, num_samples: int) -> np.ndarray:
    """How clearly each sample of the record was seen, 0 to 1: float32, shape (leads, samples), leads as in the record.

    Where a lead is printed twice, the clearer print counts.
    """
    leads = leads_of_record(traces)
    clarity = np.zeros((len(leads), num_samples), np.float32)
    for trace in traces:
        row = clarity[leads.index(trace.name)]
        window = row[trace.first_sample : trace.first_sample + len(trace.signal_mv)]
        np.maximum(window, trace.clarity_of_samples()[: len(window)], out=window)
    return clarity


def _merge(signal_mv: np.ndarray, trace: LeadTrace) -> None:
    """Write a trace over what less clear ones left, in place."""
    window = signal_mv[trace.first_sample : trace.first_sample + len(trace.signal_mv)]
    new = (-trace.signal_mv if trace.lead.startswith("-") else trace.signal_mv)[: len(window)]
    both = np.isfinite(window) & np.isfinite(new)
    difference = new[both] - window[both]
    if both.any() and np.std(difference) <= SAME_MV:
        if np.isfinite(new).sum() > np.isfinite(signal_mv).sum():
            signal_mv += difference.mean()
        else:
            new = new - difference.mean()
        new = np.where(both, (window + new) / 2, new)
    np.copyto(window, new, where=np.isfinite(new))
