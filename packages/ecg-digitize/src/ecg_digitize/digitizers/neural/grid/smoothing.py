"""A mesh freed of the noise of its crossings, as far as the paper is smooth.

A scan of a flat page is one homography from its lattice, and a thousand crossings fix it far better than the sixteen
around a box; a crumpled page is none. How smooth a page is its crossings tell themselves: what remains after the best
homography is smoothed by penalised least squares on the lattice, solved by cosine transforms, as strongly as
generalised cross-validation finds right, and crossings that do not fit count less (Garcia 2010, Robust smoothing of
gridded data in one and higher dimensions with missing values, doi 10.1016/j.csda.2009.09.020).

All crossings of a printed line are seen a little off by the same, wherever the line falls between the pixels: for the
cross-validation over single crossings that is no noise. On a page that is nearly flat, such as a screenshot, it is most
of what is left over. There what the crossings of a line have in common is smoothed by itself, from line to line.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import dctn, idctn

from ecg_digitize.digitizers.neural.grid.homography import flat_points

STRENGTHS = np.logspace(-2, 1.5, 8)
"""Strengths that are tried of the penalty on the slope of what is left over, from hardly any to one that leaves the
homography alone."""

NEARLY_FLAT_BOXES, LEAST_LINES = 0.05, 5
"""The crossings of a page that is nearly flat lie so near to those of a flat one; it has so many lines at least."""

LINE_STRENGTHS, AS_GOOD = np.logspace(-2, 6, 17), 1.1
"""The same for the penalty on the bend of what lines have in common; the strongest counts that is as good as the best,
but for such a factor: a flat page bends nowhere."""

PASSES = 4
"""Fits, each with the weights that the one before gives."""

TURNS = 8
"""Steps of each weighted fit towards its solution."""

DOUBTED = 12.0
"""Bisquare constant, in standard deviations: 4.7 is usual, but a fold is no outlier."""

ASTRAY, ASTRAY_BOXES = 3.0, 0.04
"""An outermost line is another one, such as the edge of the picture, that lies so many times farther than usual from
where the two before it would have it, and so many boxes."""


def smooth_points(points: np.ndarray) -> np.ndarray:
    """The crossings of a mesh without holes, float64, shape (rows, columns, 2), moved to where they probably are."""
    inner = _without_stray_edges(points)
    if _bends_boxes(inner) <= NEARLY_FLAT_BOXES:
        points = _smoothed_by_lines(inner)
    base = flat_points(points)
    left_over = points - base
    weights = np.ones(points.shape[:2])
    smooth = np.zeros_like(left_over)
    for _ in range(PASSES):
        fits = [_fit(left_over, weights, smooth, strength) for strength in STRENGTHS]
        smooth = min(fits, key=lambda fit: fit[1])[0]
        weights = _bisquare(np.linalg.norm(left_over - smooth, axis=-1))
    return np.asarray(base + smooth)


def _bends_boxes(points: np.ndarray) -> float:
    """Root mean square distance of the crossings from where those of a flat page would lie, in boxes."""
    away = np.linalg.norm(points - flat_points(points), axis=-1)
    return float(np.sqrt((away**2).mean()) / np.median(np.linalg.norm(np.diff(points, axis=1), axis=-1)))


def _smoothed_by_lines(points: np.ndarray) -> np.ndarray:
    """Crossings with what those of a line have in common made smooth from line to line."""
    base = flat_points(points)
    left_over = points - base
    for axis in (0, 1):
        common = left_over.mean(axis=axis, keepdims=True)
        left_over = left_over - common + _smooth_line(common, axis=1 - axis)
    return np.asarray(base + left_over)


def _without_stray_edges(points: np.ndarray) -> np.ndarray:
    """The crossings of a mesh, its outermost lines where those next to them have them, if they are other ones."""
    points = points.copy()
    for lines in (points, points.swapaxes(0, 1)):
        if len(lines) <= LEAST_LINES:
            continue
        bends = np.linalg.norm(np.median(np.diff(lines, n=2, axis=0), axis=1), axis=-1)
        side = float(np.median(np.linalg.norm(np.diff(lines, axis=0), axis=-1)))
        most = max(ASTRAY * float(np.median(bends)), ASTRAY_BOXES * side)
        for edge, first, second in ((0, 1, 2), (-1, -2, -3)):
            if bends[edge] > most:
                lines[edge] = 2 * lines[first] - lines[second]
    return points


def _smooth_line(values: np.ndarray, *, axis: int) -> np.ndarray:
    """What lines have in common, shape (1, lines, 2) or (lines, 1, 2), smoothed from line to line along an axis."""
    length = values.shape[axis]
    frequencies = dctn(values, norm="ortho", axes=(axis,))
    bend = (2 - 2 * np.cos(np.pi * np.arange(length) / length)) ** 2
    passed = 1 / (1 + LINE_STRENGTHS[:, None] * bend)
    power = (frequencies**2).sum(axis=tuple(each for each in range(3) if each != axis))
    scores = ((1 - passed) ** 2 * power).sum(axis=1) / (1 - passed.mean(axis=1)) ** 2
    best = passed[int(np.flatnonzero(scores <= AS_GOOD * scores.min())[-1])]
    shape = [1, 1, 1]
    shape[axis] = length
    return np.asarray(idctn(best.reshape(shape) * frequencies, norm="ortho", axes=(axis,)))


def _fit(left_over: np.ndarray, weights: np.ndarray, smooth: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """A smooth surface through what is left over, and its score in generalised cross-validation.

    Args:
        left_over: shape (rows, columns, 2).
        weights: weight of each crossing, 0 to 1.
        smooth: where to start from.
        strength: strength of the penalty.
    """
    passed = 1 / (1 + strength * _roughness(*weights.shape))
    for _ in range(TURNS if weights.min() < 1 else 1):
        pulled = weights[..., None] * (left_over - smooth) + smooth
        smooth = idctn(passed[..., None] * dctn(pulled, norm="ortho", axes=(0, 1)), norm="ortho", axes=(0, 1))
    misfit = float((weights[..., None] * (left_over - smooth) ** 2).sum())
    return smooth, misfit / (1 - float(passed.mean())) ** 2


def _roughness(rows: int, columns: int) -> np.ndarray:
    """Squared slope of every cosine of a lattice."""
    down, across = (2 - 2 * np.cos(np.pi * np.arange(length) / length) for length in (rows, columns))
    return np.asarray(down[:, None] + across)


def _bisquare(distances: np.ndarray) -> np.ndarray:
    """Weights of crossings so far from where they should be."""
    deviation = np.median(distances) / np.sqrt(2 * np.log(2))  # of a normal distribution in two dimensions
    return np.asarray(np.clip(1 - (distances / max(DOUBTED * deviation, 1e-9)) ** 2, 0, None) ** 2)
