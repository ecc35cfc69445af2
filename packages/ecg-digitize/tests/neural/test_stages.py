"""How large a page without a grid is, by what was found on it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.grid.gridless import GridlessPage
from ecg_digitize.digitizers.neural.markers.upright import MOST_INK_ROWS
from ecg_digitize.digitizers.neural.stages import _read_at_its_size, _shows_traces, _stretch_of
from ecg_digitize.digitizers.print_scale import PrintScale
from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark, PulseMark

LEVELS_MM = (60.0, 110.0, 160.0)


def page_of_four_columns(scale: PrintScale, *, row_mm: float, pulse_height_mm: float) -> PageFindings:
    """A page of three rows of four columns, each with its pulse, on paper of a size that is not known."""
    pulses = [PulseMark(8.0, 14.0, y_mm - pulse_height_mm - 0.3, y_mm + 0.3, 0.95) for y_mm in LEVELS_MM]
    columns_mm = tuple(20.0 + column * row_mm / 4 for column in range(4))
    named = SimpleNamespace(naming=SimpleNamespace(num_columns=4), grid=SimpleNamespace(columns_mm=columns_mm))
    page = SimpleNamespace(named=named, rows=[], pulses=pulses, levels_mm=LEVELS_MM)
    found = SimpleNamespace(scale=scale, page=page, parted=None, pulse_mm=None, row_mm=row_mm)
    return cast(PageFindings, found)


def scale_of(speed: float, gain: float, **sources: str) -> PrintScale:
    return PrintScale(speed_mm_per_s=speed, gain_mm_per_mv=gain, **sources)


@pytest.mark.parametrize("source", ["beats", "columns", "assumed"])
def test_what_hangs_on_the_size_of_a_page_does_not_tell_it(source: str) -> None:
    """Drawn twice as large, rows of ten seconds look like 50 mm/s and 20 mm/mV; they are those of 25 and 10."""
    scale = scale_of(50.0, 20.0, speed_from=source, gain_from="pulse")
    stretch, _ = _stretch_of(page_of_four_columns(scale, row_mm=500.0, pulse_height_mm=20.0))
    assert stretch == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("source", ["given", "printed"])
def test_words_tell_the_speed_of_a_page_of_any_size(source: str) -> None:
    scale = scale_of(50.0, 20.0, speed_from=source, gain_from=source)
    stretch, _ = _stretch_of(page_of_four_columns(scale, row_mm=500.0, pulse_height_mm=20.0))
    assert stretch == pytest.approx(1.0, rel=0.02)


WAVE = NameMark("II", 50.0, 104.0, 0.81)
"""A wave that is taken for a name."""


def page_of_rows(joined: float, names: Sequence[NameMark], **told: object) -> PageFindings:
    """A page of two rows whose ink hangs together over such a share, with such names, and what else it tells."""
    rows = [InkRow(y_mm, 0.1, 10.0, 260.0, 0.9, joined=joined) for y_mm in (60.0, 105.0)]
    named = SimpleNamespace(naming=SimpleNamespace(rows=[SimpleNamespace(row=0), SimpleNamespace(row=1)]))
    page = SimpleNamespace(rows=rows, named=named, names=names, printed=told.get("printed", ()))
    return cast(PageFindings, SimpleNamespace(page=page, pulse_mm=told.get("pulse_mm")))


def test_curves_that_do_not_hang_together_and_of_which_nothing_tells_are_no_leads() -> None:
    """Such as those from inside a heart on a dark screen: waves are taken for I and II there."""
    assert not _shows_traces(page_of_rows(0.27, [WAVE]))


def test_ink_that_hangs_together_or_a_pulse_or_words_tell_of_leads() -> None:
    assert _shows_traces(page_of_rows(0.5, []))
    assert _shows_traces(page_of_rows(0.0, [], pulse_mm=(5.0, 10.0)))
    assert _shows_traces(page_of_rows(0.0, [], printed=(object(),)))
    assert _shows_traces(page_of_rows(0.0, [WAVE, NameMark("aVR", 50.0, 60.0, 0.7)]))


@pytest.mark.parametrize(("becomes", "score"), [("unreadable", 8.0), ("nameless", 8.0), ("unreadable", 1.0)])
def test_a_page_that_shows_less_once_it_is_stretched_was_of_the_better_size(becomes: str, score: float) -> None:
    """Were it twice as large its rows would last ten seconds; but then nothing is read of it, or hardly a name. What
    had no names before is no page then."""
    scale = scale_of(25.0, 10.0, speed_from="assumed", gain_from="assumed")

    def found_of(score: float, row_mm: float) -> PageFindings:
        found = page_of_four_columns(scale, row_mm=row_mm, pulse_height_mm=5.0)
        page = cast(Any, found.page)
        page.named.naming.score, page.flat, page.orientation = score, SimpleNamespace(width_mm=row_mm), 0
        return found

    as_it_is, asked = found_of(score, 125.0), []

    def read_flat(paper: str, *, orientation: int | None = None) -> PageFindings:
        asked.append(paper)
        if paper == "as it is":
            return as_it_is
        if becomes == "unreadable":
            raise DataError("no row of a trace was found on the page")
        return found_of(1.0, 250.0)

    class Gridless:
        def __init__(self, paper: str) -> None:
            self.paper = paper

        def as_flat_page(self) -> str:
            return self.paper

        def stretched(self, factor: float) -> Gridless:
            assert factor == pytest.approx(2.0, rel=0.02)
            return Gridless("stretched")

    if score < 4:
        with pytest.raises(DataError, match="no row"):
            _read_at_its_size(cast(GridlessPage, Gridless("as it is")), read_flat)
    else:
        assert _read_at_its_size(cast(GridlessPage, Gridless("as it is")), read_flat) is as_it_is
    assert asked == ["as it is", "stretched"]


def test_a_page_of_more_rows_than_pages_have_is_gone_through_once() -> None:
    """Most of its rows are something else, such as lines of a dark grid; no size makes them rows of leads."""
    scale = scale_of(25.0, 10.0, speed_from="assumed", gain_from="assumed")
    found = page_of_four_columns(scale, row_mm=125.0, pulse_height_mm=5.0)
    page = cast(Any, found.page)
    page.named.naming.score, page.flat, page.orientation = 8.0, SimpleNamespace(width_mm=125.0), 0
    page.rows = [object()] * MOST_INK_ROWS
    gridless = SimpleNamespace(as_flat_page=lambda: "as it is")  # which cannot be stretched
    assert _read_at_its_size(cast(GridlessPage, gridless), lambda _paper: found) is found
