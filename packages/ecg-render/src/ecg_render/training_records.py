"""Records made to fill any page that is drawn for training: leads that they lack, and time that they lack.

What is made up here is plausible to look at and nothing more. It is for pages that a network learns from, whose truth
is what was drawn, and never for a page that somebody is to judge.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np

from ecg_core.leads import limb_leads_from
from ecg_core.paper import Layout
from ecg_core.record import Record

LIKE_ANOTHER = {
    "V3R": ("V1", 0.75),
    "V4R": ("V1", 0.55),
    "V7": ("V6", 0.8),
    "V8": ("V6", 0.65),
    "V9": ("V6", 0.5),
}
"""Extra leads, the usual lead that each is most like, and how much smaller it is than that one."""

REPEATED = 0.87
"""Part of a record that is repeated. Rows of a strip often last as long as a whole one, and would all be the same."""

JOIN_S = 0.4
"""Time over which the end of a repeated record is led to the height of its beginning."""


def with_leads(record: Record, wanted: Iterable[str]) -> Record:
    """The record with substitutes for leads that it lacks.

    V7, V8 and V9 are V6 made smaller, V3R and V4R are V1 made smaller; limb leads follow from I and II exactly. What
    cannot be had in this way stays missing.

    Args:
        record: the record.
        wanted: names of leads; ``-aVR`` asks for aVR.
    """
    missing = [
        lead for lead in dict.fromkeys(name.removeprefix("-") for name in wanted) if lead not in record.lead_names
    ]
    made = {lead: signal_mv for lead in missing if (signal_mv := _substitute(record, lead)) is not None}
    if not made:
        return record
    return attrs.evolve(
        record,
        signal_mv=np.vstack((record.signal_mv, *made.values())),
        lead_names=(*record.lead_names, *made),
    )


def _substitute(record: Record, lead: str) -> np.ndarray | None:
    if lead in LIKE_ANOTHER:
        source, share = LIKE_ANOTHER[lead]
        return share * record.lead_mv(source) if source in record.lead_names else None
    if {"I", "II"} <= set(record.lead_names):
        return limb_leads_from(record.lead_mv("I"), record.lead_mv("II")).get(lead)
    return None


def lasting_for(record: Record, layout: Layout) -> Record:
    """A record that lasts as long as a page shows: most of a shorter one is repeated, its end led to its beginning."""
    wanted = int(np.ceil(layout.record_s * record.sampling_rate_hz - 1e-6))
    if record.num_samples >= wanted:
        return record
    joined_mv = _led_to_its_beginning(record.signal_mv[:, : max(round(REPEATED * record.num_samples), 1)], record)
    times = -(-wanted // joined_mv.shape[1])
    return attrs.evolve(record, signal_mv=np.tile(joined_mv, (1, times))[:, :wanted])


def _led_to_its_beginning(part_mv: np.ndarray, record: Record) -> np.ndarray:
    signal_mv = part_mv.copy()
    number = min(max(round(JOIN_S * record.sampling_rate_hz), 1), signal_mv.shape[1])
    step_mv = np.nan_to_num(signal_mv[:, :1] - signal_mv[:, -1:])
    signal_mv[:, -number:] += step_mv * np.linspace(0, 1, number, dtype=signal_mv.dtype)
    return signal_mv
