"""Sheets on which every lead has a grid of its own, at distances that are no whole number of boxes."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid import panels as of_panels
from ecg_digitize.digitizers.neural.grid.lattice import order_crossings
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.grid.panels import MOST_MISSES, Sheet, lay_sheet

BOX_PX, COLUMNS, ROWS = 20.0, 13, 11
NOISE_PX = 0.3
LEFTS_PX, TOPS_PX = (40.0, 327.0, 615.0), (30.0, 273.0)
"""Panels of 240 x 200 px, 2.35 boxes apart across and 2.15 down."""


def panel(left_px: float, top_px: float, box_px: float = BOX_PX, columns: int = COLUMNS) -> np.ndarray:
    across, down = np.meshgrid(left_px + np.arange(columns) * box_px, top_px + np.arange(ROWS) * box_px)
    return np.stack((across, down), axis=-1)


def panels() -> list[np.ndarray]:
    return [panel(left, top) for top in TOPS_PX for left in LEFTS_PX]


def turned(points: np.ndarray, slope: float = 0.03) -> np.ndarray:
    return points @ np.array([[1.0, slope], [-slope, 1.0]])


def seen(parts: list[np.ndarray], *, missing: float = 0.05, seed: int = 0) -> np.ndarray:
    """Their crossings as the network finds them: some missing, all a little off, in no order."""
    rng = np.random.default_rng(seed)
    points = np.concatenate([part.reshape(-1, 2) for part in parts])
    points = points + rng.normal(0, NOISE_PX, points.shape)
    return rng.permutation(points[rng.random(len(points)) >= missing])


def laid(crossings: np.ndarray) -> tuple[Mesh, Sheet]:
    mesh = order_crossings(crossings).without_outliers().trimmed()
    return mesh, lay_sheet(mesh, crossings)


def side_px(sheet: Sheet, inside: np.ndarray) -> float:
    """How many pixels of the picture a box of the sheet has at a place that lies in it, across."""
    steps = np.diff(sheet.mesh.points_px, axis=1)
    starts = sheet.mesh.points_px[:, :-1]
    nearest = np.linalg.norm(starts + steps / 2 - inside, axis=-1).argmin()
    return float(np.linalg.norm(steps.reshape(-1, 2)[nearest]))


@pytest.mark.parametrize("shape", [np.asarray, turned], ids=["straight", "turned"])
def test_one_sheet_reaches_over_all_panels_and_fits_each(shape) -> None:  # type: ignore[no-untyped-def]
    parts = [shape(part) for part in panels()]
    mesh, sheet = laid(seen(parts))
    assert mesh.found.size < 0.5 * COLUMNS * ROWS * len(parts)  # the largest grid alone is not the page
    assert sheet.num_seen > 0.9 * COLUMNS * ROWS * len(parts)
    every = np.concatenate([part.reshape(-1, 2) for part in parts])
    reached = sheet.mesh.points_px.reshape(-1, 2)
    assert (reached.min(axis=0) <= every.min(axis=0) + 1).all()
    assert (reached.max(axis=0) >= every.max(axis=0) - 1).all()
    for part in parts:
        assert side_px(sheet, part.mean(axis=(0, 1))) == pytest.approx(BOX_PX * np.hypot(1, 0.03), rel=0.02)


def test_distances_over_the_gaps_are_those_of_the_paper() -> None:
    """From the first panel's left edge to the last one's there are 575 px: 28.75 boxes."""
    _, sheet = laid(seen(panels()))
    columns = np.arange(sheet.mesh.points_px.shape[1])
    middle = sheet.mesh.points_px[np.abs(sheet.mesh.points_px[:, 0, 1] - 130).argmin(), :, 0]
    first, last = np.interp([LEFTS_PX[0], LEFTS_PX[2]], middle, columns)
    assert last - first == pytest.approx((LEFTS_PX[2] - LEFTS_PX[0]) / BOX_PX, abs=0.1)


def test_a_page_of_one_grid_stays_as_it_is() -> None:
    mesh, sheet = laid(seen([panel(40.0, 30.0, columns=40)]))
    np.testing.assert_array_equal(sheet.mesh.points_px, mesh.repaired().points_px)
    assert sheet.num_seen == int(mesh.found.sum())
    assert sheet.found == pytest.approx(float(mesh.found.mean()))


def test_a_grid_of_other_boxes_beside_it_is_no_panel_of_the_page() -> None:
    """A table, or another page: its boxes have other sides."""
    mesh, sheet = laid(seen([panel(40.0, 30.0, columns=30), panel(700.0, 30.0, box_px=26.0, columns=10)]))
    assert sheet.mesh.points_px.shape[:2] == mesh.points_px.shape[:2]


def test_a_bent_page_is_not_taken_for_panels() -> None:
    """A fold makes the boxes of one half narrower: neither half has the sides of the other."""
    whole = panel(40.0, 30.0, columns=40)
    folded = whole.copy()
    folded[:, 20:, 0] = folded[:, 20:21, 0] + 0.8 * (whole[:, 20:, 0] - whole[:, 20:21, 0])
    mesh, sheet = laid(seen([folded], missing=0.0))
    np.testing.assert_array_equal(sheet.mesh.points_px, mesh.repaired().points_px)


def test_strays_between_the_panels_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    strays = rng.uniform((0, 0), (860, 480), (40, 2))
    _, sheet = laid(np.concatenate((seen(panels()), strays)))
    assert sheet.num_seen > 0.9 * COLUMNS * ROWS * 6


def test_after_some_grids_that_are_none_no_panel_is_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left over beside the grid of a page is noise, of which ever new grids can be made."""
    mesh, _ = laid(seen([panel(40.0, 30.0, columns=40)]))
    sought: list[int] = []

    def scattered(rest: np.ndarray) -> Mesh:
        sought.append(len(rest))
        points = panel(3000.0, 3000.0)
        points[np.random.default_rng(len(sought)).random(points.shape[:2]) < 0.4] = np.nan
        return Mesh(points)

    monkeypatch.setattr(of_panels, "order_crossings", scattered)
    sheet = lay_sheet(mesh, np.concatenate([mesh.points_px[mesh.found], np.zeros((50, 2))]))
    assert len(sought) == MOST_MISSES
    assert sheet.num_seen == int(mesh.found.sum())
