from __future__ import annotations

import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.smoothing import smooth_points

X, Y = np.meshgrid(np.arange(57.0), np.arange(44.0))
NOISE_PX = 0.4


def tilted() -> np.ndarray:
    scale = 1 + 0.003 * X + 0.002 * Y
    return np.stack((40 * (X + 0.1 * Y) / scale, 40 * (Y - 0.08 * X) / scale + 150), axis=-1)


def folded() -> np.ndarray:
    """A fold across the page: beyond it the paper comes nearer, at once."""
    return tilted() + np.stack((np.zeros_like(X), 0.8 * np.clip(Y - 20, 0, None)), axis=-1)


def waved() -> np.ndarray:
    return tilted() + np.stack((6 * np.sin(X / 6) * np.cos(Y / 9), 5 * np.cos(X / 7)), axis=-1)


def noisy(points: np.ndarray, seed: int = 0) -> np.ndarray:
    return points + np.random.default_rng(seed).normal(0, NOISE_PX, points.shape)


def error_px(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(((found - truth) ** 2).mean()))


@pytest.mark.parametrize("seed", range(3))
def test_of_a_flat_page_hardly_any_noise_remains(seed: int) -> None:
    assert error_px(smooth_points(noisy(tilted(), seed)), tilted()) < 0.2 * NOISE_PX


@pytest.mark.parametrize("page", [folded, waved])
def test_a_bent_page_keeps_its_shape_and_loses_noise(page) -> None:  # type: ignore[no-untyped-def]
    truth = page()
    assert error_px(smooth_points(noisy(truth)), truth) < 0.75 * NOISE_PX
    np.testing.assert_allclose(smooth_points(truth), truth, atol=0.5)


def test_crossings_that_lie_wrong_do_not_pull_the_others() -> None:
    truth = tilted()
    points = noisy(truth)
    wrong = np.random.default_rng(1).random(X.shape) < 0.05
    points[wrong] += 5.0
    found = smooth_points(points)
    assert error_px(found[~wrong], truth[~wrong]) < 0.3 * NOISE_PX
    assert error_px(found[wrong], truth[wrong]) < NOISE_PX


def test_a_turned_mesh_is_smoothed_as_one_that_stands() -> None:
    points = noisy(waved())
    np.testing.assert_allclose(smooth_points(points.swapaxes(0, 1)), smooth_points(points).swapaxes(0, 1), atol=1e-6)


def drawn_between_pixels(points: np.ndarray, seed: int = 0) -> np.ndarray:
    """All crossings of a line seen off by the same, wherever it falls between the pixels, and each a little."""
    rng = np.random.default_rng(seed)
    lines = np.stack(np.broadcast_arrays(rng.uniform(-0.4, 0.4, (1, 57)), rng.uniform(-0.4, 0.4, (44, 1))), axis=-1)
    return points + lines + rng.normal(0, 0.05, points.shape)


@pytest.mark.parametrize("seed", range(3))
def test_what_the_crossings_of_a_line_have_in_common_is_noise_on_a_flat_page(seed: int) -> None:
    seen = drawn_between_pixels(tilted(), seed)
    assert error_px(smooth_points(seen), tilted()) < 0.35 * error_px(seen, tilted())


def test_a_flat_page_of_a_scanner_whose_paper_ran_unevenly_keeps_its_shape() -> None:
    """Its lines have in common what is no noise: they drift by pixels from one end of the page to the other."""
    uneven = tilted() + np.stack((np.zeros_like(X), 1.5 * np.sin(Y / 8)), axis=-1)
    assert error_px(smooth_points(drawn_between_pixels(uneven)), uneven) < 0.15


@pytest.mark.parametrize("edge", ["first row", "last column"])
def test_an_outermost_line_that_is_the_edge_of_the_picture_bends_no_page(edge: str) -> None:
    seen = noisy(tilted())
    away = np.zeros_like(seen)
    if edge == "first row":
        away[0, :, 1] = -6.0
    else:
        away[:, -1, 0] = 6.0
    found = smooth_points(seen + away)
    inner = (slice(1, None), slice(None, -1))
    assert error_px(found[inner], tilted()[inner]) < 0.3 * NOISE_PX
    assert error_px(found, tilted()) < NOISE_PX


def test_an_outermost_line_that_is_seen_a_little_inside_of_where_it_is_bends_no_page() -> None:
    """Boxes of 32.5 pixels are drawn 32 and 33 wide in turn; that of the frame is off by a seventh of a box."""
    seen = noisy(tilted()) - (noisy(tilted()) - tilted()) / 2
    seen[..., 0] += 0.25 * (-1.0) ** np.arange(seen.shape[1])
    seen[:, -1, 0] -= 0.145 * float(np.median(np.diff(tilted()[..., 0], axis=1)))
    assert error_px(smooth_points(seen), tilted()) < 0.1
