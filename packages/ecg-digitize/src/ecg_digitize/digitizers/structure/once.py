"""Names that were read twice, told apart by what else they may be: a block of leads shows each of them once."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ecg_digitize.digitizers.structure.evidence import NameMark

Marks = Sequence[Sequence[NameMark | None]]


def surest_of_each(reads: Marks) -> dict[str, NameMark]:
    """Of each name of a block the one that was read most surely."""
    marks = [mark for own in reads for mark in own if mark is not None]
    return {mark.name: mark for mark in sorted(marks, key=lambda mark: mark.certainty)}


def each_once(reads: Marks) -> Marks:
    """The names of a block, each once as far as they may be: of one that was read twice the surest is right, and the
    others are the likeliest that they may be as well and that stands nowhere else.

    Args:
        reads: the names row by row; None where none was read.
    """
    marks = [mark for own in reads for mark in own if mark is not None]
    shown = {mark.name for mark in marks}
    if len(shown) == len(marks) or len(shown) == 1:  # one lead that goes on from row to row is read again and again
        return reads
    meant: dict[int, NameMark] = {}
    surest = surest_of_each(reads)
    for mark in sorted(marks, key=lambda mark: -mark.certainty):
        if mark is surest[mark.name]:
            continue
        free = [(name, certainty) for name, certainty in mark.others if name not in shown]
        if free:
            name, certainty = free[0]
            shown.add(name)
            meant[id(mark)] = attrs.evolve(mark, name=name, certainty=certainty)
    return [[meant.get(id(mark), mark) for mark in own] for own in reads]
