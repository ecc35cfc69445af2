"""Faint grids: crossings of which many are missed, many are false, and all are seen a little off.

Put in order from neighbour to neighbour, such crossings lead astray after some boxes. But they lie about one lattice
that bends little over the whole page: from a place where it is clear it is continued outwards, and at every step all
crossings so far correct where the next ones are sought. False ones lie anywhere, and a lattice of nothing else would
catch no more of them than chance has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import attrs
import numpy as np
from scipy.ndimage import correlate1d
from scipy.spatial import cKDTree

from ecg_digitize.digitizers.neural.grid.homography import apply_homography, fit_homographies, lattice_points
from ecg_digitize.digitizers.neural.grid.mesh import Mesh, known_lines

WINDOW, STRIDE = 8, 4
"""The lattice is continued from a part of the mesh of so many crossings a side; and how far the parts that are tried
stand from each other."""

STARTS_TRIED, LEAST_OF_WINDOW = 4, 0.5
"""How many parts are tried, and what share of the crossings of one must have been put in order."""

SMALL = 12
"""A part with fewer lines than so many shows no perspective."""

STEPS, MOST_LINES = (2, 4), 150
"""So many lines are added on every side at each step, or, where that finds none, so many: lines beyond some that were
not seen. And so many a lattice has at most."""

REACH = 0.2
"""A crossing belongs to the lattice that lies so near to where that has one, by the side of a box."""

NEARLY_ALL = 0.9
"""A part of a mesh of which so many crossings lie on a lattice is of that lattice."""

TRUSTED_BOXES = 0.1
"""Standard deviation of the crossings of a faint grid, by the side of a box."""

BEND_LINES, LEAST_WEIGHT = 3.0, 0.02
"""Over so many lines the bend of a page is the same, mostly; and what of their weights it takes to tell one."""

LEAST_SLOPE_WEIGHT = LEAST_WEIGHT * BEND_LINES**2
AWAY = np.arange(-4 * BEND_LINES, 4 * BEND_LINES + 1)
BELL = np.exp(-((AWAY / BEND_LINES) ** 2) / 2) / np.exp(-((AWAY / BEND_LINES) ** 2) / 2).sum()
"""How many lines away others are that tell of a bend, and what they count."""

PLANE, SQUARES = ((0, 0), (1, 0), (0, 1)), ((2, 0), (1, 1), (0, 2))
"""Powers of rows and columns of the terms of a plane, and of the products of two of them that are none of these."""

PASSES = 3
LEAST_EDGE = 2.5
"""An outermost line is one if it catches so many times as many crossings as chance would have it."""

LEAST_SEEN, LEAST_LINES = 0.45, 14
"""Share of its crossings that a lattice must catch beyond what chance has of them, and how many lines it has across and
down, at least. Lines of writing come to 0.36, since they are even down the page."""

BEYOND_LINES = 4
"""So many lines are added beyond the last ones that are seen: behind a fold the grid may go on, and so do the rows."""


@attrs.frozen(eq=False)
class Lattice:
    """A lattice laid through crossings.

    Attributes:
        points_px: where it has its crossings, float64, shape (rows, columns, 2).
        caught: whether one was seen at each, shape (rows, columns).
        by_chance: share of its crossings that as many crossings anywhere in the picture would lie near to.
    """

    points_px: np.ndarray
    caught: np.ndarray
    by_chance: float

    @property
    def seen(self) -> float:
        """Share of its crossings that were seen."""
        return float(self.caught.mean())

    @property
    def beyond_chance(self) -> float:
        """The same without what chance has of it."""
        return (self.seen - self.by_chance) / (1 - self.by_chance)

    def holds(self, points_px: np.ndarray) -> bool:
        """Whether places lie about its crossings, nearly all of them, so that they would lead to it again.

        Args:
            points_px: the places, shape (..., 2).
        """
        away_px, _ = cKDTree(self.points_px.reshape(-1, 2)).query(points_px)
        return bool((away_px <= REACH * _side_px(self.points_px)).mean() >= NEARLY_ALL)

    def extended(self, lines: int) -> Self:
        """The lattice with some more lines on every side, as those inside say."""
        points = _continued(self.points_px, self.caught, lines)
        return attrs.evolve(self, points_px=points, caught=np.pad(self.caught, lines))


def lattice_through(mesh: Mesh, crossings_px: np.ndarray, shape: tuple[int, int]) -> Lattice | None:
    """The lattice that a faint grid has; None where crossings lie about none.

    Args:
        mesh: the crossings that could be put in order, some of them wrongly.
        crossings_px: every crossing that was found, float, shape (n, 2).
        shape: height and width of the picture.
    """
    tree = cKDTree(crossings_px)
    grown: list[Lattice] = []
    for points in _starts(mesh):
        if not any(each.holds(points) for each in grown):
            lattice = _grown(points, tree, shape)
            grown += [] if lattice is None else [lattice]
    best = max(grown, key=lambda each: each.caught.sum(), default=None)
    if best is None or min(best.caught.shape) < LEAST_LINES:
        return None
    return best.extended(BEYOND_LINES) if best.beyond_chance >= LEAST_SEEN else None


def _starts(mesh: Mesh) -> Iterator[np.ndarray]:
    """Crossings of the parts of a mesh that are the most regular, each without holes, shape (rows, columns, 2)."""
    rows, columns = mesh.points_px.shape[:2]
    found: list[tuple[float, int, np.ndarray]] = []
    for row in range(0, rows - WINDOW + 1, STRIDE):
        for column in range(0, columns - WINDOW + 1, STRIDE):
            part = mesh.points_px[row : row + WINDOW, column : column + WINDOW]
            known = np.isfinite(part).all(axis=-1)
            if known.mean() >= LEAST_OF_WINDOW:
                flat = _flat(part, known.astype(float), part.shape[:2], (0, 0))
                off = np.linalg.norm(flat - part, axis=-1)[known]
                found.append((float(np.sqrt((off**2).mean())), len(found), flat))
    for _, _, flat in sorted(found)[:STARTS_TRIED]:
        yield flat


def _grown(points: np.ndarray, tree: cKDTree, shape: tuple[int, int]) -> Lattice | None:
    """A lattice continued over the picture as far as crossings lie about it; None where it goes wrong."""
    lattice = _caught(points, tree, shape)
    more = True
    while lattice is not None and more:
        for lines in STEPS:
            larger = _caught(_continued(lattice.points_px, lattice.caught, lines), tree, shape)
            more = larger is not None and larger.caught.size > lattice.caught.size
            if more:
                lattice = larger
                break
    return lattice


def _caught(points: np.ndarray, tree: cKDTree, shape: tuple[int, int]) -> Lattice | None:
    """A lattice moved to the crossings about it, without outermost lines that are none; None where little is left."""
    caught = np.zeros(points.shape[:2], bool)
    for _ in range(PASSES):
        fitted = _through(points, tree)
        if fitted is None:
            return None
        points, caught = fitted
    chance = _by_chance(points, tree.n, shape)
    kept = known_lines(caught, LEAST_EDGE * chance, fewest=1)
    points, caught = points[kept], caught[kept]
    if min(caught.shape) < WINDOW or max(caught.shape) > MOST_LINES:
        return None
    return Lattice(points, caught, chance)


def _through(points: np.ndarray, tree: cKDTree) -> tuple[np.ndarray, np.ndarray] | None:
    """A lattice moved to the crossings about it, and which of its own these are."""
    side_px = _side_px(points)
    away_px, number = tree.query(points, distance_upper_bound=REACH * side_px)
    caught = np.isfinite(away_px)
    if caught.sum() < WINDOW:
        return None
    seen = np.full(points.shape, np.nan)
    seen[caught] = tree.data[number[caught]]
    off = np.where(caught, away_px, 0.0) / side_px
    weights = caught * np.exp(-((off / TRUSTED_BOXES) ** 2) / 2)
    return _smooth(seen, weights, points.shape[:2], (0, 0)), caught


def _smooth(seen: np.ndarray, weights: np.ndarray, shape: tuple[int, int], first: tuple[int, int]) -> np.ndarray:
    """Places of a lattice of some rows and columns by the crossings of a part of it: a flat page, and how it bends.

    Args:
        seen: places of the part, shape (rows, columns, 2); NaN where none was seen.
        weights: what each counts, shape (rows, columns).
        shape: rows and columns of the whole.
        first: the row and column of it where the part begins.
    """
    flat = _flat(seen, weights, shape, first)
    inside = tuple(slice(start, start + length) for start, length in zip(first, weights.shape, strict=True))
    known, bend = np.zeros(shape), np.zeros((*shape, 2))
    known[inside] = weights
    bend[inside] = np.where(weights[..., None] > 0, seen - flat[inside], 0.0)
    return np.asarray(flat + _locally_plane(bend, known))


def _locally_plane(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values smoothed by the plane that fits best to those about each place (local linear regression).

    Args:
        values: shape (rows, columns, 2).
        weights: what each counts, shape (rows, columns).
    """
    one, down, across, down2, both, across2 = (_moment(weights, *powers) for powers in PLANE + SQUARES)
    sides = [[_moment(weights * values[..., axis], *powers) for powers in PLANE] for axis in (0, 1)]
    one, down2, across2 = one + LEAST_WEIGHT, down2 + LEAST_SLOPE_WEIGHT, across2 + LEAST_SLOPE_WEIGHT
    # the height of the plane is the first of its three unknowns, by Cramer's rule
    minors = down2 * across2 - both**2, both * across - down * across2, down * both - down2 * across
    whole = one * minors[0] + down * minors[1] + across * minors[2]
    return np.stack([sum(side * minor for side, minor in zip(own, minors, strict=True)) / whole for own in sides], -1)


def _moment(values: np.ndarray, down: int, across: int) -> np.ndarray:
    """Sum of the values about each place, each times powers of how many rows and columns it lies away."""
    near = BELL * AWAY**down, BELL * AWAY**across
    return np.asarray(correlate1d(correlate1d(values, near[0], 0, mode="constant"), near[1], 1, mode="constant"))


def _flat(seen: np.ndarray, weights: np.ndarray, shape: tuple[int, int], first: tuple[int, int]) -> np.ndarray:
    """Places of a lattice of some rows and columns on a flat page, by the crossings of a part of it."""
    source = lattice_points(weights.shape).reshape(-1, 2)
    matrix = _map(source, seen.reshape(-1, 2), weights.ravel(), is_small=min(weights.shape) < SMALL)
    return apply_homography(matrix, lattice_points(shape, first))


def _map(source: np.ndarray, target: np.ndarray, weights: np.ndarray, *, is_small: bool) -> np.ndarray:
    """The homography from a lattice to a picture, shape (3, 3); for a small part an affine one, for it hardly shows a
    perspective, and what is made up of it leads astray farther on."""
    if not is_small:
        return fit_homographies(source[None], target[None], weights[None])[0]
    root = np.sqrt(weights)[:, None]
    sides = np.column_stack((source, np.ones(len(source))))
    fitted = np.linalg.lstsq(root * sides, np.where(root > 0, root * target, 0.0), rcond=None)[0]
    return np.vstack((fitted.T, [0.0, 0.0, 1.0]))


def _continued(points: np.ndarray, caught: np.ndarray, lines: int) -> np.ndarray:
    """A lattice with some more lines on every side."""
    rows, columns = caught.shape
    return _smooth(points, caught.astype(float), (rows + 2 * lines, columns + 2 * lines), (lines, lines))


def _by_chance(points: np.ndarray, number: int, shape: tuple[int, int]) -> float:
    """Share of the crossings of a lattice that as many crossings anywhere in the picture would lie near to."""
    reached = np.pi * (REACH * _side_px(points)) ** 2
    return float(1 - np.exp(-number * reached / (shape[0] * shape[1])))


def _side_px(points: np.ndarray) -> float:
    """Mean side of a box."""
    return float(np.median(np.linalg.norm(np.diff(points, axis=1), axis=-1)))
