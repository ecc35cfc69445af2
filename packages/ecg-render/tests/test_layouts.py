from __future__ import annotations

from collections.abc import Callable

import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_core.record import Record
from ecg_render import render_page

NAMES = [entry.name for entry in registry().entries("layouts") if entry.distribution == "ecg-core"]


def load(name: str) -> Layout:
    layout: Layout = registry().load("layouts", name)
    return layout


@pytest.mark.parametrize("name", NAMES)
def test_page_shows_all_twelve_leads_on_the_sheet(name: str, flat_record: Callable[..., Record]) -> None:
    page = render_page(flat_record(0.1), layout=load(name), dots_per_inch=80)
    assert {piece.lead.removeprefix("-") for piece in page.pieces} == set(STANDARD_LEADS)
    assert all(10 < y < page.height_px - 10 for y in page.baselines_px)


def test_competition_page_stands_where_it_does_in_print(flat_record: Callable[..., Record]) -> None:
    page = render_page(flat_record(0.1), layout=load("3x4+1R-competition"), dots_per_inch=200)
    assert (page.width_px, page.height_px) == (2200, 1700)
    assert page.baselines_px == pytest.approx([703.5, 987.5, 1271.5, 1531.5], abs=1e-6)
    assert (page.signal_start_px, page.signal_end_px) == pytest.approx((118, 2080), abs=1e-6)
    assert page.px_per_s == pytest.approx(196.85, abs=1e-3)
    rhythm = page.pieces[-1]
    assert rhythm.x_px[0] == pytest.approx(118)
    assert 2080 - page.px_per_s / 500 <= rhythm.x_px[-1] < 2080
    columns = [piece.x_px[0] for piece in page.pieces if piece.row == 0]
    assert columns == pytest.approx([118 + 2.5 * 196.85 * column for column in range(4)], abs=0.01)


def test_kit_page_stands_where_the_kit_draws_it(flat_record: Callable[..., Record]) -> None:
    """Figures measured on a page that ecg-image-kit itself drew at 200 dpi; it moves grid lines to whole pixels."""
    page = render_page(flat_record(), layout=load("3x4+1R-kit"), dots_per_inch=200)
    assert (page.width_px, page.height_px) == (2200, 1700)
    assert page.grid_points_px[:4, 1, 1] == pytest.approx([7, 46, 86, 125], abs=1)
    assert page.grid_points_px[1, 1:5, 0] == pytest.approx([39, 79, 118, 157], abs=1)
    assert page.signal_end_px == pytest.approx(2086, abs=1)
    # Zero lines as its code places them: a sixth of 21.59 mV apart, the rhythm row 0.3 mV above half of one.
    expected = [1700 - rise_mv * 78.74 for rise_mv in (12.594, 8.996, 5.3975, 2.099)]
    assert page.baselines_px == pytest.approx(expected, abs=0.6)
