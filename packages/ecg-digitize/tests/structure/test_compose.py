"""Layouts composed of names, rows and times, and what is told of their names."""

from __future__ import annotations

import attrs
import pytest

from ecg_core.layouts import LAYOUT_6X2
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize.digitizers.structure.compose import (
    clearly_named_rows,
    compose_layout,
    naming_doubts,
    unclearly_named_rows,
)
from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import NameGrid
from ecg_digitize.digitizers.structure.naming import NamedRows, Naming, RowNames
from ecg_digitize.digitizers.structure.parted import PartedColumns
from ecg_digitize.digitizers.structure.time_axis import ColumnLength

COLUMN = ColumnLength(62.5, 2.5, True)


def naming(*rows: tuple[str, ...], agreement: float = 1.0) -> Naming:
    return Naming(
        tuple(RowNames(number, row, (True,) * len(row)) for number, row in enumerate(rows)), agreement, (), 1.0
    )


def ink(count: int) -> list[InkRow]:
    return [InkRow(20.0 + 30 * row, 0.15, 10, 260, 1.0) for row in range(count)]


STANDARD = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))


def test_a_page_that_is_a_known_layout_bears_its_name() -> None:
    layout = compose_layout(naming(*STANDARD, ("II",)), ink(4), COLUMN, [LAYOUT_6X2, LAYOUT_3X4_1R])
    assert layout.name == "3x4+1R"
    assert layout.duration_s == 10
    assert layout.segments == LAYOUT_3X4_1R.segments


def test_any_other_page_is_named_by_its_rows() -> None:
    layout = compose_layout(naming(*STANDARD, ("V1",), ("II",)), ink(5), COLUMN, [LAYOUT_3X4_1R])
    assert layout.name == "I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / V1 / II"
    assert [segment.lead for segment in layout.segments if segment.is_rhythm] == ["V1", "II"]
    assert layout.baselines_mm == (20, 50, 80, 110, 140)


@pytest.mark.parametrize(("lead", "record_s"), [("I", 30.0), ("?", 30.0)])
def test_one_lead_in_several_rows_goes_on_from_row_to_row(lead: str, record_s: float) -> None:
    layout = compose_layout(naming((lead,), (lead,), (lead,)), ink(3), ColumnLength(250, 10.0, True))
    assert layout.timing == "continued"
    assert layout.record_s == record_s


def test_several_leads_in_rows_of_their_own_are_at_once() -> None:
    layout = compose_layout(naming(("I",), ("II",), ("III",)), ink(3), ColumnLength(250, 10.0, True))
    assert layout.timing == "successive"
    assert layout.record_s == 10


def test_columns_of_the_same_seconds_begin_at_the_same_time() -> None:
    layout = compose_layout(naming(*STANDARD), ink(3), COLUMN, [LAYOUT_3X4_1R], at_once=True)
    assert layout.timing == "simultaneous"
    assert {segment.start_s for segment in layout.segments} == {0.0}


@pytest.mark.parametrize(("at_once", "v1_s"), [(False, 5.0), (True, 0.0)])
def test_columns_of_a_usual_length_that_stand_apart_follow_end_to_end(at_once: bool, v1_s: float) -> None:
    """Unless they show the same seconds."""
    parted = PartedColumns((124.8, 124.8), 6.2, have_pulses=False)
    layout = compose_layout(
        naming(("I", "V1"), ("V1",)), ink(2), ColumnLength(127.9, 5.116, False), at_once=at_once, parted=parted
    )
    first, second, long = layout.segments
    assert layout.timing == ("simultaneous" if at_once else "end to end")
    assert (first.start_s, second.start_s) == pytest.approx((0.0, v1_s))
    assert second.at_s == pytest.approx(5.24)
    assert at_once or long.duration_s == pytest.approx(10.0)


def test_columns_parted_by_pulses_are_as_long_as_they_are() -> None:
    parted = PartedColumns((100.0, 90.0), 6.0, have_pulses=True)
    layout = compose_layout(naming(("I", "V1")), ink(1), ColumnLength(98, 3.92, False), parted=parted)
    assert [(segment.at_s, segment.duration_s) for segment in layout.segments] == [
        pytest.approx((0.0, 4.0)),
        pytest.approx((4.24, 3.6)),
    ]


def doubts(certainty: float, *rows: tuple[str, ...], agreement: float = 1.0) -> list[str]:
    cells = tuple(tuple(None if lead == "?" else NameMark(lead, 10, 10, certainty) for lead in row) for row in rows)
    return naming_doubts(NamedRows(NameGrid(cells, (10.0,), 0.0, ()), naming(*rows, agreement=agreement)))


def test_what_is_uncertain_of_names_is_told() -> None:
    assert not doubts(0.7, *STANDARD)
    assert not doubts(0.95, ("II",))
    assert "row 2" in doubts(0.95, *STANDARD[:1], ("?",))[0]
    assert "50%" in doubts(0.95, *STANDARD, agreement=0.5)[0]
    assert "few names" in doubts(0.7, ("II",))[0]


@pytest.mark.parametrize(
    ("read", "certainty", "is_free", "is_told"),
    [
        ("V8", 0.5, True, True),
        ("V8", 0.9, True, False),
        ("V7", 0.9, True, True),  # which stands above: told apart
        ("V8", 0.5, False, False),  # makers print them so
        ("V2", 0.9, False, False),
    ],
)
def test_names_that_nothing_but_their_letters_tells_must_be_clear(
    read: str, certainty: float, *, is_free: bool, is_told: bool
) -> None:
    marks = [NameMark(lead, 10.0, 30.0 * row, 0.9) for row, lead in enumerate(("V2", "V5", "II", "V7"))]
    cells = tuple((mark,) for mark in (*marks, NameMark(read, 10.0, 120.0, certainty)))
    named = attrs.evolve(naming(("V2",), ("V5",), ("II",), ("V7",), ("V8",)), is_free=is_free)
    found = naming_doubts(NamedRows(NameGrid(cells, (10.0,), 0.0, ()), named))
    assert [doubt.startswith("V8 could not be read clearly") for doubt in found] == [True] * is_told


def test_a_lead_that_goes_on_from_row_to_row_need_not_be_named_clearly_in_each() -> None:
    cells = tuple((NameMark("II", 10.0, 30.0 * row, certainty),) for row, certainty in enumerate((0.9, 0.55, 0.9, 0.9)))
    named = attrs.evolve(naming(*[("II",)] * 4), is_free=True)
    assert not naming_doubts(NamedRows(NameGrid(cells, (10.0,), 0.0, ()), named))


def test_rows_of_one_lead_are_clearly_named_by_letters_not_by_strokes() -> None:
    rows = (("I", "V1"), ("V5",), ("V6",), ("II",), ("?",))
    read = (("I", 0.95), ("V5", 0.95), ("V6", 0.7), ("II", 0.95), None)
    cells = tuple((None if each is None else NameMark(each[0], 10.0, 10.0, each[1]),) for each in read)
    assert clearly_named_rows(NamedRows(NameGrid(cells, (10.0,), 0.0, ()), naming(*rows))) == [1]
    other = (*cells[:1], (NameMark("V4", 10.0, 10.0, 0.95),), *cells[2:])  # another name than it got
    assert clearly_named_rows(NamedRows(NameGrid(other, (10.0,), 0.0, ()), naming(*rows))) == []


def test_a_name_that_is_not_clear_says_little_beside_several_that_are() -> None:
    def unclear(*certainties: float) -> list[int]:
        cells = tuple((NameMark("II", 10.0, 10.0, each),) for each in certainties)
        return unclearly_named_rows(NamedRows(NameGrid(cells, (10.0,), 0.0, ()), naming(*[("II",)] * len(certainties))))

    assert unclear(0.95, 0.95, 0.66, 0.4) == [2, 3]
    assert unclear(0.95, 0.66, 0.4) == [2]


@pytest.mark.parametrize(("stray", "is_told"), [((11.0, 0.9), True), ((11.0, 0.6), False), ((80.0, 0.9), False)])
def test_a_name_below_the_others_without_a_row_is_told(stray: tuple[float, float], is_told: bool) -> None:
    x_mm, certainty = stray
    cells = tuple((NameMark(lead, 10.0, 10.0, 0.95),) for lead in ("I", "II", "III"))
    grid = NameGrid(cells, (10.0,), 0.0, (NameMark("V5", x_mm, 90.0, certainty),))
    found = naming_doubts(NamedRows(grid, naming(("I",), ("II",), ("III",))))
    assert bool(found) == is_told
    assert all("V5" in doubt for doubt in found)


@pytest.mark.parametrize(
    ("others", "certainty", "is_told"),
    [
        (("aVR", "V1", "V4", "V6"), 0.99, True),
        (("aVR", "V1", "V4", "V6"), 0.7, False),  # waves of a restless trace
        (("V1", "V1", "V1", "V1", "aVR", "I"), 0.99, False),  # fewer leads: words of the page's head
    ],
)
def test_many_leads_that_were_read_but_are_none_are_told(
    others: tuple[str, ...], certainty: float, is_told: bool
) -> None:
    """Numbers of seconds were taken for the name of one strip, then, or the like."""
    cells = tuple((NameMark("I", 46.0, 20.0 + 35 * row, 0.95),) for row in range(4))
    strays = tuple(NameMark(lead, 90.0 + 40 * number, 24.0, certainty) for number, lead in enumerate(others))
    found = naming_doubts(NamedRows(NameGrid(cells, (46.0,), 0.0, strays), naming(*[("I",)] * 4)))
    assert any("none of the leads" in doubt for doubt in found) == is_told


@pytest.mark.parametrize(
    ("name", "y_mm", "is_told"), [("I", 86.0, False), ("-I", 86.0, False), ("V1", 86.0, True), ("I", 124.0, True)]
)
def test_a_steep_wave_beside_the_name_of_its_row_is_no_name(name: str, y_mm: float, is_told: bool) -> None:
    """Steep waves look like an I. Below all rows, farther off than they are from each other, it is one."""
    cells = tuple((NameMark(lead, 10.0, 30.0 + 35 * row, 0.9),) for row, lead in enumerate(("I", "II", "III")))
    grid = NameGrid(cells, (10.0,), 0.0, (NameMark(name, 11.5, y_mm, 0.95),))
    found = naming_doubts(NamedRows(grid, naming(("I",), ("II",), ("III",))))
    assert bool(found) == is_told


def test_a_lead_that_would_stand_in_several_rows_is_told() -> None:
    assert "I would stand" in doubts(0.95, ("I",), ("I",), ("II",), ("I",), ("I",))[0]
    assert "V4" in doubts(0.95, ("I", "V4"), ("II", "V4"))[0]
    assert not doubts(0.95, ("II",), ("II",), ("II",))
    assert not doubts(0.95, ("I",), ("II",), ("III",), ("aVR",), ("II",))
    assert "V4 would stand" in doubts(0.95, ("II",), ("aVF",), ("V4",), ("V4",))[0]  # the last is V4R
    assert not doubts(0.95, *STANDARD, ("II",), ("II",))


@pytest.mark.parametrize(
    ("names", "certainty", "is_told"),
    [
        (("V4", "V5", "V6", "I"), 0.64, True),  # a wave in a row whose name was not read, it may be
        (("V4", "V5", "V6", "I"), 0.9, False),
        (("I", "II", "III", "V1"), 0.64, False),
        (("V4", "V5", "V6", "II"), 0.64, False),
        (("I", "I", "I"), 0.64, False),
    ],
)
def test_a_stroke_among_chest_leads_is_a_doubtful_name(names: tuple[str, ...], certainty: float, is_told: bool) -> None:
    cells = tuple(
        (NameMark(name, 10.0, 20.0 + 30 * row, certainty if name[0] == "I" else 0.95),)
        for row, name in enumerate(names)
    )
    found = naming_doubts(NamedRows(NameGrid(cells, (10.0,), 0.0, ()), naming(*((name,) for name in names))))
    assert any("is named I, but not clearly" in doubt for doubt in found) == is_told


@pytest.mark.parametrize(("read", "certainty", "is_told"), [("I", 0.7, True), ("I", 0.9, False), ("II", 0.7, False)])
def test_a_row_that_is_taken_for_ii_where_a_stroke_was_read_is_doubtful(
    read: str, certainty: float, *, is_told: bool
) -> None:
    cells = [tuple(NameMark(lead, 60.0 * x, 30.0 * y) for x, lead in enumerate(row)) for y, row in enumerate(STANDARD)]
    cells.append((NameMark(read, 0.0, 90.0, certainty), None, None, None))
    rows = naming(*STANDARD).rows
    every = Naming((*rows, RowNames(3, ("II",), (read == "II",))), 1.0, (), 1.0)
    found = naming_doubts(NamedRows(NameGrid(tuple(cells), (0.0, 60.0, 120.0, 180.0), 0.0, ()), every))
    assert any("row 4 from the top is taken for II" in doubt for doubt in found) == is_told


@pytest.mark.parametrize(
    ("extra", "unread", "is_told"),
    [
        (("V4R", "V8", "V9"), set(), False),
        (("V4R", "V8", "V9"), {1}, False),  # the two others tell it
        (("V3R", "V8", "V9"), {1}, True),  # any may stand between these
        (("V4R", "V8", "V9"), {1, 2}, True),
        (("V3R", "V8", "V9"), set(), False),
    ],
)
def test_a_lead_of_the_right_side_or_the_back_is_told_by_its_letters_alone(
    extra: tuple[str, ...], unread: set[int], *, is_told: bool
) -> None:
    rows = tuple((*row, lead) for row, lead in zip(STANDARD, extra, strict=True))
    cells = tuple(tuple(NameMark(lead, 10, 10, 0.95) for lead in row) for row in rows)
    named = naming(*rows, agreement=0.9)
    is_read = [(True,) * 4 + (row not in unread,) for row in range(3)]
    named = attrs.evolve(
        named, rows=tuple(attrs.evolve(row, is_read=own) for row, own in zip(named.rows, is_read, strict=True))
    )
    found = naming_doubts(NamedRows(NameGrid(cells, (10.0,), 0.0, ()), named))
    assert [
        doubt.endswith("could not be read: check these names, or give the rows by --layout") for doubt in found
    ] == [True] * is_told


def test_names_that_stand_clearly_in_several_columns_of_what_was_taken_for_no_row_are_told() -> None:
    """A long row whose ink is scattered, and whose name is printed in every column."""
    rows = [RowNames(0, ("I", "V1"), (True, True)), RowNames(2, ("II",), (True,))]
    cells = (
        (NameMark("I", 30.0, 75.0, 0.9), NameMark("V1", 160.0, 75.0, 0.99)),
        (NameMark("V5", 30.0, 150.0, 0.99), NameMark("V5", 160.0, 150.0, 0.99)),
        (NameMark("II", 30.0, 175.0, 0.9), None),
    )
    naming = Naming(tuple(rows), 1.0, (), 8.0)
    grid = NameGrid(cells=cells, columns_mm=(30.0, 160.0), shift_mm=-5.0, strays=())
    assert any("V5 is printed where no row was found" in doubt for doubt in naming_doubts(NamedRows(grid, naming)))
    once = attrs.evolve(grid, cells=(cells[0], (cells[1][0], None), cells[2]))
    assert not any("no row was found" in doubt for doubt in naming_doubts(NamedRows(once, naming)))
