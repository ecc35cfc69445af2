"""Many homographies at once, each fitted to a handful of points."""

from __future__ import annotations

import numpy as np

MIN_POINTS = 4


def fit_homographies(source: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Homographies that take source points to target points, by weighted linear least squares.

    Both are moved and scaled to lie about the origin first, which makes the fit well conditioned
    (Hartley 1997, In defence of the eight-point algorithm).

    Args:
        source: shape (fits, points, 2).
        target: the same; what has no weight may be NaN.
        weights: shape (fits, points), not negative; at least `MIN_POINTS` above 0 in every fit, no three of the
            four on a line.

    Returns:
        Shape (fits, 3, 3); NaN where the points do not determine it.
    """
    usable = weights > 0
    source, target = (np.where(usable[..., None], points, 0.0) for points in (source, target))
    to_source, near_source = _normalised(source, weights)
    to_target, near_target = _normalised(target, weights)
    solved = _solve(*_normal_equations(near_source, near_target, weights))
    inner = np.concatenate((solved, np.ones((len(solved), 1))), axis=1).reshape(-1, 3, 3)
    inner[usable.sum(axis=1) < MIN_POINTS] = np.nan
    fitted: np.ndarray = np.linalg.inv(to_target) @ inner @ to_source
    return fitted


def apply_homographies(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points through homographies, one each: shapes (n, 3, 3) and (n, 2) to (n, 2)."""
    x, y = points.T
    moved = matrices[:, :, 0] * x[:, None] + matrices[:, :, 1] * y[:, None] + matrices[:, :, 2]
    return np.asarray(moved[:, :2] / moved[:, 2:])


def apply_homography(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points, shape (..., 2), all through one homography."""
    flat = points.reshape(-1, 2)
    return apply_homographies(np.broadcast_to(matrix, (len(flat), 3, 3)), flat).reshape(points.shape)


def lattice_points(shape: tuple[int, int], first: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Column and row of every crossing of a lattice, float64, shape (rows, columns, 2).

    Args:
        shape: its rows and columns.
        first: the row and column of it that is counted as 0.
    """
    column, row = np.meshgrid(np.arange(shape[1]) - first[1], np.arange(shape[0]) - first[0])
    return np.stack((column, row), axis=-1).astype(float)


def flat_map(points: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The homography from lattice to picture that fits all crossings of a mesh best, shape (3, 3); as `flat_points`."""
    lattice = lattice_points(points.shape[:2])
    weights = np.ones(points.shape[:2]) if weights is None else weights
    return fit_homographies(lattice.reshape(1, -1, 2), points.reshape(1, -1, 2), weights.reshape(1, -1))[0]


def flat_points(points: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Where the crossings of a mesh would lie on a flat page, by all of them together.

    Args:
        points: shape (rows, columns, 2); what has no weight may be NaN.
        weights: what each counts, shape (rows, columns); by default all the same.
    """
    return apply_homography(flat_map(points, weights), lattice_points(points.shape[:2]))


def _normalised(points: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrices that move each set of points about the origin, and the points moved."""
    total = np.maximum(weights.sum(axis=1), 1e-12)
    centre = (points * weights[..., None]).sum(axis=1) / total[:, None]
    away = points - centre[:, None]
    spread = np.sqrt(((away**2).sum(axis=2) * weights).sum(axis=1) / total)
    scale = 1 / np.maximum(spread, 1e-12)
    matrices = np.zeros((len(points), 3, 3))
    matrices[:, 0, 0] = matrices[:, 1, 1] = scale
    matrices[:, :2, 2] = -centre * scale[:, None]
    matrices[:, 2, 2] = 1
    return matrices, away * scale[:, None, None]


def _normal_equations(source: np.ndarray, target: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of the least squares in the eight unknowns, (fits, 8, 8) and (fits, 8).

    A point (x, y) that goes to (u, v) gives two equations: of the first three unknowns and the last two, whose factors
    are (x, y, 1) and -u (x, y), with the side u; and of the next three and the last two likewise with v.
    """
    points = np.concatenate((source, np.ones((*source.shape[:2], 1))), axis=-1)
    weighted = (points * weights[..., None]).swapaxes(1, 2)
    matrices, sides = np.zeros((len(source), 8, 8)), np.zeros((len(source), 8))
    affine = weighted @ points
    for axis, own in enumerate((slice(0, 3), slice(3, 6))):
        aims = target[..., axis : axis + 1]
        matrices[:, own, own] = affine
        matrices[:, own, 6:] = -weighted @ (aims * source)
        matrices[:, 6:, own] = matrices[:, own, 6:].swapaxes(1, 2)
        matrices[:, 6:, 6:] += weighted[:, :2] @ (aims**2 * source)
        sides[:, own] = (weighted @ aims)[..., 0]
        sides[:, 6:] -= (weighted[:, :2] @ aims**2)[..., 0]
    return matrices, sides


def _solve(matrices: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Solutions, a little regularised, so that one set of points on a line does not spoil the others."""
    size = np.trace(matrices, axis1=1, axis2=2) / matrices.shape[1]
    ridge = 1e-10 * np.maximum(size, 1e-12)[:, None, None] * np.eye(matrices.shape[1])
    return np.asarray(np.linalg.solve(matrices + ridge, sides[..., None])[..., 0])
