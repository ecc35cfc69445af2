"""A mesh carried on: paper does not end where its grid does; words stand beyond it, and traces where none was seen."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_digitize.digitizers.neural.grid.homography import apply_homography, flat_map, lattice_points
from ecg_digitize.digitizers.neural.grid.mesh import Mesh

PX_PER_BOX = 4.0
"""Scale at which ink beyond a mesh is looked at."""

OF_A_LINE, BARE_BOXES = 0.25, 2
"""Where so much ink lies as boxes of a line of the mesh have in the mean, traces go on; less are words and stains. So
many boxes with less may lie between; words of head and foot stand farther away mostly."""


@attrs.frozen(eq=False)
class ExtendedMesh:
    """A mesh that reaches beyond another one.

    Attributes:
        mesh: the larger one.
        first: column and row of it that are the first ones of the smaller one.
    """

    mesh: Mesh
    first: tuple[int, int]


def extended(mesh: Mesh, size_px: tuple[int, int], most_boxes: int) -> ExtendedMesh:
    """The mesh and the lattice beyond it as far as the picture shows it, by the homography that fits all of the mesh.

    Args:
        mesh: a mesh without holes.
        size_px: width and height of the picture.
        most_boxes: so far beyond each side at most: a page that is not flat is somewhere else farther away.
    """
    rows, columns = mesh.points_px.shape[:2]
    lattice = lattice_points((rows, columns))
    matrix = flat_map(mesh.points_px)
    width, height = size_px
    corners_px = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    corners = apply_homography(np.linalg.inv(matrix), corners_px)
    before = np.clip(np.ceil(-corners.min(axis=0)), 0, most_boxes).astype(int)
    behind = np.clip(np.ceil(corners.max(axis=0) - (columns - 1, rows - 1)), 0, most_boxes).astype(int)
    (left, top), (right, bottom) = before.tolist(), behind.tolist()
    larger = lattice_points((rows + top + bottom, columns + left + right), (top, left))
    nearest = larger.clip(0, (columns - 1, rows - 1)).astype(int)
    bent_px = (mesh.points_px - apply_homography(matrix, lattice))[nearest[..., 1], nearest[..., 0]]
    return ExtendedMesh(Mesh(apply_homography(matrix, larger) + bent_px), (left, top))


def over_ink(mesh: Mesh, ink: np.ndarray, most_boxes: int) -> Mesh:
    """The mesh carried on to where as much ink lies as on it, so that what was seen of no grid is read as well.

    Args:
        mesh: a mesh without holes.
        ink: ink of traces, uint8 from 0 to 255, shape (height, width).
        most_boxes: so far beyond each side at most.
    """
    rows, columns = mesh.points_px.shape[:2]
    larger = extended(mesh, (ink.shape[1], ink.shape[0]), most_boxes)
    (left, top), points_px = larger.first, larger.mesh.points_px
    per_box = round(PX_PER_BOX)
    down, across = (length - 1 for length in points_px.shape[:2])
    size = (across * per_box, down * per_box)
    flat = larger.mesh.flatten(
        ink, px_per_box=(PX_PER_BOX, PX_PER_BOX), corner=(0.5 / per_box, 0.5 / per_box), size=size
    )
    boxes = flat.reshape(down, per_box, across, per_box).mean(axis=(1, 3))
    first_row, last_row = _reach(boxes.sum(axis=1), top, top + rows - 1)
    first_column, last_column = _reach(boxes.sum(axis=0), left, left + columns - 1)
    return Mesh(points_px[first_row : last_row + 1, first_column : last_column + 1])


def _reach(ink: np.ndarray, first: int, last: int) -> tuple[int, int]:
    """The outermost lines up to which boxes with much ink go on from those that are known, with few bare ones between.

    Args:
        ink: of the boxes between each line and the next.
        first: number of the first line that is known.
        last: that of the last one.
    """
    is_much = ink > OF_A_LINE * ink[first:last].mean()
    before, behind = is_much[:first][::-1], is_much[last:]
    return first - _going_on(before), last + _going_on(behind)


def _going_on(is_much: np.ndarray) -> int:
    """How many boxes from the first on have much ink, but for gaps of a few."""
    reached = 0
    for box in np.flatnonzero(is_much).tolist():
        if box - reached > BARE_BOXES:
            break
        reached = box + 1
    return reached
