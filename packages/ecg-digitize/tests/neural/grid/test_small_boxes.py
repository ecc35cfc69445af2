"""Meshes whose lines are a millimetre apart, as on paper that has no others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.box_size import of_large_boxes
from ecg_digitize.digitizers.neural.grid.mesh import Mesh

BARE = np.full((64, 64, 3), 255, np.uint8)


def mesh_of(columns: int, rows: int, box_px: float) -> Mesh:
    return Mesh(np.stack(np.meshgrid(np.arange(columns) * box_px, np.arange(rows) * box_px), axis=-1))


@pytest.mark.parametrize(("columns", "rows"), [(298, 211), (211, 298), (251, 61), (149, 106)])
def test_every_fifth_line_is_taken_of_a_mesh_with_more_paper_than_a_page_has(columns: int, rows: int) -> None:
    """A4 either way up, a piece of a roll, half a sheet."""
    found = of_large_boxes(mesh_of(columns, rows, 8.0), BARE, 1.0)
    assert found.box_px == pytest.approx(40.0)
    assert found.points_px.shape[:2] == (-(-rows // 5), -(-columns // 5))


@pytest.mark.parametrize(("columns", "rows"), [(60, 43), (43, 60), (151, 12), (85, 60)])
def test_pages_and_long_strips_of_large_boxes_stay(columns: int, rows: int) -> None:
    mesh = mesh_of(columns, rows, 40.0)
    assert of_large_boxes(mesh, BARE, 1.0) is mesh


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("box_px", [8.0, 40.0])
def test_a_strip_that_may_be_of_either_is_told_by_its_letters(box_px: float, scale: float) -> None:
    """100 lines across: 10 cm of small boxes or half a metre of large ones, and letters of 3 mm, 24 pixels."""
    image = np.full((320, 1000, 3), 255, np.uint8)
    for line, text in enumerate(("RR interval 700 ms", "QRS duration 98 ms", "axis 45 degrees")):
        cv2.putText(image, text, (20, 60 + 80 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (30, 30, 30), 2, cv2.LINE_AA)
    found = of_large_boxes(mesh_of(100, 20, scale * box_px), image, scale)
    assert found.box_px == pytest.approx(scale * 40.0)
