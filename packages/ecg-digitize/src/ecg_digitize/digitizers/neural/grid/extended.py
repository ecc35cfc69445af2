"""A mesh carried on as far as a picture goes: paper does not end where its grid does, and words stand beyond it."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_digitize.digitizers.neural.grid.homography import apply_homography, flat_map, lattice_points
from ecg_digitize.digitizers.neural.grid.mesh import Mesh


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
