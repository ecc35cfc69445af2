"""Names of leads of the right side and the back among those of the chest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_digitize.digitizers.structure.strangers import doubts_of_strangers, doubts_of_taken_places

STANDARD = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
LIMB = tuple(row[:2] for row in STANDARD)


def with_chest(*columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The limb leads of a page of three rows, and other leads beside them, column by column."""
    return [(*row, *others) for row, others in zip(LIMB, zip(*columns, strict=True), strict=True)]


@pytest.mark.parametrize(
    ("rows", "stranger", "missing"),
    [
        (with_chest(("V1", "V9", "V3"), ("V4", "V5", "V6")), "V9", "V2"),
        (with_chest(("V1", "V2", "V3"), ("V4R", "V5", "V6")), "V4R", "V4"),
        (with_chest(("V1", "V2", "V3"), ("V4", "V5", "V9")), "V9", "V6"),
        ([*with_chest(("V3R", "V2", "V3"), ("V4", "V5", "V6")), ("II",)], "V3R", "V1"),
        ([("V1",), ("V7",), ("V3",), ("V4",), ("V5",), ("V6",)], "V7", "V2"),
        ([("V1", "V8", "V3"), ("V4", "V5", "V6")], "V8", "V2"),
    ],
)
def test_a_lead_in_the_place_of_a_missing_one_is_told(rows: list[Sequence[str]], stranger: str, missing: str) -> None:
    (doubt,) = doubts_of_strangers(rows)
    assert f"{stranger} stands where {missing} is printed" in doubt


@pytest.mark.parametrize(
    "rows",
    [
        STANDARD,
        [*STANDARD, ("V9",)],
        with_chest(("V1", "V2", "V3"), ("V4", "V5", "V6"), ("V4R", "V8", "V9")),
        with_chest(("V1", "V2", "V3"), ("V4", "V5", "V6"), ("V9", "V7", "V4R")),
        with_chest(("V1", "V2", "V3"), ("V7", "V8", "V9")),
        with_chest(("V1", "V2", "V3R"), ("V4R", "V5", "V6")),
        [(lead,) for lead in (*STANDARD_LEADS, "V7")],
        [("V3R",), ("II",)],
        [("V5",), ("V4R",), ("V8",)],
        [("?",)],
        [],
    ],
)
def test_leads_that_bear_each_other_out_or_take_no_place_are_not(rows: list[Sequence[str]]) -> None:
    assert not doubts_of_strangers(rows)


def test_a_lead_of_the_back_that_was_read_where_another_is_printed_mostly_is_told() -> None:
    [doubt] = doubts_of_taken_places([("V4", "V7"), ("II", "III"), ("V2", "V3")])
    assert "V4" in doubt
    assert "V7" in doubt
