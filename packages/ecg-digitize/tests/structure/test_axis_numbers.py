"""Numbers of an axis that were taken for names."""

from __future__ import annotations

from ecg_digitize.digitizers.structure.axis_numbers import without_axis_numbers
from ecg_digitize.digitizers.structure.evidence import NameMark


def line(y_mm: float, *names: str) -> list[NameMark]:
    return [NameMark(name, 20.0 + 25 * place, y_mm) for place, name in enumerate(names)]


def test_numbers_of_axes_below_every_row_are_no_names() -> None:
    names = [*line(20, "I", "V1"), *line(60, "II", "V2")]
    axes = [*line(40, "I", "II", "I", "I"), *line(80.3, "I", "II", "I", "I")]
    assert without_axis_numbers([*names, *axes]) == names


def test_an_axis_of_which_fewer_numbers_were_taken_for_names_is_one_as_well() -> None:
    assert without_axis_numbers([*line(40, "II", "III"), *line(65, "II", "III", "III")]) == []


def test_names_of_leads_stay() -> None:
    page = [*line(20, "I", "aVR", "V1", "V4"), *line(50, "II", "aVL", "V2", "V5"), *line(80, "II")]
    strip = [*line(20, "II", "II"), *line(50, "II", "II")]
    twice = [*line(20, "I", "V1", "I"), *line(50, "II", "V2")]
    for marks in (page, strip, twice, []):
        assert without_axis_numbers(marks) == marks


def test_names_stay_where_a_few_numbers_among_them_stand_alike_below_two_rows() -> None:
    second = [*line(50, "II", "aVL", "V2", "V5"), NameMark("V5", 33.0, 50.4, 0.35), NameMark("II", 58.0, 50.4, 0.35)]
    third = [*line(80, "III", "aVF", "V3", "V6"), NameMark("V5", 33.0, 80.4, 0.35), NameMark("II", 58.0, 80.4, 0.35)]
    assert without_axis_numbers([*second, *third]) == [*second, *third]


def test_names_in_one_line_with_the_numbers_of_axes_stay() -> None:
    """As where the seconds stand above every trace: 1 is taken for I, 3 for II, and 10 for III."""

    def row(y_mm: float, *names: str) -> list[NameMark]:
        places_mm = {51.0: "I", 126.0: "II", 230.0: "I", 277.0: "III"}
        return [
            *(NameMark(name, 30.0 + 63 * place, y_mm, 0.9) for place, name in enumerate(names)),
            *(NameMark(name, x_mm, y_mm + 0.4, 0.7) for x_mm, name in places_mm.items()),
        ]

    rows = [("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"), ("II",)]
    marks = [mark for number, names in enumerate(rows) for mark in row(26.0 + 36 * number, *names)]
    assert [mark.name for mark in without_axis_numbers(marks)] == [name for names in rows for name in names]
