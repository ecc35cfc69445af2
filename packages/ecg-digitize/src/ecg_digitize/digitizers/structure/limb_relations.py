"""Limb leads of the same seconds tell each other: aVR is half of what I and II are together, upside down.

No two stretches of time are so much alike. So limb leads that stand in different columns tell whether these columns
show the same seconds, be their rhythm ever so regular.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

import numpy as np

from ecg_core.leads import LIMB_LEADS
from ecg_digitize.digitizers.structure.long_rows import OTHER, SAME, STEP_MM, ShortPrint, match_signal

MADE_OF = {
    "aVR": {"I": -0.5, "II": -0.5},
    "aVL": {"I": 1.0, "II": -0.5},
    "aVF": {"I": -0.5, "II": 1.0},
    "III": {"I": -1.0, "II": 1.0},
}
"""Every other limb lead by the first two."""

BY_FIRST_TWO = {"I": (1.0, 0.0), "II": (0.0, 1.0), **{lead: (own["I"], own["II"]) for lead, own in MADE_OF.items()}}
"""Parts of I and II in every limb lead."""

PREFERRED = ("I", "II", "III", "aVL", "aVR", "aVF")
"""The first two of these that stand in a column make all others: the last three are lower, and what is amiss in them
counts twice."""

AGREE, DIFFER = 0.1, 0.4
"""Leads that are drawn and that are told by the others differ by less of their size where they show the same seconds,
and by more where they do not. What lies between may be either: two beats of a heart are much alike."""

CLEARLY = 3.0
"""A trace is the limb lead that others make which differs so many times less from it than the next one."""


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


def made_lead(height_mm: np.ndarray, limbs: Mapping[str, np.ndarray]) -> str | None:
    """The limb lead that a trace shows, as others make it that fit together themselves; None where that is not clear.

    Args:
        height_mm: heights of the trace, float, shape (samples,), `STEP_MM` apart.
        limbs: those of the limb leads that are known, by lead, at the same seconds; they may be longer or shorter.
    """
    if any(off > SAME for off in _offs(limbs)):
        return None
    offs = {lead: _off_from_others(lead, height_mm, limbs) for lead in LIMB_LEADS if lead not in limbs}
    ranked = sorted((off, lead) for lead, off in offs.items() if off is not None)
    if not ranked or ranked[0][0] > AGREE:
        return None
    is_clear = len(ranked) == 1 or ranked[1][0] >= CLEARLY * ranked[0][0]
    return ranked[0][1] if is_clear else None


def are_at_odds(limbs: Mapping[str, np.ndarray]) -> bool:
    """Whether three or more limb leads of the same seconds have nothing to do with each other: some are none.

    Args:
        limbs: as of `made_lead`.
    """
    offs = _offs(limbs)
    return bool(offs) and float(np.median(offs)) > OTHER


def _offs(limbs: Mapping[str, np.ndarray]) -> list[float]:
    """By how much each limb lead differs from what the others make of it; none where these are too few."""
    offs = [
        _off_from_others(lead, height_mm, {other: limbs[other] for other in limbs if other != lead})
        for lead, height_mm in limbs.items()
    ]
    return [off for off in offs if off is not None]


def _off_from_others(lead: str, height_mm: np.ndarray, others: Mapping[str, np.ndarray]) -> float | None:
    """By how much a trace differs from a limb lead as others make it, in parts of their size."""
    if len(others) < 2:
        return None
    length = min(map(len, others.values()))
    made_of_two = np.array([BY_FIRST_TWO[other] for other in others])
    parts = np.array(BY_FIRST_TWO[lead]) @ np.linalg.pinv(made_of_two)
    made_mm = parts @ np.array([other_mm[:length] for other_mm in others.values()])
    x_mm, made_x_mm = (np.arange(len(each)) * STEP_MM for each in (height_mm, made_mm))
    return match_signal(x_mm, height_mm, [ShortPrint(lead, made_x_mm, made_mm)]).differences.get(lead)


def _differences(columns: Sequence[Mapping[str, np.ndarray]]) -> Iterator[float]:
    for column, other in permutations(columns, 2):
        yield from _of_pair(column, other)


def _of_pair(column: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> Iterator[float]:
    """By how much leads of another column differ from those that two leads of a column make."""
    first_two = _first_two(column)
    if first_two is None:
        return
    for lead in BY_FIRST_TWO.keys() & other.keys():
        length = min(first_two.shape[1], len(other[lead]))
        x_mm = np.arange(length) * STEP_MM
        made = np.array(BY_FIRST_TWO[lead]) @ first_two[:, :length]
        yield from match_signal(x_mm, made, [ShortPrint(lead, x_mm, other[lead][:length])]).differences.values()


def _first_two(column: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """I and II as two limb leads of a column make them, shape (2, samples); None where there is one alone."""
    two = [lead for lead in PREFERRED if lead in column][:2]
    if len(two) < 2:
        return None
    length = min(len(column[lead]) for lead in two)
    made_of_two = np.array([BY_FIRST_TWO[lead] for lead in two])
    return np.asarray(np.linalg.solve(made_of_two, np.array([column[lead][:length] for lead in two])))
