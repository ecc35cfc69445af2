"""Lines of the grid in what was taken for the ink of traces."""

from __future__ import annotations

import numpy as np

from ecg_digitize.digitizers.neural.grid.line_ink import without_lines

SIDE_PX, ROWS, COLUMNS = 20, 30, 40


def lined(darkness: float) -> np.ndarray:
    """Lines of all boxes, a little beside their place now and then."""
    ink = np.zeros((ROWS * SIDE_PX + 1, COLUMNS * SIDE_PX + 1), np.float32)
    sway = np.random.default_rng(2).integers(0, 2, ROWS)
    ink[np.arange(ROWS) * SIDE_PX + sway] = darkness
    ink[:, :-1:SIDE_PX] = darkness
    return ink


def test_lines_go_and_traces_stay_also_where_they_run_along_a_line() -> None:
    x = np.arange(100, 700)
    wave = np.rint(300 + 35 * np.sin(x / 40)).astype(int)
    trace = np.zeros_like(lined(0.0))
    trace[wave, x] = 1.0
    trace[12 * SIDE_PX, 100:700] = 1.0  # a calm lead on a line of the grid
    found = without_lines(np.maximum(lined(0.4), trace), SIDE_PX)
    bare = found[: ROWS * SIDE_PX, : COLUMNS * SIDE_PX][trace[: ROWS * SIDE_PX, : COLUMNS * SIDE_PX] == 0]
    assert np.mean(bare > 0.1) < 0.01
    assert np.median(found[trace == 1]) >= 0.59
    assert np.median(found[wave, x]) == 1.0


def test_a_page_without_lines_keeps_its_ink() -> None:
    trace = np.zeros((ROWS * SIDE_PX + 1, COLUMNS * SIDE_PX + 1), np.float32)
    trace[200:203, 50:750] = 0.8
    np.testing.assert_array_equal(without_lines(trace, SIDE_PX), trace)
    few = np.full((3 * SIDE_PX, 3 * SIDE_PX), 0.5, np.float32)
    assert without_lines(few, SIDE_PX) is few
