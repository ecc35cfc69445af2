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


def test_names_in_a_line_with_the_numbers_of_an_axis_stay() -> None:
    rows = (("aVR", "V1", "V4"), ("aVL", "V2", "V5"), ("aVF", "V3", "V6"))
    names, numbers = [], []
    for number, row in enumerate(rows):
        y_mm = 26.0 + 35 * number
        names += [NameMark(lead, x_mm, y_mm + 0.6) for lead, x_mm in zip(row, (93.7, 155.1, 217.6), strict=True)]
        numbers += [NameMark(name, x_mm, y_mm) for name, x_mm in (("I", 50.8), ("II", 125.9), ("III", 277.0))]
    third = NameMark("III", 29.6, 26.0 + 70)
    misread = NameMark("II", 200.8, 26.0 + 70)
    assert without_axis_numbers([*names, *numbers, third, misread]) == [*names, third]
