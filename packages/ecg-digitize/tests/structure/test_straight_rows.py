"""Rows that run straight all along beside rows with beats."""

from __future__ import annotations

import numpy as np

from ecg_core import synthesize_record
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.straight_rows import (
    doubts_of_straight_rows,
    has_beats_throughout,
    which_run_straight,
)

RECORD = synthesize_record(seed=5, heart_rate_bpm=50)
X_MM = np.arange(0, 250, STEP_MM)
LINE_MM = 0.01 * X_MM + np.random.default_rng(1).normal(0, 0.08, len(X_MM))


def row(lead: str, size: float = 1.0) -> np.ndarray:
    """Heights at 25 mm/s and 10 mm/mV, so many times as large."""
    time_s = np.arange(RECORD.num_samples) / RECORD.sampling_rate_hz
    return size * 10 * np.interp(X_MM / 25, time_s, RECORD.lead_mv(lead))


def test_a_line_among_traces_runs_straight() -> None:
    """Also where it bends a little, and a word stands on it."""
    line_mm = LINE_MM + 2 * np.sin(X_MM / 40)
    line_mm[:200] += np.random.default_rng(2).normal(0, 1.5, 200)
    straight = which_run_straight([row("I"), row("II"), line_mm], STEP_MM)
    assert straight == [False, False, True]
    assert [doubt.startswith("row 3 ") for doubt in doubts_of_straight_rows(straight)] == [True]


def test_small_traces_and_what_was_not_read_are_no_lines() -> None:
    part_mm = np.where(X_MM < 20, LINE_MM, np.nan)
    assert which_run_straight([row("V1"), row("III", 0.5), part_mm], STEP_MM) == [False] * 3
    assert which_run_straight([LINE_MM, LINE_MM], STEP_MM) == [False] * 2


def test_a_trace_has_beats_throughout_and_a_line_with_words_on_most_of_it_has_not() -> None:
    assert has_beats_throughout(row("I"), STEP_MM)
    assert has_beats_throughout(row("V1", 0.5), STEP_MM)
    words_mm = np.where(X_MM > 60, np.random.default_rng(2).normal(0, 1.5, len(X_MM)), LINE_MM)
    assert not which_run_straight([row("I"), words_mm], STEP_MM)[1]
    assert not has_beats_throughout(words_mm, STEP_MM)
    assert not has_beats_throughout(np.full(len(X_MM), np.nan), STEP_MM)
