from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.errors import ConfigError, PluginError
from ecg_core.plugins.registry import registry
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render import PageStyle, render_page
from ecg_render.drawing.letters import FONTS, letters
from ecg_render.labels import LINES
from ecg_render.style import GridStyle, Note, PrinterFaults
from ecg_render.styles import style_by_name
from ecg_render.styles.named import GRID_RGB, with_grid
from ecg_render.styles.random import random_style

MakeRecord = Callable[..., Record]
NAMES = [entry.name for entry in registry().entries("styles")]
FINE_DPI = 254.0


def texts_of(style: PageStyle, record: Record) -> list[str]:
    return [text.text for text in render_page(record, style=style, dots_per_inch=80).texts]


@pytest.mark.parametrize("name", NAMES)
def test_named_styles_draw_pages(name: str, flat_record: MakeRecord) -> None:
    style = style_by_name(name, np.random.default_rng(0))
    page = render_page(flat_record(), style=style, dots_per_inch=80)
    assert page.trace_mask.any()
    assert page.grid_mask.any() == (name != "plain")


def test_unknown_style_says_where_to_look() -> None:
    with pytest.raises(PluginError, match=r"'velvet'.*ecg list styles"):
        style_by_name("velvet", np.random.default_rng(0))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_random_styles_can_always_be_printed(seed: int) -> None:
    style = random_style(np.random.default_rng(seed))
    page = render_page(synthesize_record(seed=0), style=style, dots_per_inch=60, seed=seed)
    assert page.trace_mask.any()
    ink = page.image[page.trace_mask > 0].mean()
    assert page.image.mean() - ink > 40  # a trace that can be told from the paper
    assert style == random_style(np.random.default_rng(seed))


def test_random_styles_differ_and_cover_every_font() -> None:
    styles = [random_style(np.random.default_rng(seed)) for seed in range(120)]
    assert {style.font for style in styles} == set(FONTS) - {"bitmap", "bitmap-bold"}  # which makers' pages have
    assert len({style.grid.major_rgb for style in styles}) > 50


@pytest.mark.parametrize("colour", [*GRID_RGB, "none"])
def test_grid_colours(colour: str, flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), style=with_grid(PageStyle(), colour), dots_per_inch=FINE_DPI)
    assert page.grid_mask.any() == (colour != "none")
    if colour not in ("none", "gray"):
        line = page.image[page.labels & LINES > 0].astype(int)
        strongest = {"red": 0, "pink": 0, "orange": 0, "green": 1, "blue": 2}[colour]
        assert line.mean(axis=0).argmax() == strongest


def test_dotted_lines_are_dots_and_their_mask_is_the_line(flat_record: MakeRecord) -> None:
    style = PageStyle(
        footer="", grid=GridStyle(minor_line_mm=0, major_line_mm=0.3, major_rgb=(0, 0, 0), major_pattern="dotted")
    )
    page = render_page(flat_record(), style=style, dots_per_inch=FINE_DPI)
    line = 255 - page.image[49, 52:98, 1].astype(int)  # along the first horizontal line, between two vertical ones
    assert line.mean() / 255 == pytest.approx(0.5, abs=0.1)  # 0.25 mm of every 0.5
    assert np.abs(np.diff((line > 128).astype(int))).sum() == pytest.approx(2 * 4.6 / 0.5, abs=2)
    assert (page.class_mask[49, 52:98] == 1).all()
    column = 255 - page.image[52:98, 49, 1].astype(int)
    assert column.mean() / 255 == pytest.approx(0.5, abs=0.1)


def test_rows_on_top_cut_columns_into_dashes(flat_record: MakeRecord) -> None:
    """Faint small-box rows printed last interrupt a strong large-box column every millimetre, and no row."""
    style = PageStyle(
        footer="", grid=GridStyle(minor_rgb=(255, 255, 255), minor_line_mm=0.3, major_rgb=(0, 0, 0), major_line_mm=0.3)
    )
    page = render_page(
        flat_record(),
        style=attrs.evolve(style, grid=attrs.evolve(style.grid, rows_on_top=True)),
        dots_per_inch=FINE_DPI,
    )
    column = page.image[52:98, 49, 1] > 128
    assert np.abs(np.diff(column.astype(int))).sum() == 2 * 4
    assert (page.image[49, 52:98, 1] < 128).all()
    plain = render_page(flat_record(), style=style, dots_per_inch=FINE_DPI)
    assert (plain.image[52:98, 49, 1] < 128).all()


def test_unknown_pattern_lists_the_others() -> None:
    with pytest.raises(ConfigError, match="dotted"):
        PageStyle(grid=GridStyle(minor_pattern="zigzag"))


@pytest.mark.parametrize("font", FONTS)
def test_every_font_writes_at_its_size(font: str) -> None:
    small, large = letters("aVR 25", 20, font), letters("aVR 25", 60, font)
    assert large.coverage.shape[0] == pytest.approx(3 * small.coverage.shape[0], rel=0.15)
    assert large.coverage.shape[1] == pytest.approx(3 * small.coverage.shape[1], rel=0.15)
    capital = letters("V", 60, font)
    assert -capital.top == pytest.approx(0.72 * 60, rel=0.15)  # capitals stand on the line, about 0.72 em high
    assert capital.coverage.shape[0] + capital.top in (0, 1)
    assert capital.coverage.max() > 0.9


def test_fonts_differ() -> None:
    drawn = {letters("aVR", 40, font).coverage.tobytes() for font in FONTS}
    assert len(drawn) == len(FONTS)


def test_a_font_file_of_the_user(tmp_path: Path) -> None:
    from importlib import resources

    own = tmp_path / "own.ttf"
    own.write_bytes(resources.files("ecg_render.fonts").joinpath("DejaVuSans.ttf").read_bytes())
    np.testing.assert_array_equal(letters("V1", 30, str(own)).coverage, letters("V1", 30, "dejavu-sans").coverage)


def test_missing_and_broken_font_files_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font at all")
    for font in (str(broken), str(tmp_path / "absent.ttf"), "comic"):
        with pytest.raises(ConfigError, match="dejavu-mono"):
            letters("I", 20, font)


def test_notes_are_filled_from_the_record(flat_record: MakeRecord) -> None:
    notes = (
        Note(text="ID: {id}", left_mm=10, foot_mm=10),
        Note(text="Age: {age} yrs", left_mm=10, foot_mm=15),
        Note(text="{height}", left_mm=10, foot_mm=20),
        Note(text="{gain}mm/mV", left_mm=10, foot_mm=-5),
    )
    record = attrs.evolve(flat_record(), name="00012", metadata={"Age": 63})
    assert texts_of(PageStyle(notes=notes, footer=""), record) == ["ID: 00012", "Age: 63 yrs", "10mm/mV"]


def test_notes_stand_where_they_are_put(flat_record: MakeRecord) -> None:
    style = PageStyle(notes=(Note(text="XX", left_mm=100, foot_mm=-20, size_mm=5),), footer="", font="dejavu-sans")
    text = render_page(flat_record(), style=style, dots_per_inch=FINE_DPI).texts[0]
    left, _top, _right, bottom = text.box_px
    assert bottom == pytest.approx((215.9 - 20) * 10, abs=1.5)
    assert left == pytest.approx(1000, abs=5)


def test_default_style_invents_nothing_about_a_patient(flat_record: MakeRecord) -> None:
    assert texts_of(PageStyle(), flat_record()) == ["25 mm/s   10 mm/mV"]
    kit = style_by_name("kit", np.random.default_rng(0))
    assert "Height:" in texts_of(kit, flat_record())


def test_kit_prints_bars_and_names_where_the_kit_does(flat_record: MakeRecord) -> None:
    """From its code: names start at their lead and stand 7 mm below the trace; bars 6.3 mm high at the change."""
    page = render_page(
        flat_record(),
        style=style_by_name("kit", np.random.default_rng(0)),
        layout=registry().load("layouts", "3x4+1R-kit"),
    )
    name = page.lead_names[1]
    left, _top, _right, bottom = name.box_px
    assert (bottom - page.baselines_px[0]) / page.px_per_mm == pytest.approx(7, abs=0.15)
    assert (left - page.signal_start_px) / page.px_per_s == pytest.approx(2.5, abs=0.01)
    bar_left, bar_top, bar_right, bar_bottom = page.separators[0].box_px
    assert (bar_bottom - bar_top) / page.px_per_mm == pytest.approx(6.3)
    assert ((bar_left + bar_right) / 2 - page.signal_start_px) / page.px_per_s == pytest.approx(2.5)
    _left, _top, pulse_right, _bottom = page.pulses[0].box_px
    assert (page.signal_start_px - pulse_right) / page.px_per_mm == pytest.approx(0, abs=0.15)


class TestFaults:
    def drawn(self, record: Record, **faults: float) -> tuple[np.ndarray, np.ndarray]:
        style = PageStyle(faults=PrinterFaults(**faults))  # type: ignore[arg-type]
        pages = [render_page(record, style=each, dots_per_inch=100, seed=4) for each in (PageStyle(), style)]
        np.testing.assert_array_equal(pages[0].labels, pages[1].labels)  # coordinates and masks stay
        assert [piece.y_px.tolist() for piece in pages[0].pieces] == [piece.y_px.tolist() for piece in pages[1].pieces]
        return pages[0].image.astype(int), pages[1].image.astype(int)

    def test_dead_dots_leave_lines_bare(self, flat_record: MakeRecord) -> None:
        _, image = self.drawn(flat_record(), dead_dots=3)
        bare = (image == 255).all(axis=(1, 2)).sum()
        assert 1 <= bare <= 3

    def test_fading_makes_paler_and_never_darker(self, flat_record: MakeRecord) -> None:
        clean, image = self.drawn(flat_record(), fading=0.5)
        assert (image >= clean).all()
        assert (image > clean + 20).any()
        darkest = 255 - image[..., 1].min()
        assert darkest >= 0.5 * (255 - clean[..., 1].min()) - 2

    def test_speckles_are_as_many_as_asked(self, flat_record: MakeRecord) -> None:
        clean, image = self.drawn(flat_record(), speckles_per_cm2=0.5)
        area_cm2 = 27.94 * 21.59
        changed = (image != clean).any(axis=2).sum()
        assert 0.3 * area_cm2 < changed < 5 * area_cm2
