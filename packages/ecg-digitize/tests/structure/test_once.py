"""Names that were read twice in a block of leads."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ecg_digitize.digitizers.structure.evidence import NameMark
from ecg_digitize.digitizers.structure.once import each_once


def mark(name: str, certainty: float = 0.95, *others: tuple[str, float]) -> NameMark:
    return NameMark(name, 0.0, 0.0, certainty, others=others)


def names(reads: Sequence[Sequence[NameMark | None]]) -> list[list[str | None]]:
    return [[mark and mark.name for mark in own] for own in each_once(reads)]


def test_of_a_name_that_was_read_twice_the_less_certain_one_is_what_it_may_be_as_well() -> None:
    doubtful = mark("V8", 0.6, ("V7", 0.2), ("V9", 0.15))
    reads = [[mark("V6"), mark("V7")], [mark("V8", 0.8), None], [mark("II"), doubtful]]
    assert names(reads) == [["V6", "V7"], ["V8", None], ["II", "V9"]]
    assert names(reads[::-1]) == [["II", "V9"], ["V8", None], ["V6", "V7"]]
    assert each_once(reads)[2][1] == mark("V9", 0.15, *doubtful.others)


@pytest.mark.parametrize(
    "reads",
    [
        [[mark("V8")], [mark("V8", 0.8)], [mark("V6")]],  # nothing tells what else
        [[mark("V8")], [mark("V8", 0.8, ("V6", 0.2))], [mark("V6")]],
        [[mark("V8", 0.8, ("V6", 0.2))], [mark("V8")], [mark("V8")]],  # a strip
        [[mark("V8", 0.6, ("V9", 0.4))], [mark("II")]],
        [[None]],
        [],
    ],
)
def test_other_names_stay_as_they_were_read(reads: list[list[NameMark | None]]) -> None:
    assert each_once(reads) == reads
