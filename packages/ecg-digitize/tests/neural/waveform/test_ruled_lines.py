from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.digitizers.neural.waveform.ruled_lines import is_trace_beside, ruled_line_px, without_line

LEVEL_PX = 204.0
WAVES = LEVEL_PX - 40 * np.maximum(np.sin(np.arange(400) / 20), 0)


def read(row_px: np.ndarray, presence: float = 1.0) -> Columns:
    ones = np.ones(len(row_px))
    return Columns(row_px=row_px, presence=presence * ones, certainty=ones, margin=ones)


def test_a_straight_line_away_from_the_level_is_ruled_though_some_waves_were_read_between() -> None:
    row_px = np.where(np.arange(400) % 100 < 20, WAVES, LEVEL_PX + 30.4)
    assert ruled_line_px(read(row_px), LEVEL_PX) == pytest.approx(LEVEL_PX + 30.4)


@pytest.mark.parametrize(
    "row_px",
    [np.full(400, LEVEL_PX + 2), LEVEL_PX + 60 - WAVES / 4, WAVES],
    ids=["flat, at its level", "off its level, with waves", "as most are"],
)
def test_a_trace_is_no_ruled_line(row_px: np.ndarray) -> None:
    assert ruled_line_px(read(row_px), LEVEL_PX) is None


def test_where_nothing_was_read_no_line_is() -> None:
    assert ruled_line_px(read(np.full(400, 234.0), presence=0.0), LEVEL_PX) is None


def test_a_line_is_painted_over_and_a_wave_that_crosses_it_stays() -> None:
    strip = np.full((384, 50, 3), 240, np.uint8)
    strip[230:240, 20:23] = 0
    strip[233:236] = 0
    painted = without_line(strip, 234.3)
    assert (painted[:, :20] == 240).all()
    assert (painted[230:240, 20:23] == 0).all()
    assert (strip[234] == 0).all(), "the strip itself is left as it was"


def test_a_line_at_the_edge_of_a_strip_is_left() -> None:
    strip = np.zeros((384, 50, 3), np.uint8)
    assert without_line(strip, 2.0) is strip


def test_a_trace_is_beside_a_line_where_it_is_seen_along_it() -> None:
    line = read(np.full(400, 234.0))
    assert is_trace_beside(read(WAVES), line)
    assert not is_trace_beside(read(WAVES, presence=0.2), line)
