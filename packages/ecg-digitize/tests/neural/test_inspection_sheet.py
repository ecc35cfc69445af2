from __future__ import annotations

import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.inspection_sheet import CAPTION_PX, WIDTH_PX, draw_mesh, draw_sheet
from ecg_digitize.digitizers.neural.markers.arrangement import Arrangement, Mark
from ecg_digitize.digitizers.neural.markers.rows import PageRows
from ecg_digitize.digitizers.neural.markers.upright import UprightPage

IMAGE = np.full((300, 400, 3), 255, np.uint8)
FLAT = FlatPage(
    mesh=Mesh(np.stack(np.meshgrid(np.arange(20.0), np.arange(15.0)), axis=-1) * 18 + 20),
    paper=np.full((round(90 * PX_PER_MM), round(115 * PX_PER_MM), 3), 255, np.uint8),
    trace=np.zeros((round(90 * PX_PER_MM), round(115 * PX_PER_MM)), np.float32),
    found=0.9,
)
PAGE = UprightPage(FLAT, 5, (Mark("V1", 30.0, 40.0),), (Arrangement("3x4", 0.1, 0.0, (None,)),))


def test_a_sheet_grows_with_every_step_that_came_through() -> None:
    found = {}
    heights = [draw_sheet(IMAGE, found, "not read: no page").shape[0]]
    steps = {
        "flat": {"flat": FLAT},
        "page": {"page": PAGE},
        "rows": {"rows": PageRows("3x4", (20.0, 50.0, 70.0), 10.0, 0.9)},
    }
    for step in steps.values():
        found |= step
        sheet = draw_sheet(IMAGE, found, "good")
        assert sheet.shape[1:] == (WIDTH_PX, 3)
        heights.append(sheet.shape[0])
    assert heights[0] == CAPTION_PX
    assert heights == sorted(heights)
    assert len(set(heights)) == len(heights) - 1  # the rows are drawn into a picture that is there already


def test_the_lines_of_the_grid_lie_where_they_were_found() -> None:
    drawn = draw_mesh(IMAGE, FLAT.mesh)
    scale = WIDTH_PX / IMAGE.shape[1]
    x, y = round((20 + 18) * scale), round((20 + 9) * scale)
    assert (drawn[y, x] != 255).any()
    assert (drawn[y, x + round(9 * scale)] == 255).all()


def test_holes_of_the_grid_are_no_lines() -> None:
    points = FLAT.mesh.points_px.copy()
    points[:] = np.nan
    assert (draw_mesh(IMAGE, Mesh(points)) == 255).all()
