from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.digitizers.neural.waveform.columns import Columns, ended_in_lines, held_at_edges
from ecg_digitize.digitizers.neural.waveform.columns import decode as decode_about


def decode(logits: np.ndarray) -> Columns:
    """Of one strip, with the level in the middle."""
    return decode_about(logits[None], len(logits) / 2, [0.0])[0]


def logits(row_px: float, *, sigma_px: float = 2.0, presence: float = 0.9, rows: int = 60) -> np.ndarray:
    bell = np.exp(-0.5 * ((np.arange(rows) - row_px) / sigma_px) ** 2)
    shares = np.append(presence * bell / bell.sum(), 1 - presence)
    return np.log(shares + 1e-9)[:, None].astype(np.float32)


@given(row_px=st.floats(8, 50), presence=st.floats(0.1, 0.99))
def test_a_bell_is_found_finer_than_a_pixel(row_px: float, presence: float) -> None:
    columns = decode(logits(row_px, presence=presence))
    assert columns.row_px[0] == pytest.approx(row_px, abs=0.02)
    assert columns.presence[0] == pytest.approx(presence, abs=1e-4)
    assert columns.certainty[0] > 0.98


def test_what_is_clearer_for_a_moment_elsewhere_is_another_trace() -> None:
    own, both = logits(10.0), np.logaddexp(logits(10.0) + np.log(0.45), logits(50.0) + np.log(0.55))
    columns = decode(np.concatenate([own] * 40 + [both] * 2 + [own] * 40, axis=1).astype(np.float32))
    np.testing.assert_allclose(columns.row_px, 10, atol=0.05)
    assert columns.certainty[41] == pytest.approx(0.45, abs=0.02)
    assert columns.margin[41] < columns.margin[5]


def test_the_higher_of_two_bells_counts_and_certainty_says_that_there_were_two() -> None:
    both = np.logaddexp(logits(10.0) + np.log(0.6), logits(40.0) + np.log(0.4))
    columns = decode(both.astype(np.float32))
    assert columns.row_px[0] == pytest.approx(10, abs=0.05)
    assert columns.certainty[0] == pytest.approx(0.6, abs=0.02)


def test_where_a_steep_column_is_a_guess_the_trace_is_in_the_middle_of_it() -> None:
    """A stroke that fills 120 rows of three columns; the network knows no more than that."""
    rows = 300
    up, down = (np.tile(logits(at, rows=rows), 20) for at in (200.0, 80.0))
    full = np.full((rows + 1, 3), -20.0)
    full[80:201] = 0
    columns = decode(np.concatenate((up, full, down), axis=1).astype(np.float32))
    np.testing.assert_allclose(columns.row_px[20:23], 140, atol=8)
    np.testing.assert_allclose(columns.row_px[:17], 200, atol=0.05)
    np.testing.assert_allclose(columns.row_px[26:], 80, atol=0.05)
    assert columns.certainty[21] < 0.2


def test_a_trace_at_the_edge_stays_within_the_strip() -> None:
    assert decode(logits(0.0)).row_px[0] < 3
    assert decode(logits(59.0)).row_px[0] > 56


@pytest.mark.parametrize(("before", "after", "held"), [(10, 5, 0), (290, 299, 299), (10, 295, None), (150, 150, None)])
def test_a_wave_that_leaves_the_strip_is_held_at_its_edge(before: int, after: int, held: int | None) -> None:
    there = np.ones(30)
    there[12:18] = 0
    rows = np.where(np.arange(30) < 12, before, after).astype(float)
    found = held_at_edges(Columns(rows, there, there, there), 300, longest=10)
    assert (found.presence[12:18] == (held is not None)).all()
    if held is not None:
        assert (found.row_px[12:18] == held).all()
        assert (found.certainty[12:18] == 0).all()
    untouched = np.r_[0:12, 18:30]
    np.testing.assert_array_equal(found.row_px[untouched], rows[untouched])
    assert (held_at_edges(Columns(rows, there, there, there), 300, longest=5).presence == there).all()


@pytest.mark.parametrize("is_turned", [False, True], ids=["end", "beginning"])
def test_a_trace_that_runs_into_a_line_ends_in_its_middle_where_it_was_last_known(is_turned: bool) -> None:
    """A steep wave, faint beside the line, and in its four columns of no certain height."""
    turned = slice(None, None, -1 if is_turned else 1)
    rows = np.concatenate((np.arange(100.0, 120.0), [160, 200, 210, 190], np.full(10, 50.0)))
    presence = np.concatenate((np.ones(17), [0.4, 0.2, 0.3], [0.8, 0.9, 0.9, 0.4], np.zeros(10)))
    certainty = np.concatenate((np.full(20, 0.9), np.full(14, 0.05)))
    columns = Columns(rows[turned], presence[turned], certainty[turned], certainty)
    found = ended_in_lines(columns, 6)
    np.testing.assert_array_equal(found.row_px[turned][:24], np.minimum(rows[:24], 119))
    np.testing.assert_array_equal(found.presence[turned], np.arange(34) < 22)
    assert (found.certainty[turned][20:24] == 0).all()
    assert (ended_in_lines(columns, 3).row_px == rows[turned]).all()


def test_a_steep_column_in_the_midst_of_a_trace_is_no_line_at_its_end() -> None:
    rows, certainty = np.arange(30.0), np.where(np.arange(30) // 3 == 5, 0.05, 0.9)
    columns = Columns(rows, np.ones(30), certainty, certainty)
    found = ended_in_lines(columns, 6)
    np.testing.assert_array_equal(found.row_px, rows)
    np.testing.assert_array_equal(found.certainty, certainty)
