"""Meshes whose lines are a millimetre apart, as on paper that has no others."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import of_large_boxes
from ecg_digitize.digitizers.neural.grid.mesh import Mesh


def mesh_of(columns: int, rows: int, box_px: float) -> Mesh:
    return Mesh(np.stack(np.meshgrid(np.arange(columns) * box_px, np.arange(rows) * box_px), axis=-1))


@pytest.mark.parametrize(("columns", "rows"), [(298, 211), (211, 298), (251, 61), (149, 106)])
def test_every_fifth_line_is_taken_of_a_mesh_with_more_paper_than_a_page_has(columns: int, rows: int) -> None:
    """A4 either way up, a piece of a roll, half a sheet."""
    found = of_large_boxes(mesh_of(columns, rows, 8.0))
    assert found.box_px == pytest.approx(40.0)
    assert found.points_px.shape[:2] == (-(-rows // 5), -(-columns // 5))


@pytest.mark.parametrize(("columns", "rows"), [(60, 43), (43, 60), (151, 12), (85, 60)])
def test_pages_and_long_strips_of_large_boxes_stay(columns: int, rows: int) -> None:
    mesh = mesh_of(columns, rows, 40.0)
    assert of_large_boxes(mesh) is mesh
