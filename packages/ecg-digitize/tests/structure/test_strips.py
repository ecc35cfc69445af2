"""One lead that goes on from row to row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ecg_core.leads import UNKNOWN_LEAD
from ecg_digitize.digitizers.structure.naming import Naming, RowNames
from ecg_digitize.digitizers.structure.strips import as_strip

STEP_MM = 0.2


def naming(*rows: str) -> Naming:
    return Naming(tuple(row_of(number, row.split()) for number, row in enumerate(rows)), 0.5, (), 3.0)


def row_of(number: int, leads: Sequence[str]) -> RowNames:
    return RowNames(number, tuple(leads), tuple(lead != UNKNOWN_LEAD for lead in leads))


def row_with_beats(first_mm: float, apart_mm: float = 21.0) -> np.ndarray:
    x_mm = np.arange(0, 200, STEP_MM)
    phase = (x_mm - first_mm + apart_mm / 2) % apart_mm - apart_mm / 2
    return 8 * np.exp(-((phase / 0.8) ** 2))


def leads(found: Naming) -> list[str]:
    return [lead for row in found.rows for lead in row.leads]


ELSEWHERE = [row_with_beats(5.0), row_with_beats(12.0), row_with_beats(18.0)]


@pytest.mark.parametrize("read", [("II", "?", "?"), ("?", "II", "?"), ("II", "?", "II")])
def test_rows_without_a_name_are_of_the_lead_that_goes_on(read: Sequence[str]) -> None:
    rows = [UNKNOWN_LEAD if each == "?" else each for each in read]
    found, [doubt] = as_strip(naming(*rows), ELSEWHERE, STEP_MM)
    assert leads(found) == ["II"] * 3
    assert [row.is_read for row in found.rows] == [(each != "?",) for each in read]
    assert "lead II" in doubt
    assert all(str(number) in doubt for number, each in enumerate(read, start=1) if each == "?")


def test_a_name_that_is_hardly_legible_is_none() -> None:
    rows = naming("V1", "II", "II")
    assert as_strip(rows, ELSEWHERE, STEP_MM) == (rows, [])
    found, [doubt] = as_strip(rows, ELSEWHERE, STEP_MM, unclear=[0])
    assert leads(found) == ["II"] * 3
    assert "row 1 " in doubt


def test_rows_that_may_show_the_same_seconds_are_leads_of_their_own() -> None:
    rows = naming("II", UNKNOWN_LEAD)
    assert as_strip(rows, [row_with_beats(5.0), -row_with_beats(5.0)], STEP_MM) == (rows, [])
    assert as_strip(rows, [row_with_beats(5.0), np.zeros(1000)], STEP_MM) == (rows, [])


@pytest.mark.parametrize("rows", [("II", "V1", "?"), ("II", "II", "II"), ("II ?", "?"), ("?", "?", "?")])
def test_only_rows_of_one_known_lead_are_a_strip(rows: Sequence[str]) -> None:
    names = naming(*(row.replace("?", UNKNOWN_LEAD) for row in rows))
    assert as_strip(names, ELSEWHERE[: len(rows)], STEP_MM) == (names, [])
