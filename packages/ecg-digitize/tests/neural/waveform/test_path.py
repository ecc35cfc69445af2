from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_digitize.digitizers.neural.waveform.path import (
    AWAY_COST,
    CELL_ROWS,
    DISTINCT_CELLS,
    FLOOR,
    LEAP_COST,
    USUAL_PX,
)
from ecg_digitize.digitizers.neural.waveform.path import follow as follow_about


def follow(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of one strip, with the level in the middle."""
    return about(shares, (len(shares) - 1) / 2)


def about(shares: np.ndarray, level_px: float) -> tuple[np.ndarray, np.ndarray]:
    """Of one strip."""
    found, margin = follow_about(shares[None], level_px)
    return found[0], margin[0]


def bells(centres: np.ndarray, weights: np.ndarray, *, rows: int = 400, sigma: float = 1.5) -> np.ndarray:
    """Distributions with several bells a column: ``centres`` and ``weights`` have the shape (bells, columns)."""
    numbers = np.arange(rows)[:, None, None]
    shape = np.exp(-0.5 * ((numbers - centres) / sigma) ** 2) * weights
    shares = shape.sum(axis=1)
    return shares / shares.sum(axis=0)


def test_a_steep_complex_is_followed() -> None:
    """Up 120 rows in 12 columns and down again, as an R wave of 2 mV at 6 px/mm."""
    course = np.concatenate(
        (np.full(60, 180.0), np.linspace(180, 60, 12), np.linspace(60, 190, 12), np.full(60, 180.0))
    )
    found, margin = follow(bells(course[None], np.ones((1, len(course)))))
    assert np.abs(found - course).max() <= CELL_ROWS
    assert np.abs(found - course)[:58].max() <= CELL_ROWS / 2
    assert margin[:55].min() > 2


def test_where_another_trace_is_clearer_for_a_moment_the_path_stays_on_its_own() -> None:
    columns = np.arange(200)
    own, other = np.full(200, 120.0), np.full(200, 20.0)
    weights = np.array([np.ones(200), np.where((columns > 90) & (columns < 96), 1.5, 0.0)])
    found, margin = follow(bells(np.array([own, other]), weights))
    assert np.abs(found - own).max() <= CELL_ROWS / 2
    assert margin[93] < margin[10]


def test_where_rows_are_close_a_leap_to_the_next_one_costs_as_much_as_elsewhere() -> None:
    """The row's own stroke is faint in two columns, and a wave of the next row, 80 rows away, is not."""
    columns = np.arange(200)
    own, other = np.full(200, 200.0), np.full(200, 120.0)
    weights = np.where((columns == 90) | (columns == 91), 1.0, 0.0) * np.array([[0.1], [0.9]])
    weights[0] += weights.sum(axis=0) == 0
    shares = bells(np.array([own, other]), weights)[None]
    (usual,), (close,) = (follow_about(shares, 200.0, apart_px)[0] for apart_px in (USUAL_PX, 80.0))
    assert abs(usual[90] - 120) <= CELL_ROWS
    assert np.abs(close - own).max() <= CELL_ROWS / 2


def test_where_the_trace_really_went_elsewhere_the_path_follows() -> None:
    course = np.where(np.arange(200) < 100, 120.0, 20.0)
    found, _ = follow(bells(course[None], np.ones((1, 200))))
    assert np.abs(found - course).max() <= CELL_ROWS / 2


def test_of_two_traces_the_one_at_its_level_counts_even_where_it_is_the_fainter() -> None:
    """The next row is 200 rows away, and clearer for a long time."""
    both = bells(np.array([np.full(400, 120.0), np.full(400, 320.0)]), np.array([np.full(400, 0.6), np.ones(400)]))
    assert np.abs(about(both, 120.0)[0] - 120).max() <= CELL_ROWS / 2
    assert np.abs(about(both, 320.0)[0] - 320).max() <= CELL_ROWS / 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_it_is_the_cheapest_of_all_paths(seed: int) -> None:
    """Against every path through four cells of five rows, tried one by one."""
    rng = np.random.default_rng(seed)
    shares = rng.random((5 * CELL_ROWS, 4)) ** 6
    shares /= shares.sum(axis=0)
    cells = shares.reshape(5, CELL_ROWS, 4).sum(axis=1)
    away = np.abs(np.arange(5) - 2)
    cost = AWAY_COST * away[:, None] - np.log(cells + FLOOR)

    def price(path: tuple[int, ...]) -> float:
        leaps = sum(abs(after - before) for before, after in itertools.pairwise(path))
        return sum(cost[row, column] for column, row in enumerate(path)) + LEAP_COST * leaps

    prices = {path: price(path) for path in itertools.product(range(5), repeat=4)}
    best = min(prices, key=lambda path: prices[path])
    found, margin = follow(shares)
    np.testing.assert_array_equal(found, np.array(best) * CELL_ROWS + (CELL_ROWS - 1) / 2)
    for column in range(4):
        others = [value for path, value in prices.items() if abs(path[column] - best[column]) >= DISTINCT_CELLS]
        assert margin[column] == pytest.approx(min(others, default=np.inf) - prices[best])


def test_a_single_column_and_odd_sizes_have_a_path() -> None:
    for rows, columns in ((7, 1), (13, 5)):
        shares = np.full((rows, columns), 1e-3)
        shares[5] = 1
        found, margin = follow(shares / shares.sum(axis=0))
        assert found.shape == margin.shape == (columns,)
        assert np.abs(found - 5).max() <= CELL_ROWS


def test_strips_together_are_as_each_alone() -> None:
    strips = np.random.default_rng(0).random((3, 20, 30)) ** 4
    together = follow_about(strips, 9.0)
    for number, strip in enumerate(strips):
        for of_all, of_one in zip(together, about(strip, 9.0), strict=True):
            np.testing.assert_allclose(of_all[number], of_one)
