from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core import competition_snr, synthesize_record
from ecg_core.errors import DataError
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_digitize import digitize
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.digitizers.neural.negative import as_paper, is_dark, may_show_a_screen
from ecg_digitize.digitizers.neural.stages import run_stages
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_render import render_page
from ecg_render.styles import style_by_name

RECORD = synthesize_record(seed=1)


def test_a_dark_screen_becomes_its_negative_and_paper_stays() -> None:
    rng = np.random.default_rng(3)
    screen, paper = (
        render_page(RECORD, dots_per_inch=80, style=style_by_name(name, rng)).image for name in ("viewer-dark", "edan")
    )
    assert is_dark(screen)
    first, second = as_paper(screen)
    np.testing.assert_array_equal(first.max(axis=-1), 255 - screen.max(axis=-1))
    assert second is screen
    assert as_paper(paper) == [paper]


def test_what_shines_in_one_colour_is_dark_ink() -> None:
    """A green trace lacks red and blue, which would make its ink a pale magenta."""
    screen = np.full((40, 40, 3), 10, np.uint8)
    screen[20] = 16, 200, 40
    negative = as_paper(screen)[0]
    np.testing.assert_array_equal(negative[20], np.full((40, 3), 55))
    np.testing.assert_array_equal(negative[:20], np.full((20, 40, 3), 245))


def test_paper_on_a_dark_desk_is_looked_at_as_it_is_first() -> None:
    page = render_page(RECORD, dots_per_inch=80).image
    desk = np.full((2 * len(page), 2 * page.shape[1], 3), 50, np.uint8)
    desk[: len(page), : page.shape[1]] = page
    assert is_dark(desk)
    assert as_paper(desk)[0] is desk
    assert digitize(desk).quality.to_plain()["layout"] == "3x4+1R"


def test_paper_in_poor_light_is_no_screen() -> None:
    page = render_page(RECORD, dots_per_inch=80).image
    assert not is_dark((page * 0.4).astype(np.uint8))


def test_a_screen_on_a_bright_desk_is_looked_at_in_the_negative_as_well() -> None:
    """It fills less than half of the photo, so that the picture is no dark one."""
    screen = render_page(RECORD, dots_per_inch=100, style=style_by_name("viewer-dark", np.random.default_rng(3))).image
    desk = np.full((2 * len(screen), screen.shape[1], 3), 215, np.uint8)
    desk[len(screen) // 2 :][: len(screen)] = screen
    assert not is_dark(desk)
    found = digitize(desk)
    assert found.quality.to_plain()["layout"] == "3x4+1R"
    shown = restrict_to_layout(RECORD, LAYOUT_3X4_1R)
    alone, on_desk = (competition_snr(shown, each.record).db for each in (digitize(screen), found))
    assert on_desk > max(alone - 3, 16)


def test_a_page_with_much_print_shows_no_screen() -> None:
    page = render_page(RECORD, dots_per_inch=80, style=style_by_name("textbook", np.random.default_rng(3))).image
    assert not may_show_a_screen(page)


def test_black_is_no_page() -> None:
    with pytest.raises(DataError, match="no grid"):
        run_stages(np.zeros((400, 600, 3), np.uint8), {}, PrintSettings(), {"grid": nothing_seen})


def nothing_seen(batch: np.ndarray) -> tuple[np.ndarray, ...]:
    return (np.full((1, len(OUTPUTS), *batch.shape[2:]), -20, np.float32),)


def test_a_screen_without_a_grid_on_a_bright_desk_is_read_in_the_negative() -> None:
    style = style_by_name("viewer-dark", np.random.default_rng(3))
    style = attrs.evolve(style, grid=attrs.evolve(style.grid, minor_line_mm=0, major_line_mm=0, heavy_line_mm=0))
    screen = render_page(RECORD, dots_per_inch=100, style=style).image
    desk = np.full((round(1.5 * len(screen)), screen.shape[1], 3), 215, np.uint8)
    desk[len(screen) // 4 :][: len(screen)] = screen
    assert as_paper(desk)[0] is desk
    assert digitize(desk).quality.to_plain()["layout"] == "3x4+1R"
