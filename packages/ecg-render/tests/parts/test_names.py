from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ecg_core.errors import ConfigError
from ecg_core.layouts import LAYOUT_12X1
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.record import Record
from ecg_render import NameStyle, Page, PageStyle, PulseStyle, render_page
from ecg_render.style import NO_GRID

MakeRecord = Callable[..., Record]
DPI = 254.0


def page_of(record: Record, *, text_rgb: tuple[int, int, int] = (0, 0, 0), **names: object) -> Page:
    """A page with nothing but traces and names: its pixels tell where the names are."""
    style = PageStyle(
        grid=NO_GRID, footer="", pulse=PulseStyle(rows="none"), text_rgb=text_rgb, names=NameStyle(**names)
    )
    return render_page(record, style=style, dots_per_inch=DPI)


def places_mm(page: Page) -> list[tuple[str, float, float]]:
    """Lead, start right of the lead's own start, and foot above the baseline, of each name."""
    starts_s = {(segment.lead, segment.row): segment.at_s for segment in LAYOUT_3X4_1R.segments}
    found = []
    for name in page.lead_names:
        left, _top, _right, bottom = name.box_px
        start_px = page.signal_start_px + starts_s[name.lead, name.row] * page.px_per_s
        found.append(
            (name.lead, (left - start_px) / page.px_per_mm, (page.baselines_px[name.row] - bottom) / page.px_per_mm)
        )
    return found


@pytest.mark.parametrize(("rise_mm", "indent_mm"), [(14.0, 22.0), (0.0, -4.0), (-8.0, 0.0)])
def test_names_stand_where_the_style_says(flat_record: MakeRecord, rise_mm: float, indent_mm: float) -> None:
    for _lead, start_mm, foot_mm in places_mm(page_of(flat_record(), rise_mm=rise_mm, indent_mm=indent_mm, size_mm=3)):
        assert start_mm == pytest.approx(indent_mm, abs=0.4)  # letters begin a little behind where they are set
        assert foot_mm == pytest.approx(rise_mm, abs=0.1)


def test_names_may_be_missing_alike_whenever_drawn(flat_record: MakeRecord) -> None:
    assert page_of(flat_record(), missing=1).lead_names == ()
    some, again = (page_of(flat_record(), missing=0.5) for _ in range(2))
    assert 0 < len(some.lead_names) < 13
    assert [name.lead for name in some.lead_names] == [name.lead for name in again.lead_names]


def test_long_row_is_named_in_every_column_or_not_at_all(flat_record: MakeRecord) -> None:
    repeated = page_of(flat_record(), long_rows="every column")
    at_px = [name.box_px[0] for name in repeated.lead_names if name.row == 3]
    assert np.diff(at_px) == pytest.approx([2.5 * repeated.px_per_s] * 3, abs=1)
    assert {name.lead for name in repeated.lead_names if name.row == 3} == {"II"}
    assert {name.row for name in page_of(flat_record(), long_rows="none").lead_names} == {0, 1, 2}


def test_long_row_may_be_named_on_the_other_side(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), rise_mm=-7, long_row_rise_mm=5)
    feet_mm = [foot for _lead, _start, foot in places_mm(page)]
    assert feet_mm[-1] == pytest.approx(5, abs=0.1)
    assert feet_mm[0] == pytest.approx(-7, abs=0.1)


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        ({"letter_case": "upper"}, ["I", "AVR", "V1", "V4"]),
        ({"letter_case": "lower"}, ["I", "avr", "v1", "v4"]),
        ({"spaced": True}, ["I", "a V R", "V 1", "V 4"]),
    ],
)
def test_spelling_is_that_of_the_print_and_the_lead_its_standard_name(
    flat_record: MakeRecord, style: dict[str, object], printed: list[str]
) -> None:
    names = page_of(flat_record(), **style).lead_names[:4]
    assert [name.text for name in names] == printed
    assert [name.lead for name in names] == ["I", "aVR", "V1", "V4"]


@pytest.mark.parametrize("font", ["dejavu-sans", "sans", "plotter", "bitmap"])
@pytest.mark.parametrize("template", ["|{lead}", "Lead {lead}", "{lead}:"])
def test_marks_stand_beside_the_name_and_outside_its_box(flat_record: MakeRecord, template: str, font: str) -> None:
    """What is printed is the whole text; the box of the name holds the name alone."""
    bare, page = (
        page_of(flat_record(), template=each, font=font, size_mm=6, rise_mm=8) for each in ("{lead}", template)
    )
    mark = template.replace("{lead}", "").strip()
    assert {text.text.strip() for text in page.texts} == {mark}
    for index in (0, 1, 2):
        name, alone, its_mark = page.lead_names[index], bare.lead_names[index], page.texts[index]
        assert name.corners_px[2] - name.corners_px[0] == pytest.approx(alone.corners_px[2] - alone.corners_px[0])
        is_before = template.index("{lead}") > 0
        gap_px = name.box_px[0] - its_mark.box_px[2] if is_before else its_mark.box_px[0] - name.box_px[2]
        assert -1 <= gap_px <= 4 * page.px_per_mm
    drawn, without = (255 - each.image[..., 1].astype(int) for each in (page, bare))
    assert drawn.sum() > without.sum()


def test_names_have_a_colour_and_a_font_of_their_own(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), rgb=(20, 20, 230), rise_mm=10, font="dejavu-serif")
    left, top, right, bottom = (round(edge + 0.5) for edge in page.lead_names[1].box_px)
    inked = page.image[top:bottom, left:right].reshape(-1, 3)
    assert inked[inked.sum(axis=1).argmin()].tolist() == [20, 20, 230]
    assert page.lead_names[1].font == "dejavu-serif"


def test_template_without_the_name_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"template: 'Lead' must hold \{lead\} once"):
        NameStyle(template="Lead")


@pytest.mark.parametrize("rise_mm", [14.0, -14.0])
def test_names_stand_nearer_to_their_own_row_than_to_the_next(flat_record: MakeRecord, rise_mm: float) -> None:
    """Twelve rows 15 mm apart, in the style of a maker whose four rows are 35 mm apart."""
    style = PageStyle(grid=NO_GRID, names=NameStyle(rise_mm=rise_mm, size_mm=3))
    page = render_page(flat_record(), layout=LAYOUT_12X1, style=style, dots_per_inch=DPI)
    rows_px = np.array(page.baselines_px)
    inner = [name for name in page.lead_names if 0 < name.row < 11]
    assert len(inner) == 10
    for name in inner:
        assert int(np.abs(rows_px - name.box_px[3]).argmin()) == name.row
