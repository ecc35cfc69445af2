from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg_core.record import Record
from ecg_render import Page, PageStyle, degrade_as_scan, render_page
from ecg_render.degradations.affine import move_affinely, rotation
from ecg_render.style import GridStyle, SeparatorStyle

MakeRecord = Callable[..., Record]


@pytest.fixture
def slow_wave() -> Record:
    time_s = np.arange(5000) / 500
    wave_mv = 0.4 * np.sin(2 * np.pi * 0.3 * time_s)
    return Record(signal_mv=wave_mv[None], sampling_rate_hz=500, lead_names=["II"], name="wave")


def ink_on_trace(page: Page) -> tuple[np.ndarray, np.ndarray]:
    """Centre of ink, found in the picture, and height of the rhythm piece's coordinates, column by column."""
    piece = page.pieces[-1]
    columns = np.arange(round(piece.x_px[0]) + 60, round(piece.x_px[-1]) - 60)
    expected = np.interp(columns, piece.x_px, piece.y_px)
    gray = page.image[..., 1].astype(float)
    rows = np.rint(expected).astype(int)[:, None] + np.arange(-9, 10)
    bits = gray[rows, columns[:, None]]
    ink = np.clip(np.median(bits, axis=1, keepdims=True) - bits - 15, 0, None)
    return (ink * rows).sum(axis=1) / ink.sum(axis=1), expected


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(angle_deg=st.floats(-1.5, 1.5), shift=st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
def test_affine_moves_trace_and_coordinates_together(
    slow_wave: Record, bare_style: PageStyle, angle_deg: float, shift: tuple[float, float]
) -> None:
    page = render_page(slow_wave, style=attrs.evolve(bare_style, names=attrs.evolve(bare_style.names, size_mm=0.01)))
    moved = move_affinely(page, turn_deg=angle_deg, shift_mm=shift, around=(255, 255, 255))
    measured, expected = ink_on_trace(moved)
    np.testing.assert_allclose(measured, expected, atol=0.15)
    assert abs(np.mean(measured - expected)) < 0.05


def test_turn_is_clockwise_on_the_page() -> None:
    np.testing.assert_allclose(rotation(90) @ [5, 0], [0, 5], atol=1e-12)  # right of the centre goes below it


@pytest.mark.parametrize("seed", range(6))
def test_coordinates_follow_the_scan(slow_wave: Record, bare_style: PageStyle, seed: int) -> None:
    style = attrs.evolve(bare_style, names=attrs.evolve(bare_style.names, size_mm=0.01))
    scan = degrade_as_scan(render_page(slow_wave, style=style), seed)
    measured, expected = ink_on_trace(scan)
    assert abs(np.mean(measured - expected)) < 0.1
    assert np.sqrt(np.mean((measured - expected) ** 2)) < 0.25


def test_grid_points_follow_the_scan(flat_record: MakeRecord) -> None:
    style = PageStyle(grid=GridStyle(minor_line_mm=0, major_rgb=(0, 0, 0), major_line_mm=0.4))
    scan = degrade_as_scan(render_page(flat_record(), style=style), 3)
    points = np.rint(scan.grid_points_px[2:-2, 2:-2].reshape(-1, 2)).astype(int)
    assert (scan.image[points[:, 1], points[:, 0]].mean(axis=1) < 110).all()
    beside = points + 15
    assert np.median(scan.image[beside[:, 1], beside[:, 0]].mean(axis=1)) > 180


def test_everything_with_a_place_moves(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), style=PageStyle(separators=SeparatorStyle()), dots_per_inch=100)
    moved = move_affinely(page, shift_mm=(3 / page.px_per_mm, -2 / page.px_per_mm), around=(255, 255, 255))
    for before, after in zip(
        (*page.pulses, *page.lead_names, *page.texts, *page.separators),
        (*moved.pulses, *moved.lead_names, *moved.texts, *moved.separators),
        strict=True,
    ):
        np.testing.assert_allclose(after.corners_px - before.corners_px, [[3, -2]] * 4)
    np.testing.assert_allclose((moved.grid_points_px - page.grid_points_px).reshape(-1, 2).T[1], -2)
    np.testing.assert_array_equal(moved.image[:-2, 3:], page.image[2:, :-3])


def test_gap_stays_a_gap(flat_record: MakeRecord) -> None:
    signal_mv = flat_record().signal_mv.copy()
    signal_mv[1, 4000:4100] = np.nan
    scan = degrade_as_scan(render_page(attrs.evolve(flat_record(), signal_mv=signal_mv), dots_per_inch=100), 0)
    assert np.isnan(scan.pieces[-1].y_px).sum() == 100


def test_same_seed_same_bytes(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), dots_per_inch=100)
    np.testing.assert_array_equal(degrade_as_scan(page, 7).image, degrade_as_scan(page, 7).image)
    assert (degrade_as_scan(page, 7).image != degrade_as_scan(page, 8).image).any()


def test_scans_are_slight_and_varied(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), dots_per_inch=100)
    scans = [degrade_as_scan(page, seed) for seed in range(30)]
    turns_deg = [
        np.degrees(np.arctan2(*(scan.pulses[0].corners_px[1] - scan.pulses[0].corners_px[0])[::-1])) for scan in scans
    ]
    assert np.abs(turns_deg).max() <= 1.5
    assert np.ptp(turns_deg) > 1.5
    in_colour = [bool((np.ptp(scan.image.astype(int), axis=2) > 20).any()) for scan in scans]
    assert 0 < sum(in_colour) < 30
    assert all(scan.image.shape == page.image.shape for scan in scans)
    assert all(scan.image.mean() > 180 for scan in scans)


def test_original_page_is_left_alone(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), dots_per_inch=100)
    before = page.image.copy()
    degrade_as_scan(page, 1)
    np.testing.assert_array_equal(page.image, before)
