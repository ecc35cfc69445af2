"""Pitch, angle and the two kinds of boxes, on grids drawn from a formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecg_core.errors import DataError
from ecg_core.paper import PaperSpec
from ecg_digitize.classical.grid import find_lattice

WIDTH_PX, HEIGHT_PX = 1100, 850
SMALL_DARKNESS, LARGE_DARKNESS = 0.12, 0.3


def lines(position: np.ndarray, pitch: float, width: float) -> np.ndarray:
    """How much of a pixel at ``position`` across a family of lines is covered."""
    from_line = np.abs((position + pitch / 2) % pitch - pitch / 2)
    return np.clip(width / 2 + 0.5 - from_line, 0, 1)


def grid_darkness(px_per_mm_x: float, px_per_mm_y: float, rotation_deg: float, *, small: bool = True) -> np.ndarray:
    """1 mm and 5 mm lines of ECG paper, turned clockwise, with a little noise."""
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(float)
    angle = np.radians(rotation_deg)
    across = x * np.cos(angle) + y * np.sin(angle)
    down = -x * np.sin(angle) + y * np.cos(angle)
    ink = np.random.default_rng(0).normal(0, 0.01, x.shape)
    for position, px_per_mm in ((across, px_per_mm_x), (down, px_per_mm_y)):
        ink += LARGE_DARKNESS * lines(position - 3.3, 5 * px_per_mm, 1.5)
        ink += SMALL_DARKNESS * lines(position - 3.3, px_per_mm, 1.0) * small
    return np.clip(ink, 0, 1).astype(np.float32)


def find(darkness: np.ndarray, px_per_mm: float):
    return find_lattice(darkness, paper=PaperSpec(), width_needed_mm=0.9 * WIDTH_PX / px_per_mm)


@settings(max_examples=15, deadline=None)
@given(
    px_per_mm=st.floats(3.8, 8.0),
    ratio=st.floats(0.95, 1.05),
    rotation_deg=st.floats(-6, 6),
)
@example(px_per_mm=5.296875, ratio=1.0, rotation_deg=0.0)
@example(px_per_mm=3.8046875, ratio=0.98046875, rotation_deg=0.0)
def test_pitch_across_and_down_and_the_angle_are_found(px_per_mm, ratio, rotation_deg):
    lattice = find(grid_darkness(px_per_mm, px_per_mm * ratio, rotation_deg), px_per_mm)
    assert lattice.px_per_mm_x == pytest.approx(px_per_mm, rel=2e-3)
    assert lattice.px_per_mm_y == pytest.approx(px_per_mm * ratio, rel=2e-3)
    assert lattice.rotation_deg == pytest.approx(rotation_deg, abs=0.05)
    assert lattice.has_large_boxes


def test_five_millimetre_lines_alone_are_not_taken_for_one_millimetre_lines():
    lattice = find(grid_darkness(5.0, 5.0, 1.0, small=False), 5.0)
    assert lattice.px_per_mm_x == pytest.approx(5.0, rel=2e-3)


@pytest.mark.parametrize("content", ["blank", "noise", "stripes"])
def test_a_picture_without_a_grid_is_refused(content):
    darkness = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)
    if content == "noise":
        darkness = np.random.default_rng(1).random(darkness.shape, np.float32)
    if content == "stripes":  # lines one way only, as on ruled paper
        darkness[::20] = 0.3
    with pytest.raises(DataError, match="no regular grid"):
        find(darkness, 5.0)
