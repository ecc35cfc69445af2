"""Ink that two rows both claim: a trace belongs to one row, so the other one releases it.

Where a row's own trace is faint for a moment, the likeliest path may be that along the next row's. Two rows may cross
where a complex is tall, but they never run together.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from scipy.ndimage import uniform_filter1d

from ecg_core.curves import runs_of

TOGETHER_PX = 6
"""Paths that are no farther from each other in a column take the same ink."""

LEAST_COLUMNS = 8
"""So long they must run together: two tall complexes that cross meet in fewer columns."""

BESIDE_PX, BESIDE_COLUMNS = 16, 4
"""Rows and columns about the other row's path whose ink is released."""


def without_what_others_have(shares: np.ndarray, tops_px: Sequence[float]) -> np.ndarray:
    """The distributions less what another row has for itself: a place on the paper is hardly two rows'.

    A steep stroke is spread over many rows of its columns, so that the sharp tip of a neighbour's wave beside it may
    seem likelier; the neighbour knows that tip for its own. Where two rows really cross, both have less of that place,
    and still more of it than of any other.

    Args:
        shares: distribution over the rows of every column of some strips, float, shape (strips, rows, columns).
        tops_px: where the strips begin, in rows of the same paper.

    Returns:
        The same shape; what a column lacks of its sum may be anywhere.
    """
    tops, num_rows = np.rint(tops_px).astype(int), shares.shape[1]
    left = shares.copy()
    reach = 2 * TOGETHER_PX + 1
    free = 1 - np.minimum(reach * uniform_filter1d(shares, reach, axis=1, mode="constant"), 1)
    for own, other in permutations(range(len(shares)), 2):
        below = int(tops[other] - tops[own])
        first, after = max(below, 0), min(num_rows + below, num_rows)
        if first < after:
            left[own, first:after] *= free[other, first - below : after - below]
    return left


def release_shared_ink(shares: np.ndarray, paths: np.ndarray, tops_px: Sequence[float], level_px: float) -> np.ndarray:
    """Take from each row the ink that is another one's, as far as its path ran along it.

    Of two paths that run together the one that is nearer to its own level keeps the ink.

    Args:
        shares: distribution over the rows of every column of some strips, float, shape (strips, rows, columns); it is
            changed.
        paths: row of the path in every column, shape (strips, columns).
        tops_px: where the strips begin, in rows of the same paper.
        level_px: row of a strip at which a trace is most of the time.

    Returns:
        Whether each strip was changed, shape (strips,).
    """
    on_paper = paths + np.asarray(tops_px)[:, None]
    away = np.abs(paths - level_px)
    changed = np.zeros(len(paths), bool)
    for loser, keeper in permutations(range(len(paths)), 2):
        together = np.abs(on_paper[loser] - on_paper[keeper]) <= TOGETHER_PX
        for first, last in runs_of(together & (away[loser] > away[keeper])):
            if last - first < LEAST_COLUMNS:
                continue
            for column in range(max(first - BESIDE_COLUMNS, 0), min(last + BESIDE_COLUMNS, paths.shape[1])):
                middle = round(float(on_paper[keeper, column] - tops_px[loser]))
                shares[loser, max(middle - BESIDE_PX, 0) : max(middle + BESIDE_PX + 1, 0), column] = 0
            changed[loser] = True
    return changed
