"""Bars that were taken for names."""

from __future__ import annotations

from ecg_digitize.digitizers.structure.bars_as_names import without_bars
from ecg_digitize.digitizers.structure.evidence import BarMark, NameMark


def bar(x_mm: float, y_mm: float) -> BarMark:
    return BarMark(x_mm, y_mm - 2.5, y_mm + 2.5)


BARS = [bar(33.8, 36.0), bar(34.0, 48.0), bar(33.8, 64.0)]


def test_a_stroke_exactly_below_bars_is_one_of_them() -> None:
    stroke = NameMark("I", 33.7, 77.4, 0.86)
    names = [NameMark("I", 36.0, 27.8), NameMark("II", 33.9, 77.4), NameMark("V1", 33.8, 80.0)]
    assert without_bars([*names, stroke], BARS) == names


def test_a_stroke_below_one_bar_and_names_that_were_taken_for_bars_stay() -> None:
    stroke = NameMark("I", 33.7, 77.4, 0.86)
    assert without_bars([stroke], BARS[:1]) == [stroke]
    strip = [NameMark("I", 33.8, y_mm, 0.86) for y_mm in (20.0, 36.0, 48.0, 64.0, 77.0)]
    assert without_bars(strip, BARS) == strip
    assert without_bars([], BARS) == []


def test_waves_with_which_rows_begin_are_no_bars_of_which_a_name_is_one() -> None:
    """The name stands in line with others of its row, 8 mm above the trace; bars would stand so in the other rows."""
    first = [NameMark("I", 40.4, 55.5, 0.9), NameMark("V1", 104.7, 54.9), NameMark("V4", 167.3, 54.8)]
    others = [NameMark("aVL", 43.7, 73.1), NameMark("V1", 42.1, 90.7), NameMark("V6", 42.5, 108.9)]
    waves = [BarMark(40.2, 76.0, 78.0), BarMark(40.5, 96.4, 98.9), BarMark(40.1, 112.0, 116.0)]
    assert without_bars([*first, *others], waves) == [*first, *others]
    bars = [bar(40.2, 73.1), bar(40.5, 90.7), bar(40.1, 108.9)]
    assert without_bars([*first, *others], bars) == [*first[1:], *others]
