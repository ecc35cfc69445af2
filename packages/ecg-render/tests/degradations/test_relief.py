"""Shapes of sheets, against geometry worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_render import Page
from ecg_render.degradations.camera import Camera, look_at, overhead, to_sheet_mm
from ecg_render.degradations.curl import curled_sheet
from ecg_render.degradations.fold import Fold, fold_page, folded_sheet
from ecg_render.degradations.shading import Lamp
from ecg_render.degradations.wrinkle import crumpled_sheet, wrinkle_page


def test_fold_tilts_both_panels_by_half_its_angle(record_page: Page) -> None:
    angle = np.radians(20 / 2)
    folded = fold_page(record_page, [Fold(direction_deg=0, offset_mm=0, angle_deg=20)], Lamp())
    flat_mm = to_sheet_mm(record_page, record_page.grid_points_px.reshape(-1, 2))
    distance_mm = overhead(record_page).distance_mm
    nearer = distance_mm / (distance_mm - np.abs(flat_mm[:, 0]) * np.sin(angle))
    expected_mm = np.column_stack((flat_mm[:, 0] * np.cos(angle), flat_mm[:, 1])) * nearer[:, None]
    seen_mm = to_sheet_mm(record_page, folded.grid_points_px.reshape(-1, 2))
    away_from_crease = np.abs(flat_mm[:, 0]) > 2
    np.testing.assert_allclose(seen_mm[away_from_crease], expected_mm[away_from_crease], atol=0.12)


def test_fold_parts_light_and_shade(dotted_page: Page) -> None:
    lamp = Lamp(azimuth_deg=0, elevation_deg=45, ambient=0.4)
    folded = fold_page(dotted_page, [Fold(direction_deg=0, offset_mm=0, angle_deg=20)], lamp)
    left, right = (np.median(folded.image[250:300, part]) for part in (slice(150, 250), slice(480, 580)))
    # a valley: the left panel faces the lamp on the right
    tilt = np.radians(10)
    expected = [0.4 + 0.6 * np.sin(np.radians(45) + side * tilt) / np.sin(np.radians(45)) for side in (1, -1)]
    assert left / right == pytest.approx(expected[0] / expected[1], rel=0.02)


def test_curl_lies_on_its_cylinder(record_page: Page) -> None:
    sheet = curled_sheet(record_page, direction_deg=90, radius_mm=400, flat_to_mm=0)
    along = np.array([10.0, 50.0, 100.0])
    displacement_mm = sheet.displacement_mm(np.column_stack((np.zeros(3), along)))
    angle = along / 400
    np.testing.assert_allclose(displacement_mm[:, 2], 400 * (1 - np.cos(angle)), atol=0.1)
    np.testing.assert_allclose(displacement_mm[:, 1], 400 * np.sin(angle) - along, atol=0.1)
    np.testing.assert_allclose(sheet.displacement_mm(np.array([[30.0, -50.0]])), 0, atol=1e-6)


def test_no_length_changes_across_folds(record_page: Page) -> None:
    sheet = folded_sheet(record_page, [Fold(direction_deg=30, offset_mm=15, angle_deg=-18)])
    across = np.array([np.cos(np.radians(30)), np.sin(np.radians(30))])
    points_mm = np.arange(-80, 80, 0.5)[:, None] * across
    place_mm = np.column_stack((points_mm, np.zeros(len(points_mm)))) + sheet.displacement_mm(points_mm)
    steps_mm = np.linalg.norm(np.diff(place_mm, axis=0), axis=1)
    np.testing.assert_allclose(steps_mm, 0.5, atol=0.01)


def test_slopes_are_those_of_the_heights(record_page: Page) -> None:
    rng = np.random.default_rng(5)
    points_mm = rng.uniform(-80, 80, (300, 2))
    for sheet in (
        folded_sheet(record_page, [Fold(direction_deg=50, offset_mm=-10, angle_deg=12)]),
        curled_sheet(record_page, direction_deg=200, radius_mm=500),
        crumpled_sheet(record_page, rng, tilt_deg=5, facet_mm=40),
    ):
        step_mm = 0.25
        ahead, behind = (
            [sheet.displacement_mm(points_mm + sign * step_mm * axis)[:, 2] for axis in np.eye(2)] for sign in (1, -1)
        )
        rise = (np.array(ahead) - np.array(behind)).T / (2 * step_mm)
        assert np.quantile(np.abs(rise - sheet.slope(points_mm)), 0.9) < 0.03


def test_crumpled_sheet_is_flat_facets_of_the_wanted_tilt(record_page: Page) -> None:
    sheet = crumpled_sheet(record_page, np.random.default_rng(2), tilt_deg=6, facet_mm=45)
    rise = np.hypot(*sheet.rise.values.reshape(-1, 2).T)
    assert np.degrees(np.arctan(np.sqrt(np.mean(rise**2)))) == pytest.approx(6, rel=0.02)
    # on a facet the slope hardly changes from cell to cell; on a crease it jumps
    change = np.abs(np.diff(sheet.rise.values, axis=1)).max(axis=2)
    assert np.median(change) < 0.12 * np.sqrt(np.mean(rise**2))
    assert np.quantile(change, 0.98) > 4 * np.median(change)


def test_pinhole_camera_by_its_formula(record_page: Page) -> None:
    camera = Camera(
        distance_mm=500, tilt_deg=20, tilt_towards_deg=0, px_per_mm=3.0, centre_px=(400, 300), size_px=(800, 600)
    )
    seen = look_at(record_page, camera)
    x_mm, y_mm = to_sheet_mm(record_page, record_page.grid_points_px.reshape(-1, 2)).T
    tilt = np.radians(20)
    depth_mm = 500 - x_mm * np.sin(tilt)
    expected = np.column_stack((400 + 3 * 500 * x_mm * np.cos(tilt) / depth_mm, 300 + 3 * 500 * y_mm / depth_mm))
    np.testing.assert_allclose(seen.grid_points_px.reshape(-1, 2), expected, atol=1e-6)


def test_aimed_camera_fills_its_picture(record_page: Page) -> None:
    pose = Camera(distance_mm=400, tilt_deg=15, tilt_towards_deg=60, roll_deg=20, size_px=(640, 480))
    seen = look_at(record_page, pose.aimed_at(record_page, 0.9))
    on_sheet = np.argwhere(seen.sheet_mask)[:, ::-1]
    extent = np.ptp(on_sheet, axis=0) / (640, 480)
    assert extent.max() == pytest.approx(0.9, abs=0.01)
    middle = (on_sheet.min(axis=0) + on_sheet.max(axis=0)) / 2
    np.testing.assert_allclose(middle, (319.5, 239.5), atol=1.5)


def test_flat_paper_is_lit_fully_and_slopes_by_their_angle() -> None:
    lamp = Lamp(azimuth_deg=0, elevation_deg=30, ambient=0.5)
    slopes = np.array([(0.0, 0.0), (-np.tan(np.radians(60)), 0.0), (np.tan(np.radians(30)), 0.0)])
    gray = np.repeat([[1.0], [0.5 + 0.5 / 0.5], [0.5]], 3, axis=1)
    np.testing.assert_allclose(lamp.brightness(slopes), gray, atol=1e-9)


def test_warm_lamp_colours_what_faces_it_and_what_is_turned_away() -> None:
    lamp = Lamp(azimuth_deg=0, elevation_deg=30, warmth=0.2)
    flat, towards, away = lamp.brightness(np.array([(0.0, 0.0), (-0.2, 0.0), (0.2, 0.0)]))
    np.testing.assert_allclose(flat, 1)
    assert towards[0] > towards[1] > towards[2] > 1
    assert away[0] < away[1] < away[2] < 1


def test_wrinkles_shade_the_paper(dotted_page: Page) -> None:
    rng = np.random.default_rng(0)
    crumpled = wrinkle_page(dotted_page, Lamp(elevation_deg=35), rng, tilt_deg=8, facet_mm=40)
    levels = crumpled.image[100:450, 100:600][crumpled.labels[100:450, 100:600] & 3 == 0]
    assert 3 < levels.std() < 40
