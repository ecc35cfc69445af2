"""Crossings found here and there in a picture, put in order as rows and columns of a grid.

The order grows from the most regular place outwards, always to the crossing that lies nearest to where it is expected,
so that doubtful places are reached last and from their surest side. What is expected follows from the two steps, across
and down, that are measured afresh at every crossing: the grid may bend and its scale may drift.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.grid.mesh import Mesh

REACH = 0.3
"""How far from its expected place a crossing may lie, by the step that leads there."""

LEAST_CROSSINGS = 30
SEEDS_TRIED = 20
NEIGHBOURS = 4
AROUND = 16
"""Crossings about each among which the next one is sought: the four beside it, and what false ones there may be."""

STEP_MEMORY = 0.5
"""Share of the step before in the one that is measured."""

SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))


class _Field(NamedTuple):
    """All crossings; a place is a complex number, x + iy, and so is a step: a page has thousands, taken one by one.

    Attributes:
        places: places of the crossings.
        near: numbers of those nearest to each, the nearest first.
        away: how far from it these are.
    """

    places: Sequence[complex]
    near: Sequence[Sequence[int]]
    away: Sequence[Sequence[float]]


class _Reached(NamedTuple):
    """A crossing that is expected at a place in the grid.

    Attributes:
        error: how far it lies from where it is expected, by the step that leads there.
        point: number of the crossing.
        row: number of its row of the grid.
        column: number of its column of the grid.
        across: step to the next column, as measured last.
        down: step to the next row.
    """

    error: float
    point: int
    row: int
    column: int
    across: complex
    down: complex


def order_crossings(points_px: np.ndarray) -> Mesh:
    """Order crossings of an upright page.

    Args:
        points_px: float, shape (n, 2): x and y of every crossing found, in any order, some missing, some false.

    Returns:
        The largest mesh that hangs together; rows go down and columns to the right, beginning at its own edge.

    Raises:
        DataError: there are too few crossings, or they form no grid.
    """
    if len(points_px) < LEAST_CROSSINGS:
        raise DataError(f"only {len(points_px)} crossings of grid lines were found; a page has hundreds")
    distances, near = cKDTree(points_px).query(points_px, k=AROUND + 1)
    places = points_px[:, 0] + 1j * points_px[:, 1]
    field = _Field(places.tolist(), near[:, 1:].tolist(), distances[:, 1:].tolist())
    grown: dict[tuple[int, int], int] = {}
    for seed in _most_regular(points_px, near[:, 1 : NEIGHBOURS + 1], distances[:, 1 : NEIGHBOURS + 1]):
        candidate = _grow(field, seed)
        grown = max(grown, candidate, key=len)
        if len(grown) > len(points_px) / 2:
            break
    if len(grown) < LEAST_CROSSINGS:
        raise DataError(f"the {len(points_px)} crossings of lines that were found form no regular grid")
    return mesh_of({place: points_px[number] for place, number in grown.items()})


def _most_regular(points: np.ndarray, near: np.ndarray, distances: np.ndarray) -> list[_Reached]:
    """Crossings whose four neighbours stand like a plus, the best first, with the steps across and down."""
    steps = points[near] - points[:, None]
    evenness = distances.max(axis=1) / np.maximum(distances.min(axis=1), 1e-9)
    balance = np.linalg.norm(steps.sum(axis=1), axis=1) / np.maximum(distances.mean(axis=1), 1e-9)
    found = []
    for index in np.argsort(evenness + balance)[:SEEDS_TRIED]:
        across = max(steps[index], key=lambda step: step[0])
        down = max(steps[index], key=lambda step: step[1])
        if abs(across[0]) > abs(across[1]) and abs(down[1]) > abs(down[0]):
            found.append(_Reached(0.0, int(index), 0, 0, complex(*across), complex(*down)))
    return found


def _grow(field: _Field, seed: _Reached) -> dict[tuple[int, int], int]:
    """Crossing of every place in the grid that is reached from a seed, the surest first."""
    taken: dict[tuple[int, int], int] = {}
    used: set[int] = set()
    serial = count()
    queue = [(seed.error, next(serial), seed)]
    while queue:
        _, _, reached = heapq.heappop(queue)
        place = reached.row, reached.column
        if place in taken or reached.point in used:
            continue
        taken[place] = reached.point
        used.add(reached.point)
        for row_step, column_step in SIDES:
            if (reached.row + row_step, reached.column + column_step) not in taken:
                following = _follow(field, reached, row_step, column_step)
                if following is not None and following.point not in used:
                    heapq.heappush(queue, (following.error, next(serial), following))
    return taken


def _follow(field: _Field, here: _Reached, row_step: int, column_step: int) -> _Reached | None:
    """The crossing one step on, if there is one near where it is expected."""
    step = column_step * here.across + row_step * here.down
    start = field.places[here.point]
    expected = start + step
    off = reach = REACH * abs(step)
    farthest = abs(step) + reach
    point = None
    for each, away in zip(field.near[here.point], field.away[here.point], strict=True):
        if away > farthest:
            break
        beside = abs(field.places[each] - expected)
        if beside < off:
            off, point = beside, each
    if point is None:
        return None
    measured = (field.places[point] - start) * (column_step or row_step)
    across, down = here.across, here.down
    if column_step:
        across = STEP_MEMORY * across + (1 - STEP_MEMORY) * measured
    else:
        down = STEP_MEMORY * down + (1 - STEP_MEMORY) * measured
    return _Reached(off / abs(step), point, here.row + row_step, here.column + column_step, across, down)


def mesh_of(crossings_px: Mapping[tuple[int, int], np.ndarray]) -> Mesh:
    """The mesh of crossings at known places of it.

    Args:
        crossings_px: x and y of each, by its row and column, which may be counted from anywhere.
    """
    places = np.array(list(crossings_px))
    first = places.min(axis=0)
    ordered = np.full((*(places.max(axis=0) - first + 1), 2), np.nan)
    ordered[tuple((places - first).T)] = list(crossings_px.values())
    return Mesh(ordered)
