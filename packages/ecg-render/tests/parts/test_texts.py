from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest

from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec
from ecg_core.record import Record
from ecg_render import Note, Page, PageStyle, PulseStyle, ScaleText, render_page
from ecg_render.drawing.letters import letters
from ecg_render.style import NO_GRID

MakeRecord = Callable[..., Record]
DPI = 254.0


def page_of(record: Record, *notes: Note, paper: PaperSpec | None = None, font: str = "dejavu-sans") -> Page:
    style = PageStyle(grid=NO_GRID, footer="", pulse=PulseStyle(rows="none"), notes=notes, font=font)
    layout = attrs.evolve(LAYOUT_3X4_1R, duration_s=4.0)
    return render_page(record, style=style, layout=layout, paper=paper or PaperSpec(), dots_per_inch=DPI)


def stated(texts: tuple[ScaleText, ...]) -> list[tuple[str, str, float, str]]:
    return [(text.text, text.kind, text.value, text.leads) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{speed}mm/s", [("50mm/s", "speed", 50, "all")]),
        ("Speed: {speed} mm/sec", [("50 mm/sec", "speed", 50, "all")]),
        ("{gain:.1f} mm/mV", [("5.0 mm/mV", "gain", 5, "all")]),
        (
            "{speed:.1f} mm/s | {gain} mm/mV, 40 Hz",
            [("50.0 mm/s", "speed", 50, "all"), ("5 mm/mV", "gain", 5, "all")],
        ),
        ("0.05-40 Hz  V1.2  25 mm", []),
    ],
)
def test_printed_scale_is_told_with_its_true_value(
    flat_record: MakeRecord, text: str, expected: list[tuple[str, str, float, str]]
) -> None:
    paper = PaperSpec(speed_mm_per_s=50, gain_mm_per_mv=5)
    page = page_of(flat_record(), Note(text=text, left_mm=20, foot_mm=20), paper=paper)
    assert stated(page.scale_texts) == expected


@pytest.mark.parametrize("font", ["dejavu-sans", "plotter", "bitmap", "sans", "dejavu-serif"])
def test_box_of_the_scale_holds_that_part_of_the_words(flat_record: MakeRecord, font: str) -> None:
    """Number and unit drawn by themselves at that place are the same ink."""
    page = page_of(
        flat_record(), Note(text="Lead V1.2   {speed} mm/s    II", left_mm=20, foot_mm=20, size_mm=5), font=font
    )
    (scale_text,) = page.scale_texts
    left, top, right, bottom = (round(edge + 0.5) for edge in scale_text.box_px)
    alone = letters("25 mm/s", 50, font).coverage
    ink = 1 - (page.image[top:bottom, left:right, 1].astype(float) - 24) / (255 - 24)
    assert ink.shape == alone.shape
    shifts = [np.abs(np.roll(alone, by, axis=1) - ink).mean() for by in range(-4, 5)]

    assert min(shifts) < (0.2 if font == "bitmap" else 0.08)  # edges of dots fall on other pixels


def test_both_gains_are_printed_where_they_differ(flat_record: MakeRecord) -> None:
    paper = PaperSpec(gain_mm_per_mv=10, chest_gain_mm_per_mv=5)
    page = page_of(flat_record(), Note(text="{speed} mm/s {gain} mm/mV", left_mm=20, foot_mm=20), paper=paper)
    assert page.texts[0].text == "25 mm/s Limb: 10 mm/mV  Chest: 5 mm/mV"
    assert stated(page.scale_texts) == [
        ("25 mm/s", "speed", 25, "all"),
        ("10 mm/mV", "gain", 10, "limb"),
        ("5 mm/mV", "gain", 5, "chest"),
    ]
    named = Note(text="Chest: {chest_gain} mm/mV", left_mm=20, foot_mm=20)
    assert page_of(flat_record(), named, paper=paper).texts[0].text == "Chest: 5 mm/mV"
    assert page_of(flat_record(), named).texts[0].text == "Chest: 10 mm/mV"


def test_a_page_that_states_both_gains_in_places_of_their_own_states_each_once(flat_record: MakeRecord) -> None:
    paper = PaperSpec(gain_mm_per_mv=10, chest_gain_mm_per_mv=5)
    limb = Note(text="Limb: {gain} mm/mV", left_mm=20, foot_mm=20)
    chest = Note(text="Chest: {chest_gain} mm/mV", left_mm=80, foot_mm=20)
    page = page_of(flat_record(), limb, chest, paper=paper)
    assert [text.text for text in page.texts] == ["Limb: 10 mm/mV", "Chest: 5 mm/mV"]
    assert [text[3] for text in stated(page.scale_texts)] == ["limb", "chest"]


def test_words_stand_by_a_row_or_end_at_the_right_edge(flat_record: MakeRecord) -> None:
    page = page_of(
        flat_record(),
        Note(text="AAA", left_mm=-10, foot_mm=12, reference="last row"),
        Note(text="BBB", left_mm=10, foot_mm=-20, reference="first row"),
        Note(text="CCC", left_mm=10, foot_mm=80, reference="last row"),
    )
    below, above, far = (text.box_px for text in page.texts)
    assert below[2] == pytest.approx(2794 - 100, abs=3)
    assert below[3] - page.baselines_px[-1] == pytest.approx(120, abs=2)
    assert page.baselines_px[0] - above[3] == pytest.approx(200, abs=2)
    assert far[3] < page.height_px  # words by a row stay on the sheet


def test_words_may_keep_apart_and_speed_and_gain_stay(flat_record: MakeRecord) -> None:
    notes = (
        Note(text="Interpretation", left_mm=20, foot_mm=20),
        Note(text="{speed} mm/s", left_mm=25, foot_mm=21),
        Note(text="elsewhere", left_mm=120, foot_mm=20),
    )
    style = PageStyle(footer="", notes=notes)
    over, apart = (
        render_page(flat_record(), style=attrs.evolve(style, words_apart=words_apart), dots_per_inch=DPI).texts
        for words_apart in (False, True)
    )
    assert [text.text for text in over] == ["Interpretation", "25 mm/s", "elsewhere"]
    assert [text.text for text in apart] == ["25 mm/s", "elsewhere"]


def test_words_that_keep_apart_stand_neither_along_a_row_nor_over_a_name(flat_record: MakeRecord) -> None:
    """Speed and gain do, where a maker prints them there."""
    plain = render_page(flat_record(), style=PageStyle(footer=""), dots_per_inch=DPI)
    name, row_mm = plain.lead_names[0], plain.baselines_px[1] / plain.px_per_mm
    name_mm = np.array(name.box_px) / plain.px_per_mm
    notes = (
        Note(text="over a name", left_mm=name_mm[0] - 2, foot_mm=name_mm[3]),
        Note(text="along a row", left_mm=120, foot_mm=row_mm + 1),
        Note(text="{gain} mm/mV", left_mm=180, foot_mm=row_mm + 1),
        Note(text="just above it", left_mm=220, foot_mm=row_mm - 3),
    )
    style = PageStyle(footer="", notes=notes, words_apart=True)
    page = render_page(flat_record(), style=style, dots_per_inch=DPI)
    assert [text.text for text in page.texts] == ["10 mm/mV", "just above it"]


def test_words_that_would_run_over_the_right_edge_stand_farther_left(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), Note(text="{speed} mm/s {gain} mm/mV", left_mm=265, foot_mm=40, size_mm=5))
    assert [text.kind for text in page.scale_texts] == ["speed", "gain"]
    assert page.texts[0].box_px[2] < page.width_px


def test_what_the_edge_of_the_sheet_cuts_of_words_that_are_longer_is_not_told(flat_record: MakeRecord) -> None:
    words = "{speed} mm/s " + "Unconfirmed " * 20 + "{gain} mm/mV"
    page = page_of(flat_record(), Note(text=words, left_mm=10, foot_mm=40, size_mm=5))
    assert [text.text for text in page.scale_texts] == ["25 mm/s"]


def test_scale_texts_move_with_the_page(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), Note(text="{speed} mm/s", left_mm=20, foot_mm=20))
    shift = np.array([3, 5])
    moved = page.moved(lambda points: points + shift)
    np.testing.assert_allclose(moved.scale_texts[0].corners_px, page.scale_texts[0].corners_px + shift)


def test_words_have_a_colour_of_their_own(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), Note(text="MMM", left_mm=20, foot_mm=20, rgb=(200, 0, 0)))
    left, top, right, bottom = (round(edge + 0.5) for edge in page.texts[0].box_px)
    inked = page.image[top:bottom, left:right].reshape(-1, 3)
    assert inked[inked[:, 1].argmin()].tolist() == [200, 0, 0]


def test_the_corners_of_a_number_end_where_its_unit_begins(flat_record: MakeRecord) -> None:
    note = Note(text="Speed {speed}mm/s", left_mm=20, foot_mm=20, size_mm=5)
    (text,) = page_of(flat_record(), note).scale_texts
    left, top, _, bottom = text.box_px
    number_px = letters("25", 50, "dejavu-sans").coverage.shape[1]
    corners = text.number_corners_px
    np.testing.assert_allclose(corners[[0, 3]], [(left, top), (left, bottom)])
    np.testing.assert_allclose(corners[[1, 2], 0], left + number_px, atol=1.0)
