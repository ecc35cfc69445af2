from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec
from ecg_render import GridStyle, PageStyle
from ecg_render.drawing.paper import draw_paper, line_coverage
from ecg_render.geometry import PageScale


def sheet(dots_per_inch: float, **style: object) -> np.ndarray:
    scale = PageScale(layout=LAYOUT_3X4_1R, paper=PaperSpec(), dots_per_inch=dots_per_inch)
    paper = {"paper_rgb": style.pop("paper_rgb")} if "paper_rgb" in style else {}
    return draw_paper(scale, PageStyle(grid=GridStyle(**style), **paper))


@given(centre=st.floats(5, 25), width_px=st.floats(0.05, 7))
def test_line_has_its_width(centre: float, width_px: float) -> None:
    assert line_coverage(np.array([centre]), width_px, 40).sum() == pytest.approx(width_px, rel=1e-4)


@given(centre=st.floats(5, 25), width_px=st.integers(1, 7))
def test_line_has_its_centre(centre: float, width_px: int) -> None:
    """Of a line as wide as whole pixels the centre of the covered shares is exact."""
    coverage = line_coverage(np.array([centre]), width_px, 40)
    assert (coverage * np.arange(40)).sum() / coverage.sum() == pytest.approx(centre, abs=1e-3)


def test_boxes_are_1_mm_and_5_mm() -> None:
    """At 254 dpi a millimetre has ten pixels: lines lie between pixels 9 and 10, 19 and 20 ..."""
    minor = sheet(254, minor_rgb=(0, 0, 0), major_line_mm=0, minor_line_mm=0.2)[15, :, 0]
    np.testing.assert_array_equal(np.flatnonzero(minor[:60] < 128), [0, 9, 10, 19, 20, 29, 30, 39, 40, 49, 50, 59])
    major = sheet(254, major_rgb=(0, 0, 0), minor_line_mm=0, major_line_mm=0.2)
    np.testing.assert_array_equal(np.flatnonzero(major[20, :120, 0] < 128), [0, 49, 50, 99, 100])
    np.testing.assert_array_equal(np.flatnonzero(major[:120, 20, 0] < 128), [0, 49, 50, 99, 100])


def test_colours_are_those_asked_for() -> None:
    colours = {"paper_rgb": (250, 251, 252), "minor_rgb": (10, 120, 130), "major_rgb": (140, 20, 150)}
    image = sheet(254, **colours, minor_line_mm=0.2, major_line_mm=0.4)
    assert tuple(image[25, 25]) == colours["paper_rgb"]
    assert tuple(image[25, 29]) == colours["minor_rgb"]
    assert tuple(image[29, 49]) == colours["major_rgb"]  # a large-box line covers the small ones


def test_no_line_width_leaves_bare_paper() -> None:
    assert (sheet(150, minor_line_mm=0, major_line_mm=0, paper_rgb=(1, 2, 3)) == (1, 2, 3)).all()
