"""Bézier curves as straight pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.pages.pdf_curves import MAX_PIECES, flattened, num_pieces

COORDINATE = st.floats(-50.0, 50.0)
CORNERS = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=4, max_size=4)


def along(corners: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Points of a curve by de Casteljau's construction."""
    level = corners[:, None, :] * np.ones((1, len(t), 1))
    while len(level) > 1:
        level = level[:-1] * (1 - t)[:, None] + level[1:] * t[:, None]
    return level[0]


def from_line(points: np.ndarray, line: np.ndarray) -> float:
    """How far the farthest of some points is from a line of straight pieces."""
    first, step = line[:-1], np.diff(line, axis=0)
    length2 = np.maximum((step**2).sum(axis=1), 1e-18)
    share = np.clip(((points[:, None] - first) * step).sum(axis=2) / length2, 0, 1)
    return float(np.linalg.norm(points[:, None] - first - share[..., None] * step, axis=2).min(axis=1).max())


@given(st.lists(CORNERS, min_size=1, max_size=4), st.sampled_from([0.05, 0.5]))
def test_no_curve_is_further_from_its_pieces_than_the_tolerance(curves, tolerance):
    quads = np.array(curves).transpose(1, 0, 2)
    pieces = num_pieces(quads, tolerance)
    parts = np.split(flattened(quads, pieces), np.cumsum(pieces)[:-1])
    for corners, part in zip(quads.transpose(1, 0, 2), parts, strict=True):
        line = np.concatenate((corners[:1], part))
        assert (part[-1] == corners[3]).all()
        assert from_line(along(corners, np.linspace(0, 1, 200)), line) <= tolerance + 1e-9


def test_what_is_straight_is_one_piece():
    quads = np.array([(0, 0), (3, 0.001), (9, -0.001), (10, 0)], float)[:, None]
    assert num_pieces(quads, 0.01) == [1]


def test_what_runs_back_on_itself_is_not_straight():
    quads = np.array([(0, 0), (30, 0), (-20, 0), (10, 0)], float)[:, None]
    assert num_pieces(quads, 0.01) > [1]


@pytest.mark.parametrize("far", [1e30, 3e38, np.inf, np.nan])
def test_curves_beyond_all_paper_have_few_pieces(far):
    quads = np.array([(0, 0), (far, far), (-far, 0), (10, 0)], float)[:, None]
    assert 1 <= num_pieces(quads, 0.01)[0] <= MAX_PIECES
    assert (flattened(quads, num_pieces(quads, 0.01))[-1] == (10, 0)).all()
