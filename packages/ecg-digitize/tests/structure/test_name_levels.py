"""Rows by names that stand where no row of ink was found."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import pytest

from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark
from ecg_digitize.digitizers.structure.name_levels import MOST_NEW, rows_with_names
from ecg_digitize.digitizers.structure.name_rows import NameGrid, grids_of_names
from ecg_digitize.digitizers.structure.naming import name_rows

LEVELS_MM = (40.0, 60.0, 80.0, 100.0, 120.0, 140.0)
LEADS = ("V1", "V2", "V3", "V4", "V5", "V6")
ABOVE_MM = 6.0


def ink(y_mm: float) -> InkRow:
    return InkRow(y_mm, 0.15, 20.0, 270.0, 0.97, 0.5)


def scattered(y_mm: float) -> InkRow:
    return attrs.evolve(ink(y_mm), strength=0.02, coverage=0.4, joined=0.0, first_mm=60.0, last_mm=150.0)


def names(x_mm: float = 22.0, certainty: float = 0.9) -> list[NameMark]:
    return [NameMark(lead, x_mm, y_mm - ABOVE_MM, certainty) for lead, y_mm in zip(LEADS, LEVELS_MM, strict=True)]


def found(marks: Sequence[NameMark], rows: Sequence[InkRow]) -> list[InkRow] | None:
    grid = name_rows(grids_of_names(marks, rows), rows).grid
    return rows_with_names(rows, grid, scattered)


@pytest.mark.parametrize("missing", [{5}, {2}, {0, 3}, {2, 3}, {1, 2, 3, 4}])
def test_a_name_in_its_column_tells_the_row_that_no_ink_does(missing: set[int]) -> None:
    rows = [ink(y_mm) for number, y_mm in enumerate(LEVELS_MM) if number not in missing]
    more = found(names(), rows)
    assert more is not None
    assert [row.y_mm for row in more] == pytest.approx(LEVELS_MM, abs=0.6)
    assert {number for number, row in enumerate(more) if row.by_names} == missing
    assert all((row.first_mm, row.last_mm) == (20.0, 270.0) for row in more)
    naming = name_rows(grids_of_names(names(), more), more).naming
    assert tuple(row.leads for row in naming.rows) == tuple((lead,) for lead in LEADS)


def test_names_of_several_columns_tell_a_row_if_each_is_less_certain() -> None:
    rows = [ink(y_mm) for y_mm in LEVELS_MM[:-1]]
    chest, limbs = (
        names(150.0),
        [
            attrs.evolve(mark, name=lead)
            for mark, lead in zip(names(), ("I", "II", "III", "aVR", "aVL", "aVF"), strict=True)
        ],
    )
    *some, last_limb, last_chest = [mark for pair in zip(limbs, chest, strict=True) for mark in pair]
    unsure = [attrs.evolve(mark, certainty=0.78) for mark in (last_limb, last_chest)]
    more = found([*some, *unsure], rows)
    assert more is not None
    assert len(more) == len(LEVELS_MM)
    assert found([*some, unsure[0]], rows) is None
    assert found([*some, attrs.evolve(last_chest, certainty=0.95)], rows) is None


@pytest.mark.parametrize(
    "stray",
    [
        NameMark("V6", 60.0, 134.0, 0.95),
        NameMark("V6", 22.0, 134.0, 0.7),
        NameMark("V6", 22.0, 122.0, 0.95),
    ],
)
def test_a_name_elsewhere_or_unsure_or_near_another_row_tells_none(stray: NameMark) -> None:
    assert found([*names()[:-1], stray], [ink(y_mm) for y_mm in LEVELS_MM[:-1]]) is None


def test_no_row_is_told_where_there_is_no_ink_at_all_or_most_are_missing() -> None:
    rows = [ink(y_mm) for y_mm in LEVELS_MM[:-1]]
    grid = name_rows(grids_of_names(names(), rows), rows).grid
    assert rows_with_names(rows, grid, lambda _y_mm: None) is None
    assert found(names(), [ink(LEVELS_MM[0])]) is None
    assert len(LEVELS_MM) - 2 <= MOST_NEW


def test_where_other_names_would_stand_half_way_between_rows_they_tell_none() -> None:
    rows = [ink(y_mm) for y_mm in LEVELS_MM]
    waves = [NameMark("I", 22.0, y_mm - 16.0, 0.6) for y_mm in LEVELS_MM[:2]]
    cells = (*((wave, None) for wave in waves), *[(None, None)] * 4)
    strays = tuple(mark for x_mm in (22.0, 150.0) for mark in names(x_mm))
    half_way = NameGrid(cells, (22.0, 150.0), -16.0, strays)
    assert rows_with_names(rows, half_way, lambda y_mm: scattered(y_mm) if 85 < y_mm < 95 else None) is None


@pytest.mark.parametrize(("x_mm", "is_one"), [(22.4, True), (19.2, False)])
def test_a_stroke_tells_a_row_only_exactly_below_the_other_names(x_mm: float, *, is_one: bool) -> None:
    """A bar before a lead is such a stroke, beside the names."""
    bar = NameMark("I", x_mm, LEVELS_MM[-1] - ABOVE_MM, 0.9)
    more = found([*names()[:-1], bar], [ink(y_mm) for y_mm in LEVELS_MM[:-1]])
    assert (more is not None) == is_one


def test_names_tell_the_rows_between_two_that_are_far_apart() -> None:
    rows = [ink(y_mm) for y_mm in (LEVELS_MM[0], LEVELS_MM[3])]
    more = found(names()[:4], rows)
    assert more is not None
    assert [row.y_mm for row in more] == pytest.approx(LEVELS_MM[:4], abs=0.6)
