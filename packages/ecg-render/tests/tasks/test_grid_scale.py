from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ecg_core.paper import MM_PER_INCH
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render import PageStyle, render_page
from ecg_render.style import GridStyle
from ecg_render.tasks.grid_scale import estimate_scale, grid_strength

MakeRecord = Callable[..., Record]


@pytest.mark.parametrize("dots_per_inch", [100.0, 150.0, 200.0, 300.0])
@pytest.mark.parametrize(
    "style", [PageStyle(), PageStyle(grid=GridStyle(minor_line_mm=0))], ids=["both", "large boxes only"]
)
def test_scale_of_a_page_is_found_within_one_percent(dots_per_inch: float, style: PageStyle) -> None:
    page = render_page(synthesize_record(), dots_per_inch=dots_per_inch, style=style)
    scale = estimate_scale(page.image)
    assert scale is not None
    assert scale.px_per_mm == pytest.approx(dots_per_inch / MM_PER_INCH, rel=0.01)
    assert scale.confidence > 0.3


def test_scale_is_found_on_a_turned_page_on_a_table() -> None:
    page = render_page(synthesize_record(), dots_per_inch=200)
    turn = cv2.getRotationMatrix2D((1100, 850), 8, 0.8)
    photo = cv2.warpAffine(page.image, turn, (2200, 1700), borderValue=(90, 70, 50))
    scale = estimate_scale(photo)
    assert scale is not None
    assert scale.px_per_mm == pytest.approx(0.8 * 200 / MM_PER_INCH, rel=0.04)


def test_a_picture_without_a_grid_has_no_scale() -> None:
    assert estimate_scale(np.full((400, 600, 3), 200, np.uint8)) is None


def test_grid_is_stronger_on_the_paper_than_beside_it() -> None:
    image = render_page(synthesize_record(), dots_per_inch=100).image[:300, :300]
    table = np.random.default_rng(0).integers(60, 90, (300, 300, 3), np.uint8)
    px_per_mm = 100 / MM_PER_INCH
    assert grid_strength(image, px_per_mm) > 0.3 > 0.1 > grid_strength(table, px_per_mm)
    assert grid_strength(image[:20, :20], px_per_mm) == 0
