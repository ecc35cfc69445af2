from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec
from ecg_render.geometry import PageScale

RESOLUTIONS = st.floats(50, 600)


def scale_at(dots_per_inch: float, **paper: float) -> PageScale:
    return PageScale(layout=LAYOUT_3X4_1R, paper=PaperSpec(**paper), dots_per_inch=dots_per_inch)


def test_standard_page_at_200_dpi() -> None:
    scale = scale_at(200)
    assert (scale.width_px, scale.height_px) == (2200, 1700)
    assert scale.px_per_mm == pytest.approx(7.874, abs=5e-4)
    assert scale.px_per_mv == pytest.approx(78.74, abs=5e-3)
    assert scale.px_per_s == pytest.approx(196.85, abs=5e-3)


def test_first_pixel_centre_is_half_a_pixel_from_the_sheets_edge() -> None:
    scale = scale_at(254)  # ten pixels a millimetre
    assert scale.position_px(0.05) == pytest.approx(0.0)
    assert scale.position_px(0.0) == pytest.approx(-0.5)


def test_time_zero_stands_at_the_signal_start() -> None:
    assert scale_at(254).time_px(0.0) == pytest.approx(149.5)  # 15 mm
    assert scale_at(254).time_px(2.0) == pytest.approx(149.5 + 500)
    assert scale_at(254, speed_mm_per_s=50).time_px(2.0) == pytest.approx(149.5 + 1000)


@given(position_mm=st.floats(0, 300), dots_per_inch=RESOLUTIONS)
def test_a_place_on_the_sheet_is_the_same_share_of_it_at_any_resolution(
    position_mm: float, dots_per_inch: float
) -> None:
    """What enlarging a picture does: pixel j of n covers the share (j + 0.5) / n of the side."""
    share_of_an_inch = (scale_at(dots_per_inch).position_px(position_mm) + 0.5) / dots_per_inch
    assert share_of_an_inch == pytest.approx(position_mm / 25.4, abs=1e-9)


@pytest.mark.parametrize("dots_per_inch", [0, -200, float("nan")])
def test_senseless_resolution_is_refused(dots_per_inch: float) -> None:
    with pytest.raises(ValueError, match="dots_per_inch"):
        scale_at(dots_per_inch)
