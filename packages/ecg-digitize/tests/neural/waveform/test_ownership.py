from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.waveform.columns import decode
from ecg_digitize.digitizers.neural.waveform.ownership import (
    BESIDE_PX,
    LEAST_COLUMNS,
    release_shared_ink,
    without_what_others_have,
)

ROWS, COLUMNS, LEVEL_PX, APART_PX = 400, 200, 200.0, 180
TOPS_PX = [0.0, float(APART_PX)]
"""The lower row's strip begins 180 rows below the upper one's, whose level is at its row 20."""


def paths(stretch: slice) -> np.ndarray:
    """The lower path leaves its level for that of the upper row."""
    both = np.full((2, COLUMNS), LEVEL_PX)
    both[1, stretch] = LEVEL_PX - APART_PX
    return both


def uniform() -> np.ndarray:
    return np.full((2, ROWS, COLUMNS), 1 / ROWS)


def test_the_row_that_is_far_from_its_level_lets_go() -> None:
    shares = uniform()
    assert release_shared_ink(shares, paths(slice(80, 100)), TOPS_PX, LEVEL_PX).tolist() == [False, True]
    assert (shares[0] > 0).all()
    upper_px = int(LEVEL_PX) - APART_PX
    assert (shares[1, upper_px - BESIDE_PX : upper_px + BESIDE_PX + 1, 80:100] == 0).all()
    assert (shares[1, upper_px + BESIDE_PX + 1 :] > 0).all()
    assert (shares[1, :, :70] > 0).all()
    assert (shares[1, :, 110:] > 0).all()


def test_two_traces_may_cross() -> None:
    shares = uniform()
    assert not release_shared_ink(shares, paths(slice(80, 80 + LEAST_COLUMNS - 1)), TOPS_PX, LEVEL_PX).any()
    assert (shares > 0).all()


def logits(rows_px: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Bells at some rows with some shares, and what is left of 1 for nothing there; shape (1, rows + 1, columns)."""
    numbers = np.arange(ROWS)[:, None]
    shares = np.full((ROWS + 1, COLUMNS), 1e-6)
    for centre, share in rows_px:
        bell = np.exp(-0.5 * ((numbers - centre) / 2.0) ** 2)
        shares[:-1] += share * bell / bell.sum(axis=0)
    shares[-1] += 1 - sum(share for _, share in rows_px)
    return np.log(shares)[None].astype(np.float32)


def test_where_the_own_trace_fades_the_next_one_is_not_taken() -> None:
    fades = np.where((np.arange(COLUMNS) >= 80) & (np.arange(COLUMNS) < 110), 0.0, 1.0)
    own, other = np.full(COLUMNS, LEVEL_PX), np.full(COLUMNS, LEVEL_PX - APART_PX)
    upper = logits([(own, np.full(COLUMNS, 0.99))])
    lower = logits([(own, 0.98 * fades), (other, 0.3 * (1 - fades))])
    both = np.concatenate((upper, lower))
    alone = decode(lower, LEVEL_PX, [0.0])[0].row_px
    assert np.abs(alone - LEVEL_PX).max() > APART_PX / 2  # that is how it went wrong
    first, second = decode(both, LEVEL_PX, TOPS_PX)
    np.testing.assert_allclose(first.row_px, LEVEL_PX, atol=0.1)
    np.testing.assert_allclose(second.row_px, LEVEL_PX, atol=4)
    assert second.certainty[95] < 0.05
    assert second.presence[95] == pytest.approx(0.3, abs=0.01)


def bell(row_px: float, share: float) -> np.ndarray:
    """A column of a distribution, shape (rows, 1), with so much of it about a row."""
    shape = np.exp(-0.5 * ((np.arange(ROWS) - row_px) / 2) ** 2)
    return (share * shape / shape.sum())[:, None]


def test_what_is_surely_another_rows_is_left_to_it() -> None:
    """The lower row is more for the tip of a wave of the upper one than for its own steep stroke."""
    tip_px, stroke_px = 300.0, 190.0
    upper = bell(tip_px, 0.95)
    lower = bell(tip_px - APART_PX, 0.7) + bell(stroke_px, 0.3)
    left = without_what_others_have(np.array([upper, lower]), TOPS_PX)
    assert left[1].argmax() == stroke_px
    assert left[1, :150].sum() == pytest.approx(0.7 * 0.05, abs=0.02)
    assert left[1, 150:].sum() == pytest.approx(0.3, abs=0.01)
    assert left[0].argmax() == tip_px


def test_where_two_rows_cross_both_stay_where_they_do() -> None:
    cross_px = 300.0
    both = np.array([bell(cross_px, 0.9), bell(cross_px - APART_PX, 0.8)])
    left = without_what_others_have(both, TOPS_PX)
    assert left.argmax(axis=1).ravel().tolist() == [cross_px, cross_px - APART_PX]


def test_rows_that_share_no_paper_leave_each_other_everything() -> None:
    both = np.array([bell(300.0, 0.9), bell(100.0, 0.8)])
    np.testing.assert_array_equal(without_what_others_have(both, [0.0, float(ROWS)]), both)
