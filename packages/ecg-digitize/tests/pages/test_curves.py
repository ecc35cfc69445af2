"""Bézier curves as lines."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.pages.curves import connected_lines, flattened

TOLERANCE = 0.05


def on_curve(corners: np.ndarray, num: int = 2001) -> np.ndarray:
    """Points of a curve of third order by the construction of de Casteljau."""
    points = np.repeat(corners[None], num, axis=0)
    t = np.linspace(0, 1, num)[:, None, None]
    while points.shape[1] > 1:
        points = points[:, :-1] * (1 - t) + points[:, 1:] * t
    return points[:, 0]


def distance_to_line(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Distance of each point from the nearest piece of a line."""
    first, along = line[:-1], np.diff(line, axis=0)
    share = ((points[:, None] - first) * along).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-18)
    nearest = first + np.clip(share, 0, 1)[..., None] * along
    return np.hypot(*(points[:, None] - nearest).transpose(2, 0, 1)).min(axis=1)


def lines_of(kinds: str, points: list[tuple[float, float]]):
    """Parts of a path: m begins one, l is the end of a straight piece, c a point of a curve."""
    flags = np.array(list(kinds))
    return list(connected_lines(flags == "m", flags == "c", np.array(points, float)))


@pytest.mark.parametrize("seed", range(20))
def test_pieces_lie_on_the_curve(seed):
    corners = np.random.default_rng(seed).uniform(-100, 100, (4, 2))
    [line] = lines_of("mccc", [tuple(each) for each in corners])
    points, num_given = flattened(line, TOLERANCE)
    assert distance_to_line(on_curve(corners), points).max() <= TOLERANCE
    np.testing.assert_array_equal(points[[0, -1]], corners[[0, -1]])
    assert num_given == 4
    assert len(points) < 150


def test_a_wave_in_one_curve_is_no_straight_line_through_the_points_that_bend_it():
    [line] = lines_of("mccc", [(0, 0), (10, 40), (20, -40), (30, 0)])
    points, _ = flattened(line, TOLERANCE)
    assert points[:, 1].max() == pytest.approx(
        40 * np.sqrt(3) / 6, abs=TOLERANCE
    )  # where 120 t (1 - t) (1 - 2 t) peaks


def test_what_is_straight_stays_one_piece():
    for bends in ([(10, 0), (20, 0)], [(1, 0), (2, 0)], [(0, 0), (30, 0)]):
        [line] = lines_of("mccc", [(0, 0), *bends, (30, 0)])
        assert len(flattened(line, TOLERANCE)[0]) == 2


def test_a_straight_curve_that_runs_beyond_its_end_reaches_as_far():
    [line] = lines_of("mccc", [(0, 0), (60, 0), (60, 0), (30, 0)])
    assert flattened(line, TOLERANCE)[0][:, 0].max() == pytest.approx(on_curve(line.corners[0])[:, 0].max(), abs=0.2)


def test_a_curve_that_ends_where_it_began_keeps_its_loop():
    [line] = lines_of("mccc", [(0, 0), (30, 30), (-30, 30), (0, 0)])
    assert np.ptp(flattened(line, TOLERANCE)[0][:, 1]) == pytest.approx(22.5, abs=TOLERANCE)


def test_straight_pieces_and_curves_of_one_part_stay_in_order():
    first, second = lines_of(
        "mlccccccl" + "mll", [(0, 0), (1, 0), *[(x, 0) for x in range(2, 8)], (9, 0), (0, 5), (1, 5), (2, 6)]
    )
    points, num_given = flattened(first, TOLERANCE)
    assert points.tolist() == [[0, 0], [1, 0], [4, 0], [7, 0], [9, 0]]
    assert num_given == 1 + 1 + 3 + 3 + 1
    assert flattened(second, TOLERANCE)[0].tolist() == [[0, 5], [1, 5], [2, 6]]


@pytest.mark.parametrize("kinds", ["", "m", "mm", "mc", "mcc", "c", "cc", "mmc"])
def test_parts_without_a_whole_piece_are_left_out(kinds):
    assert lines_of(kinds, [(x, 1.0) for x in range(len(kinds))] or np.empty((0, 2))) == []


def test_numbers_beyond_all_measure_take_no_more_pieces():
    [line] = lines_of("mccc", [(0, 0), (1e30, 1e30), (-1e30, 1e30), (1, np.nan)])
    assert len(flattened(line, TOLERANCE)[0]) <= 201
