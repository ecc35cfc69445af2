from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_render.drawing.strokes import stroke_patch

PAGE = (60, 80)


def drawn(x_px: list[float] | np.ndarray, y_px: list[float] | np.ndarray, width_px: float) -> np.ndarray:
    coverage = np.zeros(PAGE)
    patch = stroke_patch(np.asarray(x_px, float), np.asarray(y_px, float), width_px, PAGE)
    if patch is not None:
        height, width = patch.coverage.shape
        coverage[patch.top : patch.top + height, patch.left : patch.left + width] = patch.coverage
    return coverage


def supersampled(x_px: np.ndarray, y_px: np.ndarray, width_px: float, samples: int = 16) -> np.ndarray:
    """Share of sample points of each pixel that lie within half a width of the polyline, by plain distances."""
    rows, columns = (np.arange(side * samples) / samples - 0.5 + 0.5 / samples for side in PAGE)
    y, x = np.meshgrid(rows, columns, indexing="ij")
    distance = np.full(x.shape, np.inf)
    for (x0, x1), (y0, y1) in zip(
        np.lib.stride_tricks.sliding_window_view(x_px, 2),
        np.lib.stride_tricks.sliding_window_view(y_px, 2),
        strict=True,
    ):
        share = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-12)
        share = np.clip(share, 0, 1)
        distance = np.minimum(distance, np.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0)))
    inked = distance <= width_px / 2
    return inked.reshape(PAGE[0], samples, PAGE[1], samples).mean(axis=(1, 3))


@settings(max_examples=100)
@given(start=st.floats(20, 40), slope=st.floats(-0.2, 0.2), width_px=st.floats(1, 6), shift=st.floats(0, 1))
def test_centre_of_ink_lies_on_a_slowly_varying_curve(
    start: float, slope: float, width_px: float, shift: float
) -> None:
    x_px = np.arange(5, 75, 0.37) + shift
    coverage = drawn(x_px, start + slope * x_px, width_px)
    columns = np.arange(15, 65)
    centre = (coverage * np.arange(PAGE[0])[:, None]).sum(axis=0)[columns] / coverage.sum(axis=0)[columns]
    np.testing.assert_allclose(centre, start + slope * columns, atol=0.1)


@given(y=st.floats(10, 50), width_px=st.floats(0.5, 8))
def test_amount_of_ink_in_a_column_is_the_width_of_a_flat_stroke(y: float, width_px: float) -> None:
    ink = drawn([10, 70], [y, y], width_px).sum(axis=0)
    np.testing.assert_allclose(ink[20:60], width_px, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("width_px", [1.0, 2.76, 4.3])
def test_rugged_curve_agrees_with_supersampling(width_px: float) -> None:
    rng = np.random.default_rng(1)
    x_px = np.linspace(5.3, 70.1, 90)
    y_px = np.clip(30 + np.cumsum(rng.normal(0, 1.5, 90)), 8, 52)
    difference = drawn(x_px, y_px, width_px) - supersampled(x_px, y_px, width_px)
    assert np.abs(difference).max() < 0.13
    assert np.sqrt((difference**2).mean()) < 0.015


def test_spike_of_one_sample_reaches_its_height() -> None:
    coverage = drawn([10, 39.8, 40, 40.2, 70], [50, 50, 10, 50, 50], 2.0)
    top = 30.5 - coverage[:31, 40].sum()
    assert top == pytest.approx(10 - 1.0, abs=0.15)  # the pen's radius above the sample


def test_vertical_edge_stands_where_it_should() -> None:
    coverage = drawn([30.3, 30.3], [10, 50], 3.0)
    centre = (coverage[30] * np.arange(PAGE[1])).sum() / coverage[30].sum()
    assert centre == pytest.approx(30.3, abs=0.07)
    assert coverage[30].sum() == pytest.approx(3.0, abs=0.13)


def test_what_lies_outside_the_page_is_cut_off() -> None:
    assert drawn([-50, 200], [20, 20], 2.0).sum(axis=1) == pytest.approx(
        np.where(np.isin(np.arange(60), [20]), 80, np.where(np.isin(np.arange(60), [19, 21]), 40, 0))
    )
    assert stroke_patch(np.array([100.0, 200.0]), np.array([20.0, 20.0]), 2.0, PAGE) is None
    assert stroke_patch(np.array([10.0, 20.0]), np.array([-90.0, -90.0]), 2.0, PAGE) is None


def test_wild_values_take_no_more_room_than_the_page() -> None:
    patch = stroke_patch(np.array([10.0, 20.0, 30.0]), np.array([30.0, -1e12, 30.0]), 2.0, PAGE)
    assert patch is not None
    assert patch.coverage.shape[0] <= PAGE[0]


def test_single_point_is_a_dot() -> None:
    coverage = drawn([30.0], [20.0], 4.0)
    assert coverage.sum() == pytest.approx(np.pi * 4, rel=0.06)
    assert coverage[20, 30] == 1
