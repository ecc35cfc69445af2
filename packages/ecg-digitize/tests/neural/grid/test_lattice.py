from __future__ import annotations

import numpy as np
import pytest

from ecg_core.errors import DataError
from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_digitize.digitizers.neural.grid.lattice import order_crossings
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_render import render_page


@pytest.fixture(scope="module")
def flat():
    return render_page(synthesize_record(seed=4), dots_per_inch=100)


def scattered(points: np.ndarray, rng: np.random.Generator, *, missing: float, false: float) -> tuple[np.ndarray, ...]:
    """Crossings as a detector gives them, shuffled, and the place of each in the grid, (-1, -1) for false ones."""
    places = np.stack(np.mgrid[: points.shape[0], : points.shape[1]], axis=-1).reshape(-1, 2)
    found = points.reshape(-1, 2) + rng.normal(0, 0.5, (len(places), 2))
    kept = rng.random(len(places)) >= missing
    low, high = found.min(axis=0), found.max(axis=0)
    extra = rng.uniform(low, high, (int(false * len(places)), 2))
    every = np.concatenate((found[kept], extra))
    where = np.concatenate((places[kept], np.full((len(extra), 2), -1)))
    order = rng.permutation(len(every))
    return every[order], where[order]


def share_in_place(mesh: Mesh, points: np.ndarray, places: np.ndarray) -> float:
    """Share of the true crossings that stand where they belong, whatever the first row and column are."""
    rows, columns = np.nonzero(mesh.found)
    index = {tuple(point): number for number, point in enumerate(points)}
    numbers = [index[tuple(point)] for point in mesh.points_px[rows, columns]]
    offset = places[numbers] - np.stack((rows, columns), axis=1)
    true = places[numbers][:, 0] >= 0
    common = np.median(offset[true], axis=0)
    return float((offset[true] == common).all(axis=1).sum() / (places[:, 0] >= 0).sum())


@pytest.mark.parametrize("name", ["phone", "phone-crumpled", "curl", "fold", "phone-turned"])
@pytest.mark.parametrize("seed", [0, 1])
def test_crossings_of_photographed_pages_come_in_order(flat, name: str, seed: int) -> None:
    photo = registry().load("degradations", name)(flat, seed)
    rng = np.random.default_rng(seed)
    points, places = scattered(photo.grid_points_px, rng, missing=0.1, false=0.03)
    assert share_in_place(order_crossings(points), points, places) > 0.97


def test_a_perfect_grid_is_whole() -> None:
    grid = np.stack(np.meshgrid(np.arange(20) * 10.0, np.arange(9) * 10.0), axis=-1)
    mesh = order_crossings(np.random.default_rng(0).permutation(grid.reshape(-1, 2)))
    np.testing.assert_array_equal(mesh.points_px, grid)


def test_a_page_torn_by_a_wide_gap_gives_its_larger_part() -> None:
    grid = np.stack(np.meshgrid(np.arange(20) * 10.0, np.arange(9) * 10.0), axis=-1)
    parts = np.delete(grid, [6, 7], axis=1).reshape(-1, 2)
    assert order_crossings(parts).points_px.shape == (9, 12, 2)


def test_too_few_and_no_grid_are_explained() -> None:
    with pytest.raises(DataError, match="only 5 crossings"):
        order_crossings(np.random.default_rng(0).random((5, 2)))
    with pytest.raises(DataError, match="no regular grid"):
        order_crossings(np.cumsum(np.random.default_rng(0).exponential(30, (200, 2)), axis=0))
