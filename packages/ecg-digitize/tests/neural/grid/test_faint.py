"""Lattices through crossings of which many are missed and many are false."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.grid.faint import Lattice, lattice_through
from ecg_digitize.digitizers.neural.grid.lattice import order_crossings

SHAPE = (800, 1100)
ROWS, COLUMNS, BOX_PX = 36, 54, 18.0


def page_points(bend_px: float = 0.0) -> np.ndarray:
    """Crossings of a page askew and in perspective, bent by so much."""
    column, row = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    x, y = BOX_PX * column, BOX_PX * row
    near = 1 + 1.5e-4 * x + 1e-4 * y
    bent = bend_px * np.sin(np.pi * column / COLUMNS)
    return np.stack((60 + (x + 0.08 * y) / near, 90 + (y - 0.06 * x + bent) / near), axis=-1)


def seen(points: np.ndarray, *, share: float, off_px: float, stray: int, seed: int = 3) -> np.ndarray:
    """So many of the crossings, each a little off, and false ones anywhere."""
    rng = np.random.default_rng(seed)
    kept = points.reshape(-1, 2)[rng.random(points[..., 0].size) < share]
    false = rng.uniform((0, 0), SHAPE[::-1], (stray, 2))
    return np.concatenate((kept + rng.normal(0, off_px, kept.shape), false))


def lattice_of(crossings: np.ndarray) -> Lattice | None:
    try:
        mesh = order_crossings(crossings).without_outliers().trimmed()
    except DataError:
        return None
    return lattice_through(mesh, crossings, SHAPE)


@pytest.mark.parametrize("bend_px", [0.0, 12.0])
def test_a_lattice_is_laid_through_crossings_of_which_many_are_missed_and_many_are_false(bend_px: float) -> None:
    """Its crossings lie within a fifteenth of a box of where they are, though each is seen a tenth of a box off."""
    points = page_points(bend_px)
    found = lattice_of(seen(points, share=0.7, off_px=1.3, stray=700))
    assert found is not None
    own, true = found.points_px, cKDTree(points.reshape(-1, 2))
    away_px, _ = true.query(own[found.caught])
    assert np.median(away_px) < BOX_PX / 15
    covered_px, _ = cKDTree(own.reshape(-1, 2)).query(points.reshape(-1, 2))
    assert np.mean(covered_px < 0.2 * BOX_PX) > 0.85
    assert found.seen < 0.8


@pytest.mark.parametrize("number", [1500, 4000])
def test_crossings_anywhere_are_no_grid(number: int) -> None:
    crossings = seen(page_points(), share=0.0, off_px=0.0, stray=number)
    assert lattice_of(crossings) is None


def test_letters_in_lines_are_no_grid() -> None:
    """Lines of writing are even down the page, and not across."""
    rng = np.random.default_rng(5)
    places = [(x, 40 + 18 * line) for line in range(40) for x in np.cumsum(rng.uniform(9, 27, 55)) + 20]
    crossings = np.array(places) + rng.normal(0, 1, (len(places), 2))
    assert lattice_of(crossings) is None


def test_what_lies_on_a_lattice_would_lead_to_it_again_and_what_lies_beside_it_would_not() -> None:
    points = page_points()
    lattice = Lattice(points, np.ones((ROWS, COLUMNS), bool), by_chance=0.1)
    part = points[10:18, 20:28]
    assert lattice.holds(part + 0.1 * BOX_PX)
    assert not lattice.holds(part + 0.5 * BOX_PX)
    assert not lattice.holds(part + 2000.0)
