"""Names put into rows and columns."""

from __future__ import annotations

import pytest

from ecg_digitize.digitizers.structure.evidence import NameMark
from ecg_digitize.digitizers.structure.name_rows import NameGrid


def grid_of(columns_mm: tuple[float, ...], *, read: int) -> NameGrid:
    """Names at some columns, in the first so many of which they were read."""
    names = [NameMark("V1", x_mm=x_mm, y_mm=40.0) for x_mm in columns_mm]
    row = tuple(name if number < read else None for number, name in enumerate(names))
    return NameGrid(cells=(row,), columns_mm=columns_mm, shift_mm=0.0, strays=())


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
