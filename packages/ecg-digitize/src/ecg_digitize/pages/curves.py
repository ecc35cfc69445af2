"""Bézier curves as lines: many short straight pieces that lie on them."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

MOST_PIECES = 200
"""A curve across the whole page that bends all along has about a hundred."""

POINTS_A_CURVE = 3
"""Points that a file has for a curve: two that bend it, and its end."""


@attrs.frozen(eq=False)
class Line:
    """A connected part of a path, of curves of third order; straight pieces are such.

    Attributes:
        corners: float64, shape (curves, 4, 2): beginning, the two points that bend it, end.
        is_curve: bool, shape (curves,): False for those that the file draws straight.
    """

    corners: np.ndarray
    is_curve: np.ndarray


def connected_lines(begins: np.ndarray, bends: np.ndarray, points: np.ndarray) -> Iterator[Line]:
    """The connected parts of a path that have any length.

    Args:
        begins: bool, shape (points,): where a part begins.
        bends: bool, shape (points,): which points are of curves; three that follow each other are one.
        points: float64, shape (points, 2).
    """
    starts = np.union1d(np.flatnonzero(begins), [0])
    for first, last in zip(starts, [*starts[1:], len(points)], strict=True):
        if last - first < 2:
            continue
        own, is_bent = points[first:last], bends[first:last]
        ends = _ends(is_bent)
        is_curve = is_bent[ends]
        before = own[np.concatenate(([0], ends[:-1]))]
        one = np.where(is_curve[:, None], own[np.maximum(ends - 2, 0)], before)
        two = np.where(is_curve[:, None], own[np.maximum(ends - 1, 0)], own[ends])
        if len(ends):
            yield Line(np.stack((before, one, two, own[ends]), axis=1), is_curve)


def flattened(line: Line, tolerance: float) -> tuple[np.ndarray, int]:
    """Points of a line of straight pieces that lie no further from it than the tolerance, and how many the file has.

    A curve that is straight all along becomes one piece.
    """
    first, one, two, last = line.corners.transpose(1, 0, 2)
    bend = np.maximum(np.hypot(*(first - 2 * one + two).T), np.hypot(*(one - 2 * two + last).T))
    counts = np.ceil(
        np.sqrt(0.75 * bend / tolerance)
    )  # the chord of a piece is off by an eighth of its second derivative
    counts[~line.is_curve | _are_straight(line.corners, tolerance)] = 1
    counts = np.clip(np.nan_to_num(counts, nan=1, posinf=MOST_PIECES), 1, MOST_PIECES).astype(int)
    which = np.repeat(np.arange(len(counts)), counts)
    done = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    t = (done / counts[which])[:, None]
    points = (
        (1 - t) ** 3 * first[which]
        + 3 * (1 - t) ** 2 * t * one[which]
        + 3 * (1 - t) * t**2 * two[which]
        + t**3 * last[which]
    )
    is_end = done == counts[which]
    points[is_end] = last
    num_given = 1 + int(np.where(line.is_curve, POINTS_A_CURVE, 1).sum())
    return np.concatenate((first[:1], points)), num_given


def _ends(is_bent: np.ndarray) -> np.ndarray:
    """Which points are ends of pieces: every straight one but the first, and each third of a run of bent ones."""
    run = np.zeros(len(is_bent), int)
    at = np.arange(len(is_bent))
    begun = np.maximum.accumulate(np.where(is_bent & ~np.concatenate(([False], is_bent[:-1])), at, 0))
    run[is_bent] = (at - begun)[is_bent] % POINTS_A_CURVE
    ends = np.flatnonzero(np.where(is_bent, run == POINTS_A_CURVE - 1, True))
    return ends[ends > 0]


def _are_straight(corners: np.ndarray, tolerance: float) -> np.ndarray:
    """Which curves run straight from their beginning to their end, however fast."""
    along = corners[:, 3] - corners[:, 0]
    inner = corners[:, 1:3] - corners[:, :1]
    share = (inner * along[:, None]).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-18)[:, None]
    off = np.hypot(*(inner - share[..., None] * along[:, None]).transpose(2, 0, 1)).max(axis=1)
    return (off <= tolerance) & (share >= 0).all(axis=1) & (share <= 1).all(axis=1)
