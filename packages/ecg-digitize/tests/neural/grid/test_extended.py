"""A mesh carried on beyond its grid, on pages whose whole lattice is known."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.extended import extended, over_ink
from ecg_digitize.digitizers.neural.grid.homography import apply_homography, lattice_points
from ecg_digitize.digitizers.neural.grid.mesh import Mesh

TILTED = np.array([[40.0, 3.0, 500.0], [-2.0, 42.0, 400.0], [2e-3, 1e-3, 1.0]])
SIZE_PX = (2000, 1500)


def test_a_tilted_page_goes_on_as_it_lies() -> None:
    mesh = Mesh(apply_homography(TILTED, lattice_points((12, 20))))
    larger = extended(mesh, SIZE_PX, most_boxes=30)
    expected = apply_homography(TILTED, lattice_points(larger.mesh.points_px.shape[:2], larger.first[::-1]))
    np.testing.assert_allclose(larger.mesh.points_px, expected, atol=1e-3)


def test_it_covers_the_picture_and_no_more_than_a_box_beyond() -> None:
    mesh = Mesh(50.0 * lattice_points((6, 8)) + (310.0, 205.0))
    larger = extended(mesh, (1000, 700), most_boxes=30).mesh
    assert larger.points_px.min(axis=(0, 1)).tolist() == pytest.approx([-40.0, -45.0])
    assert larger.points_px.max(axis=(0, 1)).tolist() == pytest.approx([1010.0, 705.0])


def test_the_grid_itself_stays_where_it_was_seen_and_its_bends_go_on() -> None:
    """The last line, which is bent to the right, is carried on as far to the right."""
    points = 50.0 * lattice_points((6, 8)) + (310.0, 205.0)
    points[-1, :, 0] += 5.0
    left, top = (found := extended(Mesh(points), (1000, 700), most_boxes=30)).first
    np.testing.assert_allclose(found.mesh.points_px[top : top + 6, left : left + 8], points)
    below = found.mesh.points_px[top + 6, left : left + 8]
    assert (below - points[-1])[:, 1] == pytest.approx(50.0, abs=3)
    assert (below - points[-1])[:, 0] == pytest.approx(0.0, abs=3)


def test_a_page_is_not_carried_on_for_ever() -> None:
    mesh = Mesh(5.0 * lattice_points((6, 8)) + 1000.0)
    assert extended(mesh, (3000, 3000), most_boxes=4).mesh.points_px.shape[:2] == (14, 16)


def test_a_mesh_is_carried_on_over_traces_that_go_on_beyond_it_and_not_over_words() -> None:
    """Rows of traces begin five boxes before the grid that was found; words stand four boxes above it."""
    mesh = Mesh(20.0 * lattice_points((11, 21)) + (300.0, 200.0))
    ink = np.zeros((600, 1000), np.uint8)
    for y in (240, 300, 360):
        ink[y : y + 2, 202:690] = 255
    ink[108:118, 320:600] = 255
    larger = over_ink(mesh, ink, most_boxes=20).points_px
    assert larger[0, 0].tolist() == pytest.approx([200.0, 200.0])
    assert larger[-1, -1].tolist() == pytest.approx([700.0, 400.0])


def test_a_mesh_over_all_ink_stays_as_it_is() -> None:
    mesh = Mesh(20.0 * lattice_points((11, 21)) + (300.0, 200.0))
    ink = np.zeros((600, 1000), np.uint8)
    ink[300:302, 310:690] = 255
    np.testing.assert_allclose(over_ink(mesh, ink, most_boxes=20).points_px, mesh.points_px)
    np.testing.assert_allclose(over_ink(mesh, np.zeros_like(ink), most_boxes=20).points_px, mesh.points_px)
