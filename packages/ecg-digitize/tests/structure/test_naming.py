"""Names of rows composed from names as they are read: some missing, some misread, some that are none."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecg_core.leads import CABRERA_LEADS, CHEST_LEADS, LIMB_LEADS, STANDARD_LEADS
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import grids_of_names
from ecg_digitize.digitizers.structure.naming import (
    Naming,
    name_as_told,
    name_rows,
    traces_among,
    traces_left_out,
    ways_to_name_rows,
)

LAYOUTS = [registry().load("layouts", entry.name) for entry in registry().entries("layouts")]
FIRST_MM, LENGTH_MM = 20.0, 250.0
Rows = Sequence[Sequence[str]]

STANDARD = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))


def ink(count: int, pitch_mm: float = 30.0, first_mm: float = 40.0) -> list[InkRow]:
    return [InkRow(first_mm + pitch_mm * row, 0.15, FIRST_MM, FIRST_MM + LENGTH_MM, 0.98, 0.5) for row in range(count)]


def marks_of(rows: Rows, inked: Sequence[InkRow], *, rise_mm: float = 5.0, indent_mm: float = 1.0) -> list[NameMark]:
    return [
        NameMark(lead, FIRST_MM + indent_mm + column * LENGTH_MM / len(row), inked[number].y_mm - rise_mm, 0.95)
        for number, row in enumerate(rows)
        for column, lead in enumerate(row)
        if lead != "?"
    ]


def named(marks: Sequence[NameMark], inked: Sequence[InkRow]) -> Naming:
    rows = traces_among(inked)
    return name_rows(grids_of_names(marks, rows), rows, LAYOUTS).naming


def test_names_of_long_rows_may_all_stand_elsewhere_than_those_of_short_ones() -> None:
    """Those of the short rows stand 13.5 mm above their traces, those of the long ones 4 mm below."""
    rows = ink(6, pitch_mm=24.0)
    marks = marks_of(STANDARD, rows[:3], rise_mm=13.5)
    marks += marks_of((("V1",), ("II",), ("V5",)), rows[3:], rise_mm=-4.0)
    found = named(marks, rows)
    assert [row.leads for row in found.rows] == [*STANDARD, ("V1",), ("II",), ("V5",)]
    assert all(all(row.is_read) for row in found.rows)
    wave_taken_for_one = NameMark("I", FIRST_MM + 0.97 * LENGTH_MM, rows[3].y_mm, 0.56)
    assert [row.leads for row in named([*marks, wave_taken_for_one], rows).rows] == [row.leads for row in found.rows]


def leads(naming: Naming) -> Rows:
    return tuple(row.leads for row in naming.rows)


PAGES: dict[str, Rows] = {
    "3x4": STANDARD,
    "3x4 with a rhythm row of V1": (*STANDARD, ("V1",)),
    "3x4 with two rhythm rows": (*STANDARD, ("V1",), ("II",)),
    "3x4 with three rhythm rows": (*STANDARD, ("V1",), ("II",), ("V5",)),
    "3x4 below a rhythm row": (("II",), *STANDARD),
    "6x2": tuple(zip(LIMB_LEADS, CHEST_LEADS, strict=True)),
    "12x1 with a rhythm row": tuple((lead,) for lead in (*STANDARD_LEADS, "II")),
    "six limb leads": tuple((lead,) for lead in LIMB_LEADS),
    "six chest leads": tuple((lead,) for lead in CHEST_LEADS),
    "fifteen leads": tuple((*row, extra) for row, extra in zip(STANDARD, ("V4R", "V8", "V9"), strict=True)),
    "Cabrera": tuple(zip(CABRERA_LEADS[:6], CHEST_LEADS, strict=True)),
    "one lead": (("II",),),
    "three leads": (("II",), ("V1",), ("V5",)),
    "a strip over three rows": (("II",),) * 3,
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("rise_mm", "indent_mm"), [(5.0, 1.0), (-6.0, 0.0), (14.0, 2.0), (12.0, 21.0), (0.0, -4.0)])
def test_names_are_those_that_are_printed(page: str, rise_mm: float, indent_mm: float) -> None:
    inked = ink(len(PAGES[page]), pitch_mm=16.0 if len(PAGES[page]) > 8 else 30.0)
    read = [[lead.removeprefix("-") for lead in row] for row in PAGES[page]]
    rise_mm = rise_mm if len(inked) <= 8 else np.clip(rise_mm, -6, 6)
    found = named(marks_of(read, inked, rise_mm=rise_mm, indent_mm=indent_mm), inked)
    assert leads(found) == PAGES[page]
    assert found.agreement == 1


@given(lost=st.sets(st.integers(0, 11), max_size=5))
@example(lost={0, 1, 4, 8})
@example(lost={1, 5, 9})
@example(lost={3, 7, 11})
def test_five_names_may_be_missing(lost: set[int]) -> None:
    inked = ink(3)
    marks = [mark for number, mark in enumerate(marks_of(STANDARD, inked)) if number not in lost]
    found = named(marks, inked)
    assert leads(found) == STANDARD
    assert found.agreement == pytest.approx(1 - len(lost) / 12)


@given(swapped=st.sets(st.integers(0, 11), max_size=4))
def test_names_misread_as_similar_ones_are_told_by_the_others(swapped: set[int]) -> None:
    similar = {"I": "II", "II": "III", "III": "II", "aVR": "aVL", "aVL": "aVF", "aVF": "aVR"}
    similar |= {f"V{number}": f"V{number % 6 + 1}" for number in range(1, 7)}
    inked = ink(3)
    marks = [
        attrs.evolve(mark, name=similar[mark.name]) if number in swapped else mark
        for number, mark in enumerate(marks_of(STANDARD, inked))
    ]
    found = named(marks, inked)
    assert leads(found) == STANDARD
    assert len(found.misread) == len(swapped)


def test_a_lead_of_the_right_side_is_believed_where_a_page_mostly_has_another() -> None:
    rows = ((*STANDARD[0][:3], "V4R"), *STANDARD[1:])
    inked = ink(3)
    assert leads(named(marks_of(rows, inked), inked)) == rows


@pytest.mark.parametrize(("lead", "read"), [("V2", "V9"), ("V1", "V7"), ("V3", "V8"), ("V6", "V4R")])
def test_a_lead_of_the_back_or_the_right_is_misread_where_no_electrode_is_moved_to_it(lead: str, read: str) -> None:
    inked = ink(3)
    marks = [attrs.evolve(mark, name=read) if mark.name == lead else mark for mark in marks_of(STANDARD, inked)]
    found = named(marks, inked)
    assert leads(found) == STANDARD
    assert found.misread == ((lead, read),)


@pytest.mark.parametrize("extra", [("V4R", "V7", "V8"), ("V3R", "V8", "V9"), ("V7", "V8", "V9"), ("V3R", "V4R", "V9")])
def test_any_three_leads_of_the_right_side_and_the_back_stand_beside_the_twelve(extra: tuple[str, ...]) -> None:
    rows = tuple((*row, lead) for row, lead in zip(STANDARD, extra, strict=True))
    found = named(marks_of(rows, ink(3)), ink(3))
    assert leads(found) == rows
    assert found.agreement == 1


def test_of_the_leads_of_the_back_each_stands_once_on_a_page_of_fifteen() -> None:
    inked = ink(3)
    marks = marks_of(PAGES["fifteen leads"], inked)
    marks = [attrs.evolve(mark, name="V8", certainty=0.7) if mark.name == "V9" else mark for mark in marks]
    assert leads(named(marks, inked)) == PAGES["fifteen leads"]


def test_leads_in_their_order_of_which_some_are_left_out_are_as_they_were_read() -> None:
    rows = (("I", "aVL", "V6"), ("II", "V3", "V3R"), ("III", "V4", "V4R"), ("aVR", "V5", "V8"))
    inked = ink(4)
    assert leads(named(marks_of(rows, inked), inked)) == rows


def test_leads_in_their_order_are_those_that_were_read_and_no_misread_ones_of_a_known_page() -> None:
    rows = (("I", "aVF", "V3R"), ("II", "V2", "V4R"), ("III", "V3", "V7"), ("aVR", "V4", "V8"), ("aVL", "V5", "V9"))
    inked = ink(5)
    found = named(marks_of(rows, inked), inked)
    assert leads(found) == rows
    assert found.is_free


def test_a_lead_that_was_read_in_two_rows_is_what_else_it_may_be_in_the_less_certain_one() -> None:
    rows = (("II",), ("V3",), ("V6",), ("V7",), ("V8",), ("V9",))
    inked = ink(6)
    marks = marks_of(rows, inked)
    marks[-1] = attrs.evolve(marks[-1], name="V8", certainty=0.7, others=(("V9", 0.2),))
    assert leads(named(marks, inked)) == rows


def test_of_two_names_near_a_column_the_one_that_stands_in_it_counts() -> None:
    inked = ink(3)
    wave = NameMark("II", FIRST_MM + 1 + 0.5 * LENGTH_MM - 8, inked[1].y_mm - 5, 0.66)
    marks = [attrs.evolve(mark, certainty=0.55) if mark.name == "V2" else mark for mark in marks_of(STANDARD, inked)]
    found = named([*marks, wave], inked)
    assert leads(found) == STANDARD
    assert found.agreement == 1


def test_names_that_no_maker_prints_so_are_as_they_were_read() -> None:
    rows = (("V1", "II"), ("aVF", "V6"), ("III", "V2"))
    inked = ink(3)
    assert leads(named(marks_of(rows, inked), inked)) == rows


def test_a_long_row_may_be_named_in_every_column() -> None:
    inked = ink(4)
    found = named(marks_of((*STANDARD, ("II",) * 4), inked), inked)
    assert leads(found) == (*STANDARD, ("II",))


def test_a_long_row_may_have_its_name_elsewhere_than_the_others() -> None:
    inked = ink(5)
    marks = [*marks_of((*STANDARD, ("V1",)), inked, rise_mm=10), NameMark("II", FIRST_MM + 1, inked[4].y_mm + 3, 0.9)]
    assert leads(named(marks, inked)) == (*STANDARD, ("V1",), ("II",))


@pytest.mark.parametrize(("certainty", "lead", "is_read"), [(0.72, "II", False), (0.9, "I", True)])
def test_an_unclear_stroke_below_several_columns_is_one_of_ii(certainty: float, lead: str, *, is_read: bool) -> None:
    inked = ink(6)
    marks = [
        attrs.evolve(mark, certainty=certainty) if mark.y_mm > inked[3].y_mm and mark.name == "I" else mark
        for mark in marks_of((*STANDARD, ("V1",), ("I",), ("V5",)), inked)
    ]
    found = named(marks, inked)
    assert leads(found) == (*STANDARD, ("V1",), (lead,), ("V5",))
    assert found.rows[4].is_read == (is_read,)


def test_long_rows_without_a_name_are_told_as_unknown_not_dropped() -> None:
    inked = ink(5)
    assert leads(named(marks_of(STANDARD, inked), inked)) == (*STANDARD, ("?",), ("?",))


def test_without_any_name_rows_are_unknown() -> None:
    found = named([], ink(4))
    assert leads(found) == (("?",),) * 4
    assert found.agreement == 0


@pytest.mark.parametrize("what", ["frame", "words", "faint"])
def test_frames_words_and_faint_lines_are_no_rows(what: str) -> None:
    none = {
        "frame": InkRow(10.0, 0.16, FIRST_MM, FIRST_MM + LENGTH_MM, 1.0, 0.01),
        "words": InkRow(185.0, 0.12, FIRST_MM, FIRST_MM + 90, 0.6, 0.9),
        "faint": InkRow(160.0, 0.04, FIRST_MM, FIRST_MM + LENGTH_MM, 0.9, 0.3),
    }[what]
    inked = ink(4)
    rows = sorted([*inked, none], key=lambda row: row.y_mm)
    assert leads(named(marks_of((*STANDARD, ("II",)), inked), rows)) == (*STANDARD, ("II",))


def test_words_of_the_head_that_read_like_names_stand_in_no_column() -> None:
    inked = ink(4)
    words = [NameMark("V1", 47.0, 12.0, 0.8), NameMark("aVR", 121.0, 12.0, 0.8), NameMark("II", 186.0, 17.0, 0.8)]
    assert leads(named([*marks_of((*STANDARD, ("II",)), inked), *words], inked)) == (*STANDARD, ("II",))


def test_words_at_the_end_of_the_rows_are_no_column() -> None:
    inked = ink(3)
    words = [NameMark("V2", FIRST_MM + LENGTH_MM - 3, row.y_mm - 4, 0.7) for row in inked]
    assert leads(named([*marks_of(STANDARD, inked), *words], inked)) == STANDARD


def test_a_trace_that_wanders_keeps_its_names() -> None:
    """Most of the ink of the rows lies up to 6 mm from where the names would have it."""
    inked = ink(6, pitch_mm=24.5)
    away = (-2, 6, -5, 3, 0, -4)
    wandering = [attrs.evolve(row, y_mm=row.y_mm + off) for row, off in zip(inked, away, strict=True)]
    rows = (*STANDARD, ("V1",), ("II",), ("V5",))
    assert leads(named(marks_of(rows, inked), wandering)) == rows


def test_names_above_the_traces_are_not_taken_for_those_of_the_row_above() -> None:
    inked = ink(4, pitch_mm=31)
    assert leads(named(marks_of((*STANDARD, ("II",)), inked, rise_mm=15), inked)) == (*STANDARD, ("II",))


def test_of_more_rows_than_a_layout_has_those_with_its_names_are_its_rows() -> None:
    layout = Layout(name="told", rows=STANDARD, baselines_mm=(10, 20, 30))
    inked = ink(5)
    marks = marks_of(STANDARD, inked[1:4])
    found = name_as_told(grids_of_names(marks, inked), inked, layout).naming
    assert [row.row for row in found.rows] == [1, 2, 3]
    assert leads(found) == STANDARD


def test_a_lead_of_small_waves_is_a_row_and_the_line_of_a_frame_is_none() -> None:
    """A lead across the heart's axis shows its complexes in 7 % of its columns; so may a frame that waves run into."""
    lead, line = (attrs.evolve(row, waves=waves) for row, waves in zip(ink(2), (0.07, 0.01), strict=True))
    frame = attrs.evolve(lead, first_mm=FIRST_MM - 5, last_mm=FIRST_MM + LENGTH_MM + 5)
    assert traces_among([*ink(3), lead, line, frame]) == [*ink(3), lead]


def test_rows_of_a_page_of_which_few_names_were_read_are_all_told() -> None:
    """Three names of twelve rows 12 mm apart: the others are no nearer to each other than they should be."""
    inked = ink(12, pitch_mm=12.0)
    marks = [mark for mark in marks_of([(lead,) for lead in STANDARD_LEADS], inked) if mark.name in ("II", "V3", "V6")]
    assert len(named(marks, inked).rows) == 12


def test_a_strip_of_one_lead_in_several_rows_is_named_so() -> None:
    inked = ink(3)
    words = NameMark("III", FIRST_MM + 2, inked[0].y_mm - 23, 0.6)
    assert leads(named([*marks_of((("I",),) * 3, inked), words], inked)) == (("I",),) * 3


def test_notched_waves_that_read_like_strokes_several_times_in_a_row_are_no_names() -> None:
    """A row shows no lead twice: two rows of a watch's page, which prints no name."""
    inked = ink(2, pitch_mm=32.0)
    places = [(0, "II", 3, 0.67), (0, "I", 81, 0.62), (0, "I", 115, 0.76), (0, "II", 221, 0.61)]
    places += [(1, "I", 83, 0.73), (1, "II", 188, 0.66)]
    waves = [NameMark(name, FIRST_MM + at_mm, inked[row].y_mm - 7, certainty) for row, name, at_mm, certainty in places]
    assert leads(named(waves, inked)) == (("?",), ("?",))


def test_waves_that_read_like_names_in_some_rows_make_no_column_of_a_page_of_many_rows() -> None:
    inked = ink(12, pitch_mm=12.5)
    waves = [NameMark("V1", 110.0, inked[row].y_mm, 0.7) for row in (6, 7, 8)]
    rows = tuple((lead,) for lead in STANDARD_LEADS)
    assert leads(named([*marks_of(rows, inked), *waves], inked)) == rows


def test_names_belong_to_the_rows_that_all_of_them_fit() -> None:
    """Names 9 mm above rows 16 mm apart: one row farther down they would fit much less well."""
    inked = ink(5, pitch_mm=16.0)
    rows = (*STANDARD, ("II",), ("V5",))
    wave = NameMark("V2", FIRST_MM + 0.75 * LENGTH_MM, inked[3].y_mm - 13, 0.6)
    assert leads(named([*marks_of(rows, inked, rise_mm=9.0), wave], inked)) == rows


def test_names_half_way_between_rows_tell_no_row_of_words_where_all_others_have_a_pulse() -> None:
    """Names stand 12.5 mm above rows 25 mm apart; one row up the first is at words of the head, and a wave is named."""
    traces = ink(7, pitch_mm=25.0, first_mm=53.0)
    block = tuple(zip(LIMB_LEADS, CHEST_LEADS, strict=True))
    marks = marks_of((*block, ("II",)), traces, rise_mm=12.5)
    wave = NameMark("I", FIRST_MM + 4, traces[-1].y_mm + 6, 0.65)
    words = attrs.evolve(traces[0], y_mm=28.0, coverage=0.6, joined=0.0, by_names=True)

    def has_words(rows: Sequence[InkRow]) -> bool:
        without, more = (name_rows(grids_of_names([*marks, wave], own), own, LAYOUTS) for own in (rows, [words, *rows]))
        return more.naming.score > without.naming.score

    assert has_words(traces), "nothing else tells"
    assert not has_words([attrs.evolve(row, pulse_mm=row.y_mm) for row in traces])


def test_names_of_a_strip_do_not_make_a_row_of_the_words_below_it() -> None:
    """The names stand unevenly below their rows, and fit one row farther down a little better, at the foot's words."""
    traces = ink(3, pitch_mm=10.0, first_mm=29.2)
    marks = [NameMark("V3", FIRST_MM + 1, y_mm, 0.99) for y_mm in (31.0, 42.0, 56.0)]
    words = attrs.evolve(traces[0], y_mm=63.5, strength=0.04, coverage=0.3, joined=0.0, by_names=True)
    found = name_rows(grids_of_names(marks, [*traces, words]), [*traces, words], LAYOUTS).naming
    assert [(row.row, row.leads, row.is_read) for row in found.rows] == [(row, ("V3",), (True,)) for row in range(3)]
    torn = attrs.evolve(words, joined=0.2)
    assert len(name_rows(grids_of_names(marks, [*traces, torn]), [*traces, torn], LAYOUTS).naming.rows) == 4


def test_a_trace_above_rows_with_names_is_told_as_unknown_and_words_and_frames_are_not() -> None:
    above = InkRow(10.0, 0.15, FIRST_MM, FIRST_MM + LENGTH_MM, 0.98, 0.5)
    bent_frame = attrs.evolve(above, first_mm=FIRST_MM - 9, last_mm=FIRST_MM + LENGTH_MM + 9)
    on_an_edge = attrs.evolve(above, y_mm=-10.0, joined=0.4)  # far above, words on the edge of the paper
    none = [attrs.evolve(above, joined=0.0), attrs.evolve(above, waves=0.12), bent_frame, on_an_edge]
    some = [above, attrs.evolve(above, joined=0.4), attrs.evolve(above, y_mm=-10.0)]
    marks = marks_of(STANDARD, ink(3))
    assert all(leads(named(marks, [each, *ink(3)])) == (("?",), *STANDARD) for each in some)
    assert all(leads(named(marks, [each, *ink(3)])) == STANDARD for each in none)
    assert traces_left_out([on_an_edge, *ink(3)], ink(3)) == [on_an_edge]  # it is told all the same


def test_letters_above_rows_are_none_though_they_wave_and_hang_together() -> None:
    """Letters of a hand, and words of the head through which the edge of a panel runs: names 15 mm above rows 30 mm
    apart would stand at the next row each, and the last row would have none."""
    inked = ink(4)
    above = attrs.evolve(inked[0], y_mm=inked[0].y_mm - 24)
    hand = attrs.evolve(above, first_mm=FIRST_MM + 21, last_mm=FIRST_MM + 173, joined=0.88)
    on_an_edge = attrs.evolve(above, joined=0.69)
    rows = (*STANDARD, ("II",))
    marks = marks_of(rows, inked, rise_mm=15.0)
    for letters in (hand, on_an_edge):
        assert leads(named(marks, [letters, *inked])) == rows
        assert traces_left_out([letters, *inked], inked) == [letters]  # it is told all the same
    in_step = attrs.evolve(on_an_edge, y_mm=inked[0].y_mm - 30)
    assert len(named(marks, [in_step, *inked]).rows) == 5


def test_calm_rows_without_names_about_one_that_is_taken_for_named_are_rows() -> None:
    """Twelve leads of small waves, one of which reads as a name; the line of a frame below them is out of step."""
    calm = [attrs.evolve(row, waves=0.1 + 0.01 * number) for number, row in enumerate(ink(12, pitch_mm=15.0))]
    wave = NameMark("I", FIRST_MM + 2, calm[5].y_mm, 0.6)
    names = leads(named([wave], calm))
    assert [len(row) for row in names] == [1] * 12
    frame = attrs.evolve(calm[-1], y_mm=calm[-1].y_mm + 11)
    assert leads(named([wave], [*calm, frame])) == names
    assert traces_left_out([*calm, frame], calm) == [frame]  # it is told all the same


def test_what_stands_below_rows_with_names_is_no_row_unless_it_looks_like_one() -> None:
    """The words of a page's foot, and the line of a frame where all traces have pulses."""
    inked = ink(3)
    below = attrs.evolve(inked[2], y_mm=inked[2].y_mm + 30)
    words, frame = attrs.evolve(below, joined=0.0, first_mm=below.first_mm - 9), attrs.evolve(below, waves=0.12)
    faint = attrs.evolve(below, joined=0.0)
    on_a_line = attrs.evolve(below, joined=0.4, waves=0.35, strength=0.08, first_mm=below.first_mm + 6)
    fading = attrs.evolve(on_a_line, first_mm=below.first_mm)
    marks = marks_of(STANDARD, inked)
    assert all(leads(named(marks, [*inked, row])) == (*STANDARD, ("?",)) for row in (below, frame, faint, fading))
    assert leads(named(marks, [*inked, words])) == leads(named(marks, [*inked, on_a_line])) == STANDARD
    assert traces_left_out([*inked, on_a_line], inked) == [on_a_line]  # it is told all the same
    with_pulses = [attrs.evolve(row, pulse_mm=row.y_mm) for row in inked]
    assert leads(named(marks, [*with_pulses, frame])) == STANDARD
    assert leads(named(marks, [*with_pulses, below])) == (*STANDARD, ("?",))
    elsewhere = attrs.evolve(below, y_mm=inked[2].y_mm + 22, last_mm=below.last_mm - 24)
    assert leads(named(marks, [*inked, elsewhere])) == (*STANDARD, ("?",))
    assert leads(named(marks, [*with_pulses, elsewhere])) == STANDARD
    assert traces_left_out([*with_pulses, elsewhere], with_pulses) == [elsewhere]


def test_a_row_of_small_waves_that_ends_where_the_others_do_is_told_where_it_is_taken_for_none() -> None:
    """Its waves are a third of those of the calmest row; a line that ends elsewhere is that of a frame."""
    inked = ink(3)
    small = attrs.evolve(inked[2], y_mm=inked[2].y_mm + 20, waves=0.06)
    assert traces_left_out([*inked, small], inked) == [small]
    assert not traces_left_out([*inked, attrs.evolve(small, last_mm=small.last_mm + 2)], inked)
    assert not traces_left_out([*inked, attrs.evolve(small, waves=0.02)], inked)


@pytest.mark.parametrize("is_above", [True, False])
def test_a_calm_row_for_itself_may_stand_nearer_to_the_others_than_they_do_to_each_other(*, is_above: bool) -> None:
    inked = ink(3)
    calm = attrs.evolve(inked[0], y_mm=(inked[0].y_mm - 21) if is_above else (inked[2].y_mm + 21), waves=0.26)
    marks = marks_of(STANDARD, inked)

    def rows_with(row: InkRow) -> Rows:
        return leads(named(marks, [row, *inked] if is_above else [*inked, row]))

    assert rows_with(calm) == ((("?",), *STANDARD) if is_above else (*STANDARD, ("?",)))
    line, elsewhere = attrs.evolve(calm, waves=0.12), attrs.evolve(calm, last_mm=calm.last_mm - 3)
    assert rows_with(line) == rows_with(elsewhere) == STANDARD


@pytest.mark.parametrize("certainty", [0.8, 0.6])
def test_a_name_in_line_with_the_others_tells_a_row_whose_ink_is_scattered(certainty: float) -> None:
    inked = ink(4)
    inked[3] = attrs.evolve(inked[3], strength=0.05, coverage=0.5, joined=0.4)
    rows = (*STANDARD, ("V5",))
    *marks, last = marks_of(rows, inked)
    is_told = certainty > 0.7
    assert leads(named([*marks, attrs.evolve(last, certainty=certainty)], inked)) == (rows if is_told else STANDARD)
    elsewhere = attrs.evolve(last, y_mm=last.y_mm + 5)
    words = attrs.evolve(inked[3], joined=0.1)
    assert leads(named([*marks, elsewhere], inked)) == leads(named([*marks, last], [*inked[:3], words])) == STANDARD


def test_a_row_with_gaps_is_one_where_it_hangs_together_and_has_both_ends_of_the_others() -> None:
    inked = ink(4)
    gaps = attrs.evolve(inked[1], coverage=0.75, joined=0.6)
    assert leads(named([], [inked[0], gaps, *inked[2:]])) == (("?",),) * 4
    short = attrs.evolve(gaps, last_mm=gaps.last_mm - 20)
    assert leads(named([], [inked[0], short, *inked[2:]])) == (("?",),) * 3


def test_a_row_without_a_name_may_be_fainter_where_it_is_in_step_with_the_others() -> None:
    """One of the named rows seems to end early; the row below has half of their ink."""
    inked = ink(4)
    inked[2] = attrs.evolve(inked[2], last_mm=inked[2].last_mm - 14)
    below = attrs.evolve(inked[3], strength=0.48 * inked[0].strength, joined=0.44)
    marks = marks_of(STANDARD, inked)
    assert leads(named(marks, [*inked[:3], below])) == (*STANDARD, ("?",))
    out_of_step = attrs.evolve(below, y_mm=below.y_mm - 12)
    assert leads(named(marks, [*inked[:3], out_of_step])) == STANDARD


def test_words_above_rows_without_names_are_not_the_only_row() -> None:
    """The rows of small waves are broken; a line of words is short and lies within them, as all would in a frame."""
    rows = [InkRow(y_mm, 0.08, 15.0, 302.0, 0.75, 0.6, joined) for y_mm, joined in ((25, 0.4), (39, 0.2), (53, 0.98))]
    words = InkRow(13.0, 0.05, 24.0, 90.0, 0.83, 0.5, 0.15)
    assert [row.row for row in name_rows(grids_of_names([], [words, *rows]), [words, *rows]).naming.rows] == [1, 2, 3]


def test_a_torn_row_between_others_of_a_page_without_names_is_a_row() -> None:
    """Low traces of a watch at 50 mm/s, with numbers of seconds between them, below words and a pulse through these."""
    seen = ((13.5, 0.052, 23.8, 90.0, 0.83, 0.49, 0.15), (25.5, 0.077, 12.2, 302.0, 0.76, 0.57, 0.42))
    seen += ((39.2, 0.08, 19.2, 302.0, 0.73, 0.61, 0.2), (52.8, 0.134, 12.8, 302.2, 0.98, 0.43, 0.98))
    rows = [InkRow(*each) for each in seen]
    assert [row.row for row in name_rows(grids_of_names([], rows), rows, LAYOUTS).naming.rows] == [1, 2, 3]


def test_rows_without_names_whose_ink_nowhere_hangs_together_are_named_all_the_same() -> None:
    rows = [InkRow(y_mm, 0.08, 15.0, 302.0, 0.75, 0.6, 0.0) for y_mm in (25, 39, 53)]
    words = InkRow(13.0, 0.05, 24.0, 90.0, 0.83, 0.5, 0.0)
    naming = name_rows(grids_of_names([], [words, *rows]), [words, *rows]).naming
    assert naming.rows
    assert np.isfinite(naming.score)


def test_rows_that_seem_to_end_early_lose_no_column() -> None:
    """The leads of the last column wander so far that hardly any row has ink enough there."""
    inked = [attrs.evolve(row, last_mm=FIRST_MM + 0.75 * LENGTH_MM) for row in ink(5)]
    inked[3] = attrs.evolve(inked[3], last_mm=FIRST_MM + LENGTH_MM)
    rows = (*STANDARD, ("II",), ("V5",))
    assert leads(named(marks_of(rows, inked), inked)) == rows


def test_a_long_row_with_a_pulse_that_reaches_over_the_others_is_no_frame() -> None:
    """The tall waves of the short rows make these seem to begin late and to end early."""
    inked = ink(4)
    short = [attrs.evolve(row, first_mm=FIRST_MM + 16, last_mm=FIRST_MM + LENGTH_MM - 10) for row in inked[:3]]
    marks = marks_of(STANDARD, inked)
    long = attrs.evolve(inked[3], pulse_mm=inked[3].y_mm, waves=0.8)
    assert leads(named(marks, [*short, long])) == (*STANDARD, ("?",))
    assert leads(named(marks, [*short, attrs.evolve(inked[3], waves=0.2)])) == STANDARD


def test_a_trace_with_words_at_both_ends_is_no_frame_and_the_name_below_it_is_that_of_the_next_row() -> None:
    """Words of the head stand before and behind the first of two traces; its name is illegible among others."""
    first, second = ink(2, pitch_mm=13.0)
    ends_mm = (first.first_mm, first.last_mm)
    among_words = attrs.evolve(first, first_mm=ends_mm[0] - 5, last_mm=ends_mm[1] + 11, joined=0.84, waves=0.7)
    name = NameMark("II", FIRST_MM + 1, second.y_mm - 6.4, 0.95)
    found = named([name], [attrs.evolve(among_words, joined_mm=ends_mm), second])
    assert leads(found) == (("?",), ("II",))
    line_mm = (among_words.first_mm, among_words.last_mm)
    assert leads(named([name], [attrs.evolve(among_words, joined_mm=line_mm), second])) == (("II",),)


def test_a_name_beyond_doubt_tells_a_long_row_whose_ink_the_waves_of_others_tear() -> None:
    """V5 wanders through the row above; words of the foot are broken, too, but hardly read as a name so clearly."""
    inked = ink(5)
    torn = attrs.evolve(inked[4], strength=0.06, coverage=0.5, joined=0.2, waves=0.9)
    rows = [*inked[:4], torn]
    marks = marks_of((*STANDARD, ("V1",)), inked)
    name = NameMark("V5", FIRST_MM + 1, torn.y_mm - 5, 0.99)
    assert leads(named([*marks, name], rows)) == (*STANDARD, ("V1",), ("V5",))
    assert leads(named([*marks, attrs.evolve(name, certainty=0.9)], rows)) == (*STANDARD, ("V1",))


def test_a_first_column_that_is_half_as_long_again_as_the_others_is_one() -> None:
    inked = ink(3)
    marks = [
        NameMark(lead, FIRST_MM + place_mm, row.y_mm - 6, 0.95)
        for row, own in zip(inked, STANDARD, strict=True)
        for lead, place_mm in zip(own, (1.0, 76.0, 124.0, 172.0), strict=True)
    ]
    assert leads(named(marks, inked)) == STANDARD


def test_a_single_unlikely_name_makes_no_column() -> None:
    """A word beside the name of a strip was read as V2, by a chance of one in three."""
    strip = [InkRow(40.0, 0.15, FIRST_MM, FIRST_MM + 90, 0.98, 0.5)]
    marks = [NameMark("II", FIRST_MM + 4, 34.0, 0.95), NameMark("V2", FIRST_MM + 50, 30.0, 0.35)]
    assert leads(named(marks, strip)) == (("II",),)


def test_a_row_with_a_pulse_is_a_trace_whatever_its_ink_looks_like() -> None:
    inked = ink(4)
    wandering = attrs.evolve(inked[3], strength=0.02, coverage=0.4, pulse_mm=inked[3].y_mm)
    marks = marks_of(STANDARD, inked)
    assert leads(named(marks, [*inked[:3], wandering])) == (*STANDARD, ("?",))


def test_a_strip_of_small_waves_alone_on_a_page_is_a_trace() -> None:
    """A watch prints one lead at 5 mm/mV, too; the straight line of a frame is left out however alone it is."""
    strip = attrs.evolve(ink(1)[0], waves=0.09)
    line = attrs.evolve(ink(2)[1], waves=0.01)
    assert traces_among([strip, line]) == [strip]
    assert traces_among([line]) == []


def test_thick_letters_do_not_make_lines_of_traces_of_small_waves_that_are_alike() -> None:
    """One line of head words has more ink than gaps, and more away from its level than both traces."""
    words = InkRow(21.5, 0.15, 26.0, 120.0, 0.79, 0.47, joined=0.0)
    strips = [InkRow(y_mm, 0.19, 15.0, 182.0, 1.0, waves, joined=1.0) for y_mm, waves in ((34.5, 0.093), (49.8, 0.099))]
    assert traces_among([words, *strips]) == strips
    frame = [attrs.evolve(row, waves=0.01) for row in strips]
    assert words in traces_among([words, *frame])
    torn = attrs.evolve(words, joined=0.4)
    assert torn in traces_among([torn, *strips])


def test_words_alone_do_not_make_a_strip_of_small_waves_a_line_and_torn_traces_do() -> None:
    strip = attrs.evolve(ink(3)[2], waves=0.07)
    words = [
        InkRow(y_mm, 0.06, FIRST_MM + 10, FIRST_MM + length_mm, 0.5, 0.7, joined=0.0)
        for y_mm, length_mm in ((22.0, 160.0), (29.0, 190.0), (221.0, 250.0))
    ]
    assert strip in traces_among([*words, strip])
    assert traces_among([*words[:2], strip]) == [strip]
    torn = [attrs.evolve(row, joined=0.0, coverage=0.7) for row in ink(2)]
    line = attrs.evolve(strip, first_mm=FIRST_MM - 8, last_mm=FIRST_MM + LENGTH_MM + 8)
    assert traces_among([*torn, line]) == torn


def test_words_do_not_make_a_trace_of_small_waves_the_line_of_a_frame() -> None:
    """Words that begin behind the traces and end before them are no traces that a frame reaches over."""
    upper, lower = (attrs.evolve(row, waves=waves) for row, waves in zip(ink(2), (0.12, 0.09), strict=True))
    words = [InkRow(y_mm, 0.07, FIRST_MM + 13, FIRST_MM + 90, 0.8, 0.5, joined=0.0) for y_mm in (25.0, 32.0, 110.0)]
    assert [row for row in traces_among([*words, upper, lower]) if row.hangs_together] == [upper, lower]


def test_lines_of_words_and_frames_are_no_traces() -> None:
    words = InkRow(20.0, 0.12, FIRST_MM + 6, FIRST_MM + 200, 0.6, 0.6, joined=0.0)
    frame = InkRow(30.0, 0.12, FIRST_MM - 8, FIRST_MM + LENGTH_MM + 8, 1.0, 0.2)
    assert traces_among([words, frame, *ink(3)]) == ink(3)


def test_words_in_large_letters_above_traces_that_hang_together_are_no_traces() -> None:
    """They have as few gaps as traces, and are as long: the head of a watch's page."""
    words = [InkRow(y_mm, 0.15, FIRST_MM + 6, FIRST_MM + LENGTH_MM, 0.85, 0.45, joined=0.0) for y_mm in (17.0, 24.0)]
    assert traces_among([*words, *ink(3)]) == ink(3)
    torn = attrs.evolve(words[0], first_mm=FIRST_MM + 1, last_mm=FIRST_MM + LENGTH_MM - 1)
    assert traces_among([torn, *ink(3)]) == [torn, *ink(3)], "it begins and ends where they do"
    broken = [attrs.evolve(row, joined=0.7) for row in ink(3)]
    assert traces_among([*words, *broken]) == [*words, *broken], "a trace may be torn where others are"


def test_words_about_a_strip_are_no_traces_though_they_are_more_than_its_rows() -> None:
    """The trace of a strip hangs together, while each line of words begins or ends anywhere else."""
    [strip] = ink(1)
    words = [
        InkRow(y_mm, 0.06, FIRST_MM + 10, FIRST_MM + length_mm, 0.45, 0.7, joined=0.0)
        for y_mm, length_mm in ((22.0, 160.0), (29.0, 200.0), (221.0, 245.0))
    ]
    assert traces_among([*words, strip]) == [strip]
    torn = attrs.evolve(words[0], last_mm=words[1].last_mm)
    assert traces_among([torn, *words[1:], strip]) == [torn, *words[1:], strip], "traces of a bad copy end alike"


def test_a_calm_row_that_reaches_over_short_lines_of_words_is_no_frame() -> None:
    """A row seems to begin at its pulse, and only the traces tell how long one is."""
    words = [InkRow(y_mm, 0.1, FIRST_MM + 2, FIRST_MM + 180, 0.5, 0.7, joined=0.0) for y_mm in (5.0, 12.0, 19.0, 26.0)]
    first, *others = ink(3)
    calm = attrs.evolve(first, waves=0.28, first_mm=FIRST_MM - 4)
    assert [row for row in traces_among([*words, calm, *others]) if row.hangs_together] == [calm, *others]


def test_a_broken_row_that_begins_and_ends_where_another_does_is_a_trace() -> None:
    rows = [ink(1)[0], attrs.evolve(ink(2)[1], joined=0.0, coverage=0.62, strength=0.05)]
    assert traces_among(rows) == rows


def test_where_no_ink_hangs_together_as_on_a_bad_copy_broken_rows_are_traces() -> None:
    broken = [attrs.evolve(row, joined=0.0, coverage=0.7) for row in ink(3)]
    assert traces_among(broken) == broken


def test_traces_that_were_taken_for_none_are_known() -> None:
    inked = ink(4)
    frame, words = attrs.evolve(inked[3], y_mm=160.0, waves=0.03), attrs.evolve(inked[3], y_mm=160.0, joined=0.0)
    assert traces_left_out([*inked, frame, words], inked[:3]) == [inked[3]]
    assert traces_left_out(inked, inked) == []
    wandering = attrs.evolve(inked[3], strength=0.05)  # at any one height
    assert traces_left_out([*inked[:3], wandering], inked[:3]) == [wandering]
    assert traces_left_out([*inked, attrs.evolve(inked[0], y_mm=inked[0].y_mm + 7)], inked) == []


def test_a_name_in_the_middle_of_the_rows_names_none() -> None:
    """Words below the trace of a strip, read upside down."""
    [row] = ink(1)
    assert leads(named([NameMark("aVL", FIRST_MM + 0.7 * LENGTH_MM, row.y_mm + 12, 0.6)], [row])) == (("?",),)


def test_names_at_the_top_of_tall_panels_belong_to_the_rows_below() -> None:
    """Each lead has 50 mm of paper of its own, its trace in the middle, its name above."""
    inked = ink(4, pitch_mm=61.0)
    rows: Rows = (*STANDARD, ("V1",))
    assert leads(named(marks_of(rows, inked, rise_mm=27.0), inked)) == rows


def test_a_word_of_the_foot_does_not_take_a_row_from_the_name_where_its_lead_begins() -> None:
    """The names of columns stand below their traces, those of rhythm rows above them; a version number reads V4."""
    page = (*STANDARD, ("V1",), ("II",), ("V5",))
    inked = ink(6, pitch_mm=25.0)
    marks = [*marks_of(page[:3], inked, rise_mm=-6.5), *marks_of(page[3:], inked[3:], rise_mm=6.5)]
    word = NameMark("V4", FIRST_MM + 0.77 * LENGTH_MM, inked[-1].y_mm + 12.0, 0.5)
    assert leads(named([*marks, word], inked)) == page


def test_names_that_are_hardly_likely_are_none_alone() -> None:
    """The seconds along the axis of a strip without names: "1s" is read as III, and letters say hardly that."""
    inked = ink(2)
    first, second = (NameMark("III", FIRST_MM + 40.0 + away_mm, inked[0].y_mm + 12.5, 0.45) for away_mm in (0.0, 50.0))
    assert leads(named([first, second], inked)) == (("?",), ("?",))
    wave = NameMark("II", FIRST_MM + 140.0, inked[0].y_mm, 0.76)
    assert leads(named([first, second, wave], inked)) == (("?",), ("?",)), "a wave elsewhere bears nothing out"
    beside = marks_of((("I",), ("II",)), inked)
    weak = [attrs.evolve(beside[0], certainty=0.45), beside[1]]
    assert leads(named(weak, inked)) == (("I",), ("II",)), "beside a clear one a faint name counts"


def test_the_last_of_two_columns_may_be_half_as_long_again() -> None:
    """Limb leads of 4 s and chest leads of 6 s."""
    inked = ink(6, pitch_mm=22.0)
    marks = [
        NameMark(lead, FIRST_MM + 5.0 + 100.0 * column, inked[row].y_mm, 0.9)
        for column, leads in enumerate((LIMB_LEADS, CHEST_LEADS))
        for row, lead in enumerate(leads)
    ]
    marks[8] = attrs.evolve(marks[8], name="V8", certainty=0.76)
    rows = [attrs.evolve(row, last_mm=FIRST_MM + 260.0) for row in inked]
    assert leads(named(marks, rows)) == tuple(zip(LIMB_LEADS, CHEST_LEADS, strict=True))


@pytest.mark.parametrize("are_parted", [True, False])
def test_lines_that_part_the_rows_tell_columns_of_which_no_name_was_read(*, are_parted: bool) -> None:
    """Small names, of which every other one is hidden by the line that it stands at."""
    inked = ink(3)
    read = (("I", "?", "V1", "?"), ("II", "?", "V2", "?"), ("III", "?", "?", "?"))
    marks = [attrs.evolve(mark, certainty=0.75 if "V" not in mark.name else 0.99) for mark in marks_of(read, inked)]
    rows = traces_among(inked)
    lines_mm = [FIRST_MM + column * LENGTH_MM / 4 for column in (1, 2, 3)] if are_parted else []
    ways = ways_to_name_rows(grids_of_names(marks, rows), rows, LAYOUTS, lines_mm)
    found = max(ways, key=lambda way: way.naming.score).naming
    assert found.num_columns == (4 if are_parted else 2)
    if are_parted:
        assert leads(found) == STANDARD


def test_a_lead_that_was_not_read_is_none_that_was_read_elsewhere_in_the_block() -> None:
    """V3R was not read above V4R and V9: no order has the three, and the likeliest one begins with V4R."""
    rows = ink(3)
    fifteen = tuple((*row, extra) for row, extra in zip(STANDARD, ("?", "V4R", "V9"), strict=True))
    assert [row.leads[-1] for row in named(marks_of(fifteen, rows), rows).rows] == ["V3R", "V4R", "V9"]
