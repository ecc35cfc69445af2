from __future__ import annotations

import numpy as np
import pytest

from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers.neural.markers.arrangement import Mark, arrange
from ecg_digitize.digitizers.neural.markers.classes import NAMES
from ecg_render import render_page

LAYOUT_NAMES = (
    "3x4+1R",
    "3x4",
    "3x4+3R",
    "6x2",
    "6x2+1R",
    "12x1",
    "4x3",
    "3x4+1R-cabrera",
    "6x2-cabrera",
    "12x1-cabrera",
)
LAYOUTS: dict[str, Layout] = {name: registry().load("layouts", name) for name in LAYOUT_NAMES}


def marks_of(layout: str, rng: np.random.Generator, *, missing: float = 0.0, false: int = 0) -> list[Mark]:
    """The names of a rendered page in millimetres from some corner, a little off, some gone, some false."""
    page = render_page(synthesize_record(seed=1), layout=LAYOUTS[layout], dots_per_inch=60)
    rhythm_rows = {segment.row for segment in LAYOUTS[layout].segments if segment.is_rhythm}
    found = []
    for name in page.lead_names:
        x, y = np.array(name.centre_px) / page.px_per_mm + rng.normal(0, 0.7, 2)
        if name.row in rhythm_rows or rng.random() >= missing:
            found.append(Mark(name.lead.removeprefix("-"), float(x) + 31, float(y) - 12))
    strays = (Mark(str(rng.choice(NAMES)), *rng.uniform(0, (280, 200)).tolist()) for _ in range(false))
    return [*found, *strays]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_told_by_its_names(layout: str) -> None:
    best, second = arrange(marks_of(layout, np.random.default_rng(0)), LAYOUTS, speed_mm_per_s=25)[:2]
    assert (best.layout, best.score) == (layout, 1.0)
    assert second.score < 1.0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_that_are_missing_or_false_are_borne(layout: str) -> None:
    """Without the name of a long row a page looks like one without the row, so those are left."""
    right = 0
    for seed in range(20):
        marks = marks_of(layout, np.random.default_rng(seed), missing=0.15, false=2)
        right += arrange(marks, LAYOUTS, speed_mm_per_s=25)[0].layout == layout
    assert right >= 18


@pytest.mark.parametrize("layout", ["3x4+1R", "12x1", "4x3"])
def test_names_are_told_from_four_times_as_many_false_ones(layout: str) -> None:
    """A restless trace is full of what looks like letters."""
    for seed in range(5):
        marks = marks_of(layout, np.random.default_rng(seed), false=50)
        best = arrange(marks, LAYOUTS, speed_mm_per_s=25)[0]
        assert best.layout == layout
        assert best.score > 0.7


def test_rows_and_time_zero_come_out() -> None:
    marks = marks_of("3x4+1R", np.random.default_rng(0))
    best = arrange(marks, LAYOUTS, speed_mm_per_s=25)[0]
    rows = [(mark.name, row) for mark, row in zip(marks, best.row_of_mark, strict=True)]
    assert {("I", 0), ("II", 1), ("aVL", 1), ("V6", 2), ("II", 3)} <= set(rows)
    first = next(mark.x_mm for mark in marks if mark.name == "I")
    assert best.time_zero_mm == pytest.approx(first, abs=4)


def test_a_page_whose_top_is_cut_off_keeps_its_rows() -> None:
    marks = [mark for mark in marks_of("3x4+1R", np.random.default_rng(0)) if mark.name not in ("I", "aVR", "V1", "V4")]
    best = arrange(marks, {"3x4+1R": LAYOUTS["3x4+1R"]}, speed_mm_per_s=25)[0]
    assert set(best.row_of_mark) == {1, 2, 3}


def test_no_names_fit_nothing() -> None:
    assert arrange([], LAYOUTS, speed_mm_per_s=25)[0].score == 0
