"""Grids in panels: every lead on a grid of its own, with gaps between that are no whole number of boxes.

All panels lie on one sheet, so their boxes have the same sides; only where each begins has to be found. The largest
one's lattice is continued over the others, and bends as they do.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Self

import attrs
import numpy as np
from scipy.ndimage import median_filter
from scipy.spatial import cKDTree

from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.grid.lattice import order_crossings
from ecg_digitize.digitizers.neural.grid.mesh import Mesh

MOST_PANELS, MOST_MISSES = 40, 3
"""Panels come first among the crossings that are left: where so many grids are none, all others are noise."""

LEAST_LINES, MOST_LOST = 4, 0.2
"""A panel has so many lines at least. Others stand between panels, such as a line of numbers; so many may, of all."""

OTHER_STEP = 0.08
"""Lines that stand farther from each other, or nearer, than their neighbours do, by such a part, are of two panels."""

TAKEN_BOXES = 0.5
"""Crossings so near to those of a panel are its own, or strays beside them."""

LEAST_SEEN = 0.7
"""Share of the crossings of a panel that are seen, at least."""

STRAIGHT_BOXES = 0.06
"""By so much the crossings of a panel may lie off boxes with the same sides as those of all, in the mean."""

PASSES = 2
"""The sides of boxes are those of the largest panel, then those of all that fit."""

BESIDE_BOXES = 0.75
"""A panel says where its own crossings lie and the lines next to them; the sheet says it of what lies farther."""


@attrs.frozen(eq=False)
class Panel:
    """A grid of its own on a sheet of several.

    Attributes:
        mesh: its mesh, without holes.
        num_seen: how many of its crossings were seen.
        first: lattice column and row of the sheet, and parts of them, where its own first ones lie.
    """

    mesh: Mesh
    num_seen: int
    first: tuple[float, float] = (0.0, 0.0)

    @property
    def shape(self) -> tuple[int, int]:
        """Its columns and rows of crossings."""
        rows, columns = self.mesh.points_px.shape[:2]
        return columns, rows


@attrs.frozen(eq=False)
class Sheet:
    """A page whose grid is one or several.

    Attributes:
        mesh: one mesh over all of it, without holes.
        num_seen: how many crossings of its grids were seen.
        found: which share of them that is.
    """

    mesh: Mesh
    num_seen: int
    found: float

    @classmethod
    def of(cls, mesh: Mesh) -> Self:
        """The sheet of one grid alone."""
        return cls(mesh.repaired(), int(mesh.found.sum()), float(mesh.found.mean()))


def lay_sheet(mesh: Mesh, crossings_px: np.ndarray) -> Sheet:
    """The sheet that holds a grid, and all grids beside it with boxes of the same sides.

    Args:
        mesh: the largest grid.
        crossings_px: every crossing that was found, float, shape (n, 2).
    """
    own, others = list(_parted(mesh)), list(_others(mesh, crossings_px))
    if len(own) < 2 and not others:
        return Sheet.of(mesh)
    parts = [_panel(part) for part in own]
    panels = [*parts, *(_panel(part) for other in others for part in _parted(other))]
    largest = max(panels, key=lambda panel: panel.mesh.found.size)
    sides, alike = _sides([largest]), panels
    for _ in range(PASSES):
        alike = [panel for panel in panels if _misfit_boxes(panel, sides) <= STRAIGHT_BOXES]
        sides = _sides(alike or [largest])
    if len(alike) < 2 or any(part not in alike for part in parts):
        return Sheet.of(mesh)
    placed = [_placed(panel, largest, sides) for panel in alike]
    num_seen = sum(panel.num_seen for panel in placed)
    return Sheet(_whole(placed, largest, sides), num_seen, num_seen / sum(panel.mesh.found.size for panel in placed))


def _panel(mesh: Mesh) -> Panel:
    return Panel(mesh.repaired().smoothed(), int(mesh.found.sum()))


def _parted(mesh: Mesh) -> Iterator[Mesh]:
    """The panels of which a mesh is made: of those that nearly touch one goes on into the other."""
    for rows in _stretches(mesh.points_px):
        for columns in _stretches(mesh.points_px.swapaxes(0, 1)):
            yield Mesh(mesh.points_px[rows, columns])


def _stretches(points_px: np.ndarray) -> list[slice]:
    """Which lines hang together, of those that the first axis counts; all where too many would hang on none."""
    with warnings.catch_warnings(category=RuntimeWarning, action="ignore"):
        steps = np.nanmedian(np.linalg.norm(np.diff(points_px, axis=0), axis=-1), axis=1)
    steps = np.where(np.isfinite(steps), steps, np.nanmedian(steps))  # a line of which nothing was seen
    usual = median_filter(steps, size=2 * LEAST_LINES + 1, mode="nearest")
    cuts = 1 + np.flatnonzero(np.abs(steps / usual - 1) > OTHER_STEP)
    edges = [0, *cuts.tolist(), len(points_px)]
    stretches = [slice(first, stop) for first, stop in pairwise(edges) if stop - first >= LEAST_LINES]
    lost = len(points_px) - sum(each.stop - each.start for each in stretches)
    return stretches if lost <= MOST_LOST * len(points_px) else [slice(0, len(points_px))]


def _others(mesh: Mesh, crossings_px: np.ndarray) -> Iterator[Mesh]:
    """Further grids among the crossings that are not those of the largest one."""
    rest, side_px, misses = crossings_px, mesh.box_px, 0
    for _ in range(MOST_PANELS):
        away_px, _ = cKDTree(mesh.points_px[mesh.found]).query(rest) if len(rest) else (np.zeros(0), None)
        rest = rest[away_px > TAKEN_BOXES * side_px]
        try:
            mesh = order_crossings(rest).without_outliers().trimmed()
        except DataError:
            return
        if mesh.found.mean() >= LEAST_SEEN:
            yield mesh
        else:
            misses += 1
        if misses == MOST_MISSES:
            return


def _sides(panels: Sequence[Panel]) -> np.ndarray:
    """The sides of a box of all panels, by least squares, shape (2, 2): a step across, and one down."""
    lattices, points = zip(*(_centred(panel) for panel in panels), strict=True)
    return np.asarray(np.linalg.lstsq(np.concatenate(lattices), np.concatenate(points), rcond=None)[0])


def _centred(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Lattice coordinates and places of the crossings of a panel, about their middles."""
    lattice, points = _lattice(*panel.shape), panel.mesh.points_px.reshape(-1, 2)
    return lattice - lattice.mean(axis=0), points - points.mean(axis=0)


def _lattice(columns: int, rows: int, *, first: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Lattice coordinates, shape (rows * columns, 2), column first."""
    column, row = np.meshgrid(first[0] + np.arange(columns), first[1] + np.arange(rows))
    return np.stack((column, row), axis=-1).reshape(-1, 2).astype(float)


def _misfit_boxes(panel: Panel, sides: np.ndarray) -> float:
    """Root mean square distance of a panel's crossings from where boxes of the given sides have them, in boxes."""
    lattice, points = _centred(panel)
    away_px = np.linalg.norm(points - lattice @ sides, axis=1)
    return float(np.sqrt((away_px**2).mean()) / np.sqrt(abs(np.linalg.det(sides))))


def _placed(panel: Panel, largest: Panel, sides: np.ndarray) -> Panel:
    """A panel with its place on the sheet."""
    middle_px = panel.mesh.points_px.reshape(-1, 2).mean(axis=0) - largest.mesh.points_px.reshape(-1, 2).mean(axis=0)
    middle = middle_px @ np.linalg.inv(sides) + (np.array(largest.shape) - 1) / 2
    first = middle - (np.array(panel.shape) - 1) / 2
    return attrs.evolve(panel, first=(float(first[0]), float(first[1])))


def _whole(panels: Sequence[Panel], largest: Panel, sides: np.ndarray) -> Mesh:
    """One mesh over all panels: each says where crossings lie on it, and the sides of the boxes where none does."""
    firsts = np.array([panel.first for panel in panels])
    lasts = firsts + np.array([panel.shape for panel in panels]) - 1
    first, last = np.floor(firsts.min(axis=0)).astype(int), np.ceil(lasts.max(axis=0)).astype(int)
    columns, rows = last - first + 1
    lattice = _lattice(columns, rows, first=(int(first[0]), int(first[1])))
    middle_px = largest.mesh.points_px.reshape(-1, 2).mean(axis=0)
    points = middle_px + (lattice - (np.array(largest.shape) - 1) / 2) @ sides
    nearest = np.full(len(lattice), BESIDE_BOXES)
    for panel, start, end in zip(panels, firsts, lasts, strict=True):
        beyond = np.maximum(np.maximum(start - lattice, lattice - end), 0).max(axis=1)
        own = beyond < nearest
        points[own] = panel.mesh.to_picture(lattice[own] - start)
        nearest[own] = beyond[own]
    return Mesh(points.reshape(rows, columns, 2))
