"""What the record calls the leads of a page, those without a name among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import attrs

from ecg_core.leads import EXTRA_LEADS, STANDARD_LEADS, UNKNOWN_LEAD
from ecg_digitize.digitizers.reading import LeadTrace, Reading

UNKNOWN_NAME = "unknown"
"""What the record calls a lead whose name is not known; several are ``unknown-1``, ``unknown-2`` … in print order."""

NO_NAME = "the name of this lead is not known; --layout with the rows as text tells it"

ValueT = TypeVar("ValueT")


def name_leads(reading: Reading) -> Reading:
    """The reading with a name for every trace; a lead that is called so for want of a better name is in doubt.

    What the digitizer tells of ``?`` holds for all leads without a name. The rows of the structure stay as printed.
    """
    names = _names_for_unknown(reading.traces)
    if not names:
        return reading
    doubts = _spread(reading.lead_doubts, names)
    return attrs.evolve(
        reading,
        traces=[attrs.evolve(trace, lead=names.get(number, trace.lead)) for number, trace in enumerate(reading.traces)],
        evidence=_spread(reading.evidence, names),
        lead_doubts={**doubts, **{name: _joined(NO_NAME, doubts.get(name)) for name in names.values()}},
    )


def leads_of_record(traces: Sequence[LeadTrace]) -> tuple[str, ...]:
    """The twelve standard leads, then whatever else is printed: right and back leads, then others in print order."""
    printed = [trace.name for trace in sorted(traces, key=_place)]
    right_and_back = [lead for lead in EXTRA_LEADS if lead in printed]
    return tuple(dict.fromkeys((*STANDARD_LEADS, *right_and_back, *printed)))


def _names_for_unknown(traces: Sequence[LeadTrace]) -> dict[int, str]:
    """A name for each trace that has none, by its number."""
    numbers = [number for number, trace in enumerate(traces) if trace.name == UNKNOWN_LEAD]
    numbers.sort(key=lambda number: _place(traces[number]))
    if _are_one_strip([traces[number] for number in numbers]):
        return dict.fromkeys(numbers, UNKNOWN_NAME)
    return {number: f"{UNKNOWN_NAME}-{count}" for count, number in enumerate(numbers, start=1)}


def _place(trace: LeadTrace) -> tuple[int, int]:
    """By which traces are sorted as they are printed."""
    return trace.row, trace.first_sample


def _are_one_strip(traces: Sequence[LeadTrace]) -> bool:
    """Whether traces, from the top, are one lead: each alone in its row, and begun after the one above has ended."""
    in_row = Counter(trace.row for trace in traces)
    return max(in_row.values(), default=0) <= 1 and all(
        above.first_sample + len(above.signal_mv) <= below.first_sample for above, below in pairwise(traces)
    )


def _spread(told: Mapping[str, ValueT], names: Mapping[int, str]) -> dict[str, ValueT]:
    """What is told of leads by their names, with that of ``?`` under each name that stands for it."""
    known = {lead: value for lead, value in told.items() if lead != UNKNOWN_LEAD}
    if UNKNOWN_LEAD in told:
        known = {**dict.fromkeys(names.values(), told[UNKNOWN_LEAD]), **known}
    return known


def _joined(first: str, second: str | None) -> str:
    return f"{first}; {second}" if second else first
