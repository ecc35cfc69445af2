"""Names looked for where they must stand: where that is, and what counts there."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.words.expected_names import even_columns_mm, expected_names
from ecg_digitize.digitizers.neural.words.reading import WordPlace, WordReading
from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import grids_of_names
from ecg_digitize.digitizers.structure.naming import SURE, NamedRows, name_rows

NAMES = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6", "V8")
NEAR_MM = 0.9
"""So near to the middle of a word it is read."""


class Printed:
    """Reads words that stand somewhere, and counts how often it is asked."""

    def __init__(self, *words: tuple[str, float, float], certainty: float = 0.99) -> None:
        self.words, self.certainty, self.asked = words, certainty, 0

    def __call__(self, places: Sequence[WordPlace]) -> Sequence[WordReading]:
        self.asked += len(places)
        return list(map(self._at, places))

    def _at(self, place: WordPlace) -> WordReading:
        likely = {("name", name): 0.0 for name in NAMES}
        for word, x_mm, y_mm in self.words:
            away_mm = np.divide(place.middle_px, PX_PER_MM) - (x_mm, y_mm)
            if np.abs(away_mm).max() <= NEAR_MM:
                likely["name", word] = max(likely["name", word], self.certainty)
        return WordReading(likely)


def named(
    *marks: tuple[str, float, float, float], rows_mm: Sequence[float] = (50, 80, 110)
) -> tuple[NamedRows, list[InkRow]]:
    rows = [InkRow(y_mm, 1.0, 20.0, 270.0, 1.0) for y_mm in rows_mm]
    names = [NameMark(name, x_mm, y_mm, certainty) for name, x_mm, y_mm, certainty in marks]
    return name_rows(grids_of_names(names, rows), rows), rows


def found_names(marks: Sequence[tuple[str, float, float, float]], printed: Printed) -> set[str]:
    """The names that are found where they stand."""
    own, rows = named(*marks)
    sizes = [
        FoundName(name, (x_mm * PX_PER_MM, y_mm * PX_PER_MM), certainty, (20.0, 11.0))
        for name, x_mm, y_mm, certainty in marks
    ]
    found = expected_names(own, rows, sizes, printed)
    for each in found:
        at_mm = [(x_mm, y_mm) for name, x_mm, y_mm in printed.words if name == each.name]
        assert np.divide(each.place_px, PX_PER_MM) == pytest.approx(np.array(at_mm[0]), abs=1.0)
    return {each.name for each in found}


STRIP = (("aVR", 25, 45, 0.9), ("III", 25, 105, 0.9))


def test_a_missed_name_is_read_where_a_row_and_a_column_cross() -> None:
    assert found_names(STRIP, Printed(("V6", 26, 76.5))) == {"V6"}


def test_only_where_one_was_missed_it_is_looked_for() -> None:
    printed = Printed()
    assert found_names((*STRIP, ("V6", 25, 75, 0.9)), printed) == set()
    assert printed.asked == 0


def test_a_name_that_was_not_read_surely_is_read_again() -> None:
    assert found_names((*STRIP, ("V5", 25, 75, 0.55)), Printed(("V8", 25, 75))) == {"V8"}


def test_a_single_stroke_is_a_wave() -> None:
    assert found_names(STRIP, Printed(("I", 25, 75))) == set()


def test_names_of_strokes_are_not_as_sure_as_those_of_letters() -> None:
    """A steep wave beside II makes III of it."""
    own, rows = named(*STRIP)
    (of_strokes,) = expected_names(own, rows, (), Printed(("II", 25, 75)))
    (of_letters,) = expected_names(own, rows, (), Printed(("V6", 25, 75)))
    assert of_strokes.certainty <= SURE < of_letters.certainty


def test_what_may_be_one_of_two_names_is_none() -> None:
    assert found_names(STRIP, Printed(("V6", 25, 75), ("V8", 25, 75))) == set()


def test_what_is_read_unclearly_is_none() -> None:
    assert found_names(STRIP, Printed(("V6", 25, 75), certainty=0.8)) == set()


def test_names_of_columns_are_looked_for_that_hardly_a_name_tells() -> None:
    known = (
        ("I", 25, 45, 0.9),
        ("II", 25, 75, 0.9),
        ("III", 25, 105, 0.9),
        ("V4", 212.5, 45, 0.9),
        ("V6", 212.5, 105, 0.9),
    )
    missed = [("aVR", 87, 45), ("V2", 150, 75), ("V5", 213, 75)]
    assert found_names(known, Printed(*missed)) == {"aVR", "V2", "V5"}


def test_a_name_in_line_with_a_row_tells_a_column() -> None:
    known = (("I", 25, 45, 0.9), ("II", 25, 75, 0.9), ("III", 25, 105, 0.9))
    own, rows = named(*known)
    stray = NameMark("V1", 150, 45, 0.9)
    own = NamedRows(attrs.evolve(own.grid, strays=(stray,)), own.naming)
    found = expected_names(own, rows, (), Printed(("V2", 150, 75)))
    assert [each.name for each in found] == ["V2"]


def test_columns_stand_at_even_parts_of_a_row() -> None:
    assert even_columns_mm([32, 184], 27, 282) == pytest.approx([32, 83, 134, 184, 236])
    assert even_columns_mm([32, 160], 27, 282) == [32, 160]
    assert even_columns_mm([32], 27, 282) == [32]
    assert even_columns_mm([100, 184], 27, 282) == [100, 184]
