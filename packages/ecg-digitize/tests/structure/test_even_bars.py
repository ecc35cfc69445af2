"""Lines of bars that part all rows of a page evenly."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ecg_digitize.digitizers.structure.even_bars import column_starts, even_lines_mm
from ecg_digitize.digitizers.structure.evidence import BarMark, InkRow

ROWS = [InkRow(y_mm, 0.15, 25.0, 295.0, 0.98, 0.5) for y_mm in (50.0, 80.0, 110.0, 140.0, 170.0)]


def lines(*places_mm: float) -> list[BarMark]:
    """Dotted lines across all rows, of which a name or a trace hides some."""
    pieces = ((39.0, 73.0), (76.0, 102.0), (106.0, 151.0), (156.0, 182.0))
    return [BarMark(x_mm + 0.1 * number, *own) for x_mm in places_mm for number, own in enumerate(pieces)]


@pytest.mark.parametrize(
    ("bars", "found"),
    [
        pytest.param(lines(92.0, 159.0, 226.0), (92.15, 159.15, 226.15), id="four columns"),
        pytest.param(lines(115.0, 205.0), (115.15, 205.15), id="three columns"),
        pytest.param(lines(92.0, 150.0, 226.0), (), id="uneven"),
        pytest.param(lines(160.0), (), id="one alone"),
        pytest.param(lines(92.0, 159.0), (), id="rows that go on"),
        pytest.param(lines(60.0, 80.0, 100.0), (), id="complexes of all rows"),
        pytest.param([bar for bar in lines(92.0, 159.0, 226.0) if bar.foot_mm < 80], (), id="of two rows alone"),
        pytest.param([], (), id="none"),
    ],
)
def test_lines_part_the_rows_evenly_or_say_nothing(bars: Sequence[BarMark], found: tuple[float, ...]) -> None:
    assert even_lines_mm(bars, ROWS) == pytest.approx(found)


def test_lines_that_cross_all_rows_in_one_piece_are_told_from_complexes_of_most_rows() -> None:
    whole = [BarMark(x_mm, 40.0, 182.0) for x_mm in (92.0, 159.0, 226.0)]
    assert even_lines_mm([*whole, *lines(130.0, 200.0)], ROWS) == pytest.approx((92.0, 159.0, 226.0))


def test_columns_begin_at_their_lines_and_the_first_so_far_before() -> None:
    assert column_starts((92.0, 159.0, 226.0)) == pytest.approx((25.0, 92.0, 159.0, 226.0))
    assert column_starts(()) == ()
