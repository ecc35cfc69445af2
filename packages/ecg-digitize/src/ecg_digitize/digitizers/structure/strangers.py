"""Leads of the right side and the back among chest leads of which one is missing: moved electrodes, or misread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from ecg_core.leads import CHEST_LEADS, EXTRA_LEADS

LEAST_CHEST = 4
"""Fewer of V1 to V6 are no block of which one is missing: makers print any few leads."""


def doubts_of_strangers(rows: Sequence[Sequence[str]]) -> list[str]:
    """Leads of the right side and the back that stand where the missing one of V1 to V6 would.

    V7 to V9, or V3R and V4R, that follow each other bear each other out; and beside all of V1 to V6 such a lead takes
    the place of none.

    Args:
        rows: leads of every row, from the top.
    """
    num_columns = max(map(len, rows), default=0)
    block = [row for row in rows if len(row) == num_columns]
    along, down = list(chain.from_iterable(block)), list(chain.from_iterable(zip(*block, strict=True)))
    if len(set(CHEST_LEADS) & set(along)) < LEAST_CHEST:
        return []
    return [
        f"{lead} stands where {missing} is printed mostly: check this name, or give the rows by --layout"
        for lead, missing in _instead_of(max(down, along, key=_num_steps))
    ]


def doubts_of_taken_places(misread: Sequence[tuple[str, str]]) -> list[str]:
    """Names of V1 to V6 that are printed there mostly, where one of the right side or the back was read.

    Args:
        misread: as of `ecg_digitize.digitizers.structure.naming.Naming`.
    """
    return [
        f"{lead} is printed mostly where {read} was read: check this name, or give the rows by --layout"
        for lead, read in misread
        if lead in CHEST_LEADS and read in EXTRA_LEADS
    ]


def _num_steps(order: Sequence[str]) -> int:
    """How often the next chest lead follows one."""
    return sum(_next(before, 1) == lead for before, lead in pairwise(order))


def _instead_of(order: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Leads of the right side and the back, and for which missing one they stand between those beside it."""
    for before, lead, after in zip(("", *order), order, (*order[1:], ""), strict=False):
        if lead not in EXTRA_LEADS or _are_fellows(before, lead) or _are_fellows(lead, after):
            continue
        expected = [each for each in (_next(before, 1), _next(after, -1)) if each and each not in order]
        if expected:
            yield lead, expected[0]


def _next(lead: str, step: int) -> str | None:
    """The chest lead that follows another one, or the one before it; None where there is none.

    Args:
        lead: any lead.
        step: 1 for the next, -1 for the one before.
    """
    number = CHEST_LEADS.index(lead) + step if lead in CHEST_LEADS else -1
    return CHEST_LEADS[number] if 0 <= number < len(CHEST_LEADS) else None


def _are_fellows(one: str, other: str) -> bool:
    """Whether two leads of the right side, or two of the back, follow each other."""
    if not {one, other} <= set(EXTRA_LEADS):
        return False
    return EXTRA_LEADS.index(other) - EXTRA_LEADS.index(one) == 1 and one.endswith("R") == other.endswith("R")
