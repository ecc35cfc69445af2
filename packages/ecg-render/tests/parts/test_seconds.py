from __future__ import annotations

from collections.abc import Callable

import pytest

from ecg_core.layout_text import find_layout
from ecg_core.record import Record
from ecg_render import NameStyle, PageStyle, SecondMarks, render_page

MakeRecord = Callable[..., Record]


def test_seconds_of_the_record_are_numbered_along_a_strip(flat_record: MakeRecord) -> None:
    """Of one lead over two rows of 10 s the second row begins at 10 s."""
    style = PageStyle(footer="", seconds=SecondMarks(rise_mm=-10, size_mm=3), font="dejavu-sans")
    page = render_page(flat_record(duration_s=20), style=style, layout=find_layout("I / I"), dots_per_inch=254)
    assert [text.text for text in page.texts] == [f"{second}s" for second in (*range(11), *range(10, 21))]
    for text in page.texts[:3]:
        left, _top, _right, bottom = text.box_px
        expected_px = page.signal_start_px + int(text.text[:-1]) * page.px_per_s
        assert left == pytest.approx(expected_px, abs=6)
        assert bottom - page.baselines_px[0] == pytest.approx(100, abs=2)
    assert page.texts[11].box_px[0] == pytest.approx(page.signal_start_px, abs=6)
    assert page.scale_texts == ()


def test_no_seconds_unless_asked_for(flat_record: MakeRecord) -> None:
    assert render_page(flat_record(), style=PageStyle(footer=""), dots_per_inch=60).texts == ()


def test_the_number_of_a_second_is_not_printed_over_the_name_of_a_lead(flat_record: MakeRecord) -> None:
    names = NameStyle(rise_mm=5, indent_mm=1)
    style = PageStyle(footer="", seconds=SecondMarks(rise_mm=5, size_mm=3), names=names)
    page = render_page(flat_record(duration_s=20), style=style, layout=find_layout("I / I"), dots_per_inch=254)
    assert [text.text for text in page.texts] == [f"{second}s" for second in (*range(1, 11), *range(11, 21))]
