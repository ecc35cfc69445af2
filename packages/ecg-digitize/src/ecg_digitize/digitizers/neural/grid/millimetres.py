"""Grids told by their lines of every millimetre, where the crossings of large boxes are not seen well.

From a place where the lines are seen clearly the lattice is continued from crossing to crossing: each is expected where
those around it say, and then moved to where lines across and down have it. A page that is bent or folded moves a
crossing by less than half a millimetre from there, so that no line is taken for the one beside. Which fifth lines are
the heavier ones is not asked: nothing on a page depends on it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

from ecg_digitize.digitizers.neural.grid.lattice import SIDES, mesh_of
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.grid.waves import WAVE_BOXES, Lens, PaperLines, Start
from ecg_digitize.digitizers.neural.scaling import scaled, to_original

LONGEST_PX = 2400
"""Larger pictures are made so large: a millimetre has pixels enough."""

HALVES_BOXES = (1.5, 2.5)
"""How far lenses see on every side. The first one sees the bend of a page, the second one fainter lines."""

STANDS_OUT = 4.0
"""Lines are seen whose wave is so many times as strong as noise."""

FARTHEST_BOXES = 0.07
"""A crossing lies so near to where it is expected, a third of a millimetre, or it may be one of the lines beside."""

PART, LEAST_OF_PART, STARTS_TRIED = 6, 0.6, 40
"""Crossings across and down of the part at which the lattice begins, the share of them that must be seen, and how many
such parts are tried."""

AROUND, LEAST_AROUND, LEAST_SPREAD = 2, 6, 0.005
"""Crossings on each side by which the next one is expected, how many of them must be known, and how well they must be
spread: those on one line do not tell what lies beside it."""

ENOUGH_CROSSINGS, LEAST_CROSSINGS, MOST_CROSSINGS = 800, 200, 12_000
"""Half a page, beyond which no other beginning is tried; the least that is a grid; and more than a page has."""

_OFFSETS = range(-AROUND, AROUND + 1)
STEPS = [(down, across) for down in _OFFSETS for across in _OFFSETS if (down, across) != (0, 0)]

Place = tuple[int, int]
"""Row and column of a crossing, from that where the lattice began."""


def mesh_by_millimetres(image: np.ndarray) -> Mesh | None:
    """The mesh of large boxes by the lines of every millimetre; None where these are not seen.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """
    scale = min(1.0, LONGEST_PX / max(image.shape[:2]))
    lines = PaperLines(scaled(image, scale))
    lenses = [Lens(lines, half_boxes) for half_boxes in HALVES_BOXES]
    best: dict[Place, np.ndarray] = {}
    for start in lines.starts()[:STARTS_TRIED]:
        best = max(best, _grown(lenses, start), key=len)
        if len(best) >= ENOUGH_CROSSINGS:
            break
    if len(best) < LEAST_CROSSINGS:
        return None
    mesh = mesh_of(best).without_outliers().trimmed()
    return Mesh(to_original(mesh.points_px, scale))


def _grown(lenses: Sequence[Lens], start: Start) -> dict[Place, np.ndarray]:
    """Places in the picture of all crossings that are reached from a start, the clearest first."""
    known = _begun(lenses[0], start)
    if len(known) < LEAST_OF_PART * PART**2:
        return {}
    queue = [(-clear, place) for place, (clear, _) in known.items()]
    heapq.heapify(queue)
    crossings = {place: point for place, (_, point) in known.items()}
    judged: dict[Place, int] = {}
    while queue and len(crossings) < MOST_CROSSINGS:
        _, (row, column) = heapq.heappop(queue)
        for down, across in SIDES:
            place = row + down, column + across
            around = [] if place in crossings else _around(crossings, place)
            if len(around) <= max(judged.get(place, 0), LEAST_AROUND - 1):
                continue
            judged[place] = len(around)
            expected = _expected(crossings, place, around)
            found = None if expected is None else _found(lenses, *expected)
            if found is not None:
                crossings[place] = found[1]
                heapq.heappush(queue, (-found[0], place))
    return crossings


def _begun(lens: Lens, start: Start) -> dict[Place, tuple[float, np.ndarray]]:
    """The crossings of the part at which a lattice begins, and how clearly each is seen.

    Where lines lie in it all its crossings tell together.
    """
    places = [(row, column) for row in range(PART) for column in range(PART)]
    steps = np.array(places)[:, ::-1] - (PART - 1) / 2
    points = start.centre_px + steps @ start.sides_px.T
    away, strengths = zip(*(lens.waves(point, start.sides_px) for point in points), strict=True)
    turns = 2 * np.pi / WAVE_BOXES * np.array(away)
    common = np.angle((np.array(strengths) * np.exp(1j * turns)).sum(axis=0)) / (2 * np.pi) * WAVE_BOXES
    found = (_found([lens], point, start.sides_px) for point in points + start.sides_px @ common)
    return {place: each for place, each in zip(places, found, strict=True) if each is not None}


def _found(lenses: Sequence[Lens], expected_px: np.ndarray, sides_px: np.ndarray) -> tuple[float, np.ndarray] | None:
    """How clearly a crossing is seen, and where; None where the lines are not, or are others."""
    for lens in lenses:
        away, strength = lens.waves(expected_px, sides_px)
        if strength.min() >= STANDS_OUT and np.abs(away).max() <= FARTHEST_BOXES:
            return float(strength.min()), expected_px + sides_px @ away
    return None


def _around(crossings: dict[Place, np.ndarray], place: Place) -> list[Place]:
    """How far the known crossings about a place lie from it, in rows and columns."""
    return [step for step in STEPS if (place[0] + step[0], place[1] + step[1]) in crossings]


def _expected(
    crossings: dict[Place, np.ndarray], place: Place, around: Sequence[Place]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Where a crossing lies by the plane through those about it, and the sides of its box; None where they lie on a
    line."""
    steps = np.array(around, float)
    points = np.array([crossings[place[0] + down, place[1] + across] for down, across in around])
    weights = 1 / (steps**2).sum(axis=1)
    plane = np.column_stack((np.ones(len(steps)), steps[:, 1], steps[:, 0]))
    sums = (plane * weights[:, None]).T @ plane
    if np.linalg.cond(sums) > 1 / LEAST_SPREAD:
        return None
    here, across, down = np.linalg.solve(sums, (plane * weights[:, None]).T @ points)
    return here, np.column_stack((across, down))
