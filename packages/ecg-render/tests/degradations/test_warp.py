from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_render import Page
from ecg_render.degradations.affine import affine_warp
from ecg_render.degradations.camera import Camera, overhead, raised_warp
from ecg_render.degradations.coarse import coarse_nodes, enlarge, in_strips, shine
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.fold import Fold, folded_sheet
from ecg_render.degradations.perspective import corner_warp
from ecg_render.degradations.relief_table import displacement_table
from ecg_render.degradations.warp import Warp, find_sources, source_map, warp_page
from ecg_render.labels import SHEET


def test_standing_still_changes_no_pixel(record_page: Page) -> None:
    still = Warp.projective(np.eye(3), (record_page.width_px, record_page.height_px))
    same = warp_page(record_page, still, (1, 2, 3))
    np.testing.assert_array_equal(same.image, record_page.image)
    np.testing.assert_array_equal(same.labels, record_page.labels)


def test_shift_by_whole_pixels_shifts_rows_and_columns(record_page: Page) -> None:
    shift = Warp.projective(np.array([[1.0, 0, 7], [0, 1, -3], [0, 0, 1]]), (record_page.width_px, 400))
    shifted = warp_page(record_page, shift, (9, 8, 7))
    np.testing.assert_array_equal(shifted.image[:, 7:], record_page.image[3:403, :-7])
    np.testing.assert_array_equal(shifted.labels[:, 7:], record_page.labels[3:403, :-7])
    assert (shifted.image[:, :7] == (9, 8, 7)).all()
    assert not (shifted.labels[:, :7] & SHEET).any()
    assert shifted.height_px == 400
    np.testing.assert_allclose(shifted.grid_points_px - record_page.grid_points_px, np.full((44, 56, 2), (7, -3)))


def test_one_after_another_is_one_map(record_page: Page) -> None:
    turn = affine_warp(record_page, turn_deg=5, shift_mm=(3, -2))
    corners = corner_warp(record_page, np.array([(0.03, 0.02), (-0.01, 0.0), (0.02, -0.02), (0.0, 0.01)]))
    points = record_page.grid_points_px.reshape(-1, 2)
    both = turn.then(corners)
    np.testing.assert_allclose(both.forward(points), corners.forward(turn.forward(points)), atol=1e-9)
    np.testing.assert_allclose(both.backward(both.forward(points)), points, atol=1e-6)


def test_composed_moves_sample_once_as_sharply_as_one(record_page: Page) -> None:
    size = record_page.width_px, record_page.height_px
    half = Warp.projective(np.array([[1.0, 0, 0.5], [0, 1, 0], [0, 0, 1]]), size)
    back = Warp.projective(np.array([[1.0, 0, -0.5], [0, 1, 0], [0, 0, 1]]), size)
    once = warp_page(record_page, half.then(back), (0, 0, 0))
    np.testing.assert_array_equal(once.image, record_page.image)


@settings(max_examples=15, deadline=None)
@given(
    angle_deg=st.floats(-25, 25), direction_deg=st.floats(-90, 90), tilt_deg=st.floats(0, 25), towards=st.floats(0, 360)
)
def test_sources_are_where_the_map_comes_from(
    angle_deg: float, direction_deg: float, tilt_deg: float, towards: float, record_page: Page
) -> None:
    camera = Camera(distance_mm=350, tilt_deg=tilt_deg, tilt_towards_deg=towards, size_px=(500, 400))
    folds = [Fold(direction_deg=direction_deg, offset_mm=10, angle_deg=angle_deg)]
    table = displacement_table(record_page, folded_sheet(record_page, folds))
    warp = raised_warp(record_page, camera.aimed_at(record_page, 0.9), table)
    points = np.random.default_rng(0).uniform(0, (500, 400), (200, 2))
    np.testing.assert_allclose(warp.forward(find_sources(warp, points)), points, atol=0.03)
    nodes = coarse_nodes(500, 400)
    np.testing.assert_allclose(warp.forward(source_map(warp).reshape(-1, 2)), nodes.reshape(-1, 2), atol=0.03)


def test_overhead_camera_sees_a_flat_page_as_it_is(record_page: Page) -> None:
    warp = raised_warp(
        record_page, overhead(record_page), displacement_table(record_page, folded_sheet(record_page, []))
    )
    points = record_page.grid_points_px.reshape(-1, 2)
    np.testing.assert_allclose(warp.forward(points), points, atol=1e-3)


def test_coarse_fields_enlarge_to_the_place_of_each_pixel() -> None:
    nodes = coarse_nodes(37, 21).astype(np.float32)
    full = enlarge(nodes, 37, 21)
    x, y = np.meshgrid(np.arange(37), np.arange(21))
    np.testing.assert_allclose(full, np.stack((x, y), axis=-1), atol=1e-4)


def test_light_scales_levels_and_may_exceed_one() -> None:
    image = np.full((30, 50, 3), 100, np.uint8)
    nodes = coarse_nodes(50, 30)
    np.testing.assert_array_equal(shine(image, np.full(nodes.shape[:2], 0.5)), 50)
    np.testing.assert_array_equal(shine(image, np.full(nodes.shape[:2], 1.2)), 120)
    np.testing.assert_array_equal(shine(image, np.ones((*nodes.shape[:2], 3)) * (1, 0.5, 0.1))[5, 5], [100, 50, 10])


def test_strips_join_without_a_seam() -> None:
    image = np.random.default_rng(1).integers(0, 256, (150, 40, 3), dtype=np.uint8)
    joined = in_strips(image, lambda rows: blur(rows, 1.0), reach_px=2)
    np.testing.assert_array_equal(joined, blur(image, 1.0))
