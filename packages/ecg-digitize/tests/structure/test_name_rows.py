"""Names put into rows and columns."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import NameGrid, grids_of_names
from ecg_digitize.digitizers.structure.naming import name_rows


def grid_of(columns_mm: tuple[float, ...], *, read: int) -> NameGrid:
    """Names at some columns, in the first so many of which they were read."""
    names = [NameMark("V1", x_mm=x_mm, y_mm=40.0) for x_mm in columns_mm]
    row = tuple(name if number < read else None for number, name in enumerate(names))
    return NameGrid(cells=(row,), columns_mm=columns_mm, shift_mm=0.0, strays=())


def test_the_distance_of_columns_that_stand_evenly_is_told_by_the_first_and_the_last() -> None:
    assert grid_of((40.4, 103.7, 169.5, 233.1), read=4).pitch_mm == pytest.approx((233.1 - 40.4) / 3)
    assert grid_of((40.4, 103.7, 149.5, 213.1), read=4).pitch_mm == pytest.approx(63.3), (
        "one is a column of its own kind"
    )


def test_names_of_two_columns_half_a_row_apart_are_those_of_equal_columns() -> None:
    """What looks like a bar beside half the row is none, then."""
    grid = grid_of((30.0, 154.8), read=2)
    assert grid.halves(250.0)
    assert not grid.halves(240.0), "the second column is shorter"
    assert not grid_of((30.0, 154.8), read=1).halves(250.0), "one name says nothing"
    assert not grid_of((30.0, 113.0, 196.0), read=2).halves(250.0)


@pytest.mark.parametrize(
    ("columns_mm", "read", "is_even"),
    [
        pytest.param((28.5, 100.1, 169.2, 239.3), 4, True, id="letters of other widths"),
        pytest.param((28.5, 92.8, 127.1, 194.1), 4, False, id="columns of unequal length"),
        pytest.param((28.5, 98.5, 168.5, 238.5), 3, False, id="a column that was inferred"),
        pytest.param((28.5, 98.5), 2, False, id="two columns"),
    ],
)
def test_names_stand_evenly_only_where_all_were_read(columns_mm: tuple[float, ...], read: int, is_even: bool) -> None:
    assert grid_of(columns_mm, read=read).is_even == is_even


def test_columns_are_as_far_apart_as_their_names_begin_however_wide_those_are() -> None:
    widths_mm = {"I": 1.2, "aVR": 7.0, "V1": 4.0, "V4": 4.0}
    lefts_mm = (20.0, 82.5, 145.0, 207.5)
    row = tuple(
        NameMark(name, x_mm=left_mm + width_mm / 2, y_mm=40.0, width_mm=width_mm)
        for (name, width_mm), left_mm in zip(widths_mm.items(), lefts_mm, strict=True)
    )
    middles_mm = tuple(mark.x_mm for mark in row)
    grid = NameGrid(cells=((None,) * 4, row), columns_mm=middles_mm, shift_mm=0.0, strays=())
    assert grid.lefts_mm == pytest.approx(lefts_mm)
    assert grid.pitch_mm == pytest.approx(62.5)
    assert grid.is_even, "their middles are 65.4 and 61.0 mm apart"
    partly = NameGrid(cells=((*row[:3], None),), columns_mm=middles_mm, shift_mm=0.0, strays=())
    assert partly.lefts_mm[3] is None
    assert partly.pitch_mm == pytest.approx(float(np.median(np.diff(middles_mm)))), "one was not read: by their middles"


def test_a_second_column_may_be_much_longer_than_the_first() -> None:
    """As far apart as its names stand a third column would fit into the row, of which no name was read."""
    levels_mm = (77.0, 99.0, 121.0)
    names = [NameMark(name, x_mm=33.5, y_mm=y_mm) for name, y_mm in zip(("I", "II", "III"), levels_mm, strict=True)]
    names += [NameMark(name, x_mm=137.4, y_mm=y_mm) for name, y_mm in zip(("V1", "V2", "V3"), levels_mm, strict=True)]
    rows = [InkRow(y_mm, 0.15, 26.0, 294.0, 0.97, 0.5) for y_mm in levels_mm]
    columns = [grid.columns_mm for grid in grids_of_names(names, rows)]
    assert pytest.approx((33.5, 137.4)) in columns
    assert max(map(len, columns)) > 2, "one may be missing all the same"


def test_numbers_of_the_seconds_that_are_read_as_one_name_again_and_again_make_no_column() -> None:
    """The "1" of every row is taken for "I", and others for strokes: they stand in as many rows as names do."""
    levels_mm = (39.2, 60.0, 82.2, 106.0, 148.2, 181.0)
    leads = [("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"), ("V1",), ("II",), ("V5",)]
    names = [
        NameMark(lead, x_mm=x_mm, y_mm=y_mm - 5.0)
        for y_mm, own in zip(levels_mm, leads, strict=True)
        for lead, x_mm in zip(own, (28.0, 100.0, 170.0, 240.0), strict=False)
    ]
    numbers = [
        NameMark(name, x_mm=x_mm, y_mm=y_mm - 10.0, certainty=certainty)
        for name, x_mm, certainty in (("I", 52.0, 0.7), ("II", 130.0, 0.55), ("III", 278.0, 0.55))
        for y_mm in levels_mm[:5]
    ]
    rows = [InkRow(y_mm, 0.15, 26.0, 304.0, 0.97, 0.5) for y_mm in levels_mm]
    grids = grids_of_names([*names, *numbers], rows)
    named = name_rows(grids, rows).naming
    assert [row.leads for row in named.rows] == leads
    assert pytest.approx((28.0, 100.0, 170.0, 240.0)) in [grid.columns_mm for grid in grids]


def test_names_are_aligned_where_those_of_every_column_begin_one_below_the_other() -> None:
    upper, lower = (
        tuple(
            NameMark(name, x_mm=left_mm + width_mm / 2, y_mm=y_mm, width_mm=width_mm)
            for name, left_mm, width_mm in zip(names, lefts_mm, widths_mm, strict=True)
        )
        for names, y_mm, lefts_mm, widths_mm in (
            (("I", "III"), 40.0, (20.0, 70.1), (1.2, 4.0)),
            (("II", "aVR"), 60.0, (20.2, 69.6), (2.6, 7.0)),
        )
    )
    assert NameGrid(cells=(upper, lower), columns_mm=(21.0, 72.0), shift_mm=0.0, strays=()).are_aligned
    assert not NameGrid(cells=(upper,), columns_mm=(21.0, 72.0), shift_mm=0.0, strays=()).are_aligned, "one row"
    aside = (attrs.evolve(lower[0], x_mm=lower[0].x_mm + 2.0), lower[1])
    assert not NameGrid(cells=(upper, aside), columns_mm=(21.0, 72.0), shift_mm=0.0, strays=()).are_aligned
