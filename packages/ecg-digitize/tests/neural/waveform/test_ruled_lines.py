from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.digitizers.neural.waveform.ruled_lines import is_trace_beside, ruled_line_px, without_line

LEVEL_PX = 204.0
PAPER = np.full((384, 400, 3), 240, np.uint8)
WAVES = LEVEL_PX - 40 * np.maximum(np.sin(np.arange(400) / 20), 0)


def read(row_px: np.ndarray, presence: float = 1.0, certainty: float = 1.0) -> Columns:
    ones = np.ones(len(row_px))
    return Columns(row_px=row_px, presence=presence * ones, certainty=certainty * ones, margin=ones)


def test_a_straight_line_away_from_the_level_is_ruled_though_some_waves_were_read_between() -> None:
    row_px = np.where(np.arange(400) % 100 < 20, WAVES, LEVEL_PX + 30.4)
    assert ruled_line_px(read(row_px), PAPER, LEVEL_PX) == pytest.approx(LEVEL_PX + 30.4)


@pytest.mark.parametrize(
    "row_px",
    [np.full(400, LEVEL_PX + 2), LEVEL_PX + 60 - WAVES / 4, WAVES],
    ids=["flat, at its level", "off its level, with waves", "as most are"],
)
def test_a_trace_is_no_ruled_line(row_px: np.ndarray) -> None:
    assert ruled_line_px(read(row_px), PAPER, LEVEL_PX) is None


def with_line(row: int, level: int = 40) -> np.ndarray:
    """Paper with a trace at its level and a line all along."""
    strip = PAPER.copy()
    strip[np.rint(WAVES).astype(int), np.arange(400)] = 90
    strip[row - 1 : row + 2] = level
    return strip


def test_a_stretch_of_a_line_that_goes_through_was_read_in_place_of_the_trace() -> None:
    row_px = np.where((np.arange(400) > 150) & (np.arange(400) < 165), 264.0, WAVES)
    found = read(row_px, certainty=0.6)
    assert ruled_line_px(found, with_line(264), LEVEL_PX) == pytest.approx(264.0)
    assert ruled_line_px(found, with_line(264, level=225), LEVEL_PX) == pytest.approx(264.0)
    assert ruled_line_px(found, PAPER, LEVEL_PX) is None, "no line is there"
    assert ruled_line_px(read(row_px), with_line(264), LEVEL_PX) is None, "the top of a wave, beyond doubt"


def test_the_plateau_of_a_trace_on_a_line_of_a_faint_grid_is_no_line() -> None:
    at = slice(150, 190)
    row_px = WAVES.copy()
    row_px[at] = 164.0
    strip = with_line(164, level=200)
    strip[163:166, at] = 40
    assert ruled_line_px(read(row_px, certainty=0.6), strip, LEVEL_PX) is None


def test_where_nothing_was_read_no_line_is() -> None:
    assert ruled_line_px(read(np.full(400, 234.0), presence=0.0), PAPER, LEVEL_PX) is None


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
    assert not is_trace_beside(line, line), "it is read where it was"
