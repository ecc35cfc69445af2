"""Recordings dealt out to training, validation and test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def group_of(patient: str, name: str) -> str:
    """Name of the group that must stay in one part: all recordings of a patient, or one whose patient is not known."""
    return f"patient {patient}" if patient else f"recording {name}"


def stratified_split(
    classes: Sequence[Sequence[str]], groups: Sequence[str], *, seed: int, shares: Mapping[str, float] = SHARES
) -> list[str]:
    """Deal recordings out so that every class has its share in every part, and no group is in two.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, doi 10.1007/978-3-642-23808-6_10) of groups
    instead of single recordings: the rarest class first, each of its groups to where most of it is wanting. No part
    stays empty as long as there are as many groups as parts.

    Args:
        classes: of each recording, one or several.
        groups: of each recording, its patient say.
        seed: of the order among equals.
        shares: of the parts, by name.

    Returns:
        The part of each recording.
    """
    members: dict[str, Counter[str]] = {}
    for group, labels in zip(groups, classes, strict=True):
        members.setdefault(group, Counter()).update((*labels, ""))  # "" counts the recordings themselves
    order = np.random.default_rng(seed).permutation(sorted(members)).tolist()
    dealt = _deal_groups({group: members[group] for group in order}, shares)
    _fill_empty(dealt, members, shares)
    return [dealt[group] for group in groups]


def _deal_groups(members: Mapping[str, Counter[str]], shares: Mapping[str, float]) -> dict[str, str]:
    total: Counter[str] = sum(members.values(), Counter())
    wanting = {part: {label: share * count for label, count in total.items()} for part, share in shares.items()}
    dealt: dict[str, str] = {}
    for label in sorted(total, key=lambda each: (each == "", total[each], each)):  # rarest first, the whole last
        mine = [group for group, counts in members.items() if group not in dealt and counts[label]]
        for group in sorted(mine, key=lambda each: -members[each][label]):  # large groups while there is room
            part = max(shares, key=lambda each: (wanting[each][label], wanting[each][""]))
            dealt[group] = part
            for each, count in members[group].items():
                wanting[part][each] -= count
    return dealt


def _fill_empty(dealt: dict[str, str], members: Mapping[str, Counter[str]], shares: Mapping[str, float]) -> None:
    """Give a part that got nothing the smallest group of the part with most groups."""
    for part in shares:
        held = Counter(dealt.values())
        giver = max(shares, key=lambda each: held[each])
        if not held[part] and held[giver] > 1:
            given = min((group for group in dealt if dealt[group] == giver), key=lambda each: members[each][""])
            dealt[given] = part
