"""Layouts written as the rows of a page."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.errors import ConfigError, PluginNotFound
from ecg_core.layout_text import KNOWN_LEADS, MAX_ROWS, are_rows, find_layout, layout_of_text, text_of_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.plugins.registry import registry

LEADS = st.sampled_from(KNOWN_LEADS)
ROWS = st.lists(st.lists(LEADS, min_size=1, max_size=6).map(tuple), min_size=1, max_size=15)
SPELLINGS = {"I": ["i", "DI", "L1", "lead I"], "aVR": ["AVR", "avr", "MDC_ECG_LEAD_aVR"], "V1": ["v1", "C1", "ECG V1"]}


@given(rows=ROWS, data=st.data())
def test_rows_come_through_whatever_their_spelling(rows: list[tuple[str, ...]], data: st.DataObject) -> None:
    gap = st.sampled_from([" ", ",", ", ", "  ", " ,"])
    written = "/".join(
        "".join(
            data.draw(gap) + data.draw(st.sampled_from([lead, *SPELLINGS.get(lead, [])])) + data.draw(gap)
            for lead in row
        )
        for row in rows
    )
    layout = layout_of_text(written)
    assert [*layout.rows, *((lead,) for lead in layout.rhythm_leads)] == rows
    assert layout.name == text_of_layout(layout) == " / ".join(" ".join(row) for row in rows)
    assert layout_of_text(layout.name) == layout
    assert are_rows(written)


@given(rows=ROWS)
def test_every_row_has_its_place_on_the_sheet(rows: list[tuple[str, ...]]) -> None:
    layout = layout_of_text(" / ".join(" ".join(row) for row in rows))
    assert 25 <= layout.baselines_mm[0] <= layout.baselines_mm[-1] <= 195 < layout.page_height_mm
    assert len({below - above for above, below in pairwise(layout.baselines_mm)}) <= 1
    assert {(segment.row, segment.lead) for segment in layout.segments} == {
        (number, lead) for number, row in enumerate(rows) for lead in row
    }
    longest = max(map(len, rows))
    assert {segment.row for segment in layout.segments if segment.is_rhythm} == {
        number for number, row in enumerate(rows) if len(row) == 1 < longest
    }


@pytest.mark.parametrize("name", ["3x4+1R", "6x2", "6x2+1R", "12x1", "3x4", "3x4+1R-cabrera"])
def test_the_rows_of_a_well_known_layout_stand_where_that_has_them(name: str) -> None:
    known = registry().load("layouts", name)
    written = layout_of_text(text_of_layout(known))
    assert written.segments == known.segments
    assert written.baselines_mm == known.baselines_mm
    assert (written.rows, written.rhythm_leads) == (known.rows, known.rhythm_leads)


def test_the_example_of_the_help() -> None:
    layout = layout_of_text("I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / V1")
    assert layout.rows == LAYOUT_3X4_1R.rows
    assert layout.rhythm_leads == ("V1",)
    rhythm = layout.segments[-1]
    assert (rhythm.lead, rhythm.row, rhythm.start_s, rhythm.duration_s, rhythm.is_rhythm) == ("V1", 3, 0, 10, True)


def test_a_rhythm_row_may_stand_above_the_others() -> None:
    layout = layout_of_text("II / I aVR / III aVF")
    assert [(each.lead, each.row, each.is_rhythm) for each in layout.segments] == [
        ("II", 0, True),
        ("I", 1, False),
        ("aVR", 1, False),
        ("III", 2, False),
        ("aVF", 2, False),
    ]


def test_rows_of_one_lead_alone_are_one_strip() -> None:
    strip = layout_of_text("I / I / I")
    assert strip.timing == "continued"
    assert strip.record_s == 30
    assert layout_of_text("I").record_s == 10
    assert layout_of_text("I / II").record_s == 10
    assert layout_of_text("? / ?").timing == "successive"  # leads without a name need not be one and the same


def test_a_minus_as_word_processors_write_it() -> None:
    assert layout_of_text("\N{MINUS SIGN}aVR \N{EN DASH}AVR").rows == (("-aVR", "-aVR"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I aVX / II", r'row 1: "aVX" is no lead; did you mean aV[RLF]\?'),
        ("I / V7R", r'row 2: "V7R" is no lead; did you mean V7\?'),
        ("I / xyz", r'row 2: "xyz" is no lead; Leads are I, II, .*V9, and "\?"'),
        ("I / / II", "row 2 names no lead"),
        ("I / II /", "row 3 names no lead"),
        ("", "row 1 names no lead"),
        (" / ".join(["I"] * (MAX_ROWS + 1)), "35 rows do not fit on a page; at most 34"),
        (" ".join(["I"] * 21), "row 1 has 21 leads; at most 20"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        layout_of_text(text)


@given(text=st.text(max_size=40))
def test_any_other_text_is_a_layout_or_an_error_in_words(text: str) -> None:
    try:
        layout = layout_of_text(text)
    except ConfigError:
        return
    assert layout_of_text(layout.name) == layout


class TestFinding:
    def test_by_name_or_by_rows(self) -> None:
        assert find_layout("3x4+1R") is LAYOUT_3X4_1R
        assert find_layout("ecg-core:3x4+1R") is LAYOUT_3X4_1R
        assert find_layout("ii").rows == (("II",),)
        assert find_layout("I,II").rows == (("I", "II"),)

    @pytest.mark.parametrize("names", ["3x4", "3x4,6x2", "3x4, 6x2", "all", "acme-3x1", "auto"])
    def test_names_are_no_rows(self, names: str) -> None:
        assert not are_rows(names)

    def test_an_unknown_name_is_told_with_the_other_way(self) -> None:
        with pytest.raises(PluginNotFound, match=r"layout 'magic'.*Or write the rows of the page as text: \"I aVR V1"):
            find_layout("magic")

    def test_a_word_that_is_no_lead_is_no_plugin_either(self) -> None:
        with pytest.raises(ConfigError, match='"V7R" is no lead'):
            find_layout("I V7R")
