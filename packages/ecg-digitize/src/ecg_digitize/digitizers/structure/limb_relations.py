"""Limb leads of the same seconds tell each other: aVR is half of what I and II are together, upside down.

No two stretches of time are so much alike. So limb leads that stand in different columns tell whether these columns
show the same seconds, be their rhythm ever so regular.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

import numpy as np

from ecg_digitize.digitizers.structure.long_rows import STEP_MM, ShortPrint, match_signal

MADE_OF = {
    "aVR": {"I": -0.5, "II": -0.5},
    "aVL": {"I": 1.0, "II": -0.5},
    "aVF": {"I": -0.5, "II": 1.0},
    "III": {"I": -1.0, "II": 1.0},
}
"""Every other limb lead by the first two."""

AGREE, DIFFER = 0.1, 0.4
"""Leads that are drawn and that are told by the others differ by less of their size where they show the same seconds,
and by more where they do not. What lies between may be either: two beats of a heart are much alike."""


def do_limb_leads_agree(columns: Sequence[Mapping[str, np.ndarray]]) -> bool | None:
    """Whether the limb leads of different columns are those of the same seconds; None where nothing tells it.

    Args:
        columns: heights of the traces of each column by lead, float, shape (samples,) each, `STEP_MM` apart, from its
            beginning.
    """
    differences = list(_differences(columns))
    if not differences:
        return None
    if float(np.median(differences)) <= AGREE:
        return True
    return False if min(differences) >= DIFFER else None


def _differences(columns: Sequence[Mapping[str, np.ndarray]]) -> Iterator[float]:
    for column, other in permutations(columns, 2):
        yield from _of_pair(column, other)


def _of_pair(column: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> Iterator[float]:
    """By how much leads of another column differ from those that two leads of a column make."""
    first_two = _first_two(column)
    if first_two is None:
        return
    for lead, parts in MADE_OF.items():
        if lead not in other:
            continue
        length = min(len(first_two["I"]), len(other[lead]))
        x_mm = np.arange(length) * STEP_MM
        made = sum(part * first_two[each][:length] for each, part in parts.items())
        difference = match_signal(x_mm, np.asarray(made), [ShortPrint(lead, x_mm, other[lead][:length])]).differences
        yield from difference.values()


def _first_two(column: Mapping[str, np.ndarray]) -> dict[str, np.ndarray] | None:
    """I and II, one of them by III where that stands there instead."""
    if {"I", "II"} <= set(column):
        pass
    elif {"I", "III"} <= set(column):
        column = {**column, "II": _both(column, "I", "III", 1.0)}
    elif {"II", "III"} <= set(column):
        column = {**column, "I": _both(column, "II", "III", -1.0)}
    else:
        return None
    length = min(len(column["I"]), len(column["II"]))
    return {lead: column[lead][:length] for lead in ("I", "II")}


def _both(column: Mapping[str, np.ndarray], one: str, other: str, sign: float) -> np.ndarray:
    length = min(len(column[one]), len(column[other]))
    return np.asarray(column[one][:length] + sign * column[other][:length])
