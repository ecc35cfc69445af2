from __future__ import annotations

import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.inspection_sheet import (
    CAPTION_PX,
    RED,
    WIDTH_PX,
    draw_mesh,
    draw_names,
    draw_rows,
    draw_sheet,
)
from ecg_digitize.digitizers.neural.markers.marks import FoundPulse, PageMarks
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.digitizers.neural.waveform.row_reading import GEOMETRY, RowReading
from ecg_digitize.digitizers.structure.evidence import InkRow
from ecg_digitize.digitizers.structure.name_rows import NameGrid
from ecg_digitize.digitizers.structure.naming import NamedRows, Naming, RowNames

IMAGE = np.full((300, 400, 3), 255, np.uint8)
FLAT = FlatPage(
    mesh=Mesh(np.stack(np.meshgrid(np.arange(20.0), np.arange(15.0)), axis=-1) * 18 + 20),
    paper=np.full((round(90 * PX_PER_MM), round(115 * PX_PER_MM), 3), 255, np.uint8),
    trace=np.zeros((round(90 * PX_PER_MM), round(115 * PX_PER_MM)), np.float32),
    found=0.9,
)
MARKS = PageMarks(
    names=(FoundName("V1", (30 * PX_PER_MM, 40 * PX_PER_MM), 0.9),),
    pulses=(FoundPulse(5 * PX_PER_MM, 40 * PX_PER_MM, 5 * PX_PER_MM, 10 * PX_PER_MM, 0.9),),
)
PAGE = UprightPage(
    FLAT,
    5,
    MARKS,
    (InkRow(50.0, 0.2, 10.0, 110.0, 1.0),),
    NamedRows(NameGrid((), (), 0.0, ()), Naming((RowNames(0, ("V1",), (True,)),), 1.0, (), 1.0)),
)
READING = RowReading(
    zero_box=10.0,
    start_box=0.0,
    columns=Columns(np.full(320, GEOMETRY.zero_px), np.ones(320), np.ones(320), np.ones(320)),
    level_px=GEOMETRY.zero_px,
    strip=np.full((GEOMETRY.height_px, 320, 3), 255, np.uint8),
    inside=np.ones(320, bool),
)


def test_a_sheet_grows_with_every_step_that_came_through() -> None:
    found = {}
    heights = [draw_sheet(IMAGE, found, "not read: no page").shape[0]]
    for step in ({"flat": FLAT}, {"page": PAGE}, {"readings": [READING]}):
        found |= step
        sheet = draw_sheet(IMAGE, found, "good")
        assert sheet.shape[1:] == (WIDTH_PX, 3)
        heights.append(sheet.shape[0])
    assert heights[0] == CAPTION_PX
    assert heights == sorted(set(heights))


def test_rows_and_pulses_are_drawn_where_they_were_found() -> None:
    drawn = draw_rows(PAGE)
    px_per_mm = WIDTH_PX / FLAT.trace.shape[1] * PX_PER_MM
    red, green, _ = drawn[round(50 * px_per_mm), round(60 * px_per_mm)]
    assert red > 200 > 100 > green
    left, right, foot = (round(place * px_per_mm) for place in (5, 10, 50))
    beside = drawn[round(45 * px_per_mm)]
    assert (beside[left] != 255).any() and (beside[right] != 255).any()
    assert (beside[(left + right) // 2] == 255).all()
    assert (drawn[foot, (left + right) // 2] != 255).any()


def test_names_are_drawn_where_they_were_found() -> None:
    drawn = draw_names(PAGE)
    x, y = (round(place * PX_PER_MM * WIDTH_PX / FLAT.paper.shape[1]) for place in (30, 40))
    assert tuple(drawn[y, x]) == RED


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
