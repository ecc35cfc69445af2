"""Lens, sensor, screen and file: what they do to a picture, by measure."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest

from ecg_render import Page
from ecg_render.degradations.defocus import blur, defocus
from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.moire import add_moire
from ecg_render.degradations.motion_blur import blur_by_motion
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.sharpening import sharpen


@pytest.fixture
def spark(gray_page: Page) -> Page:
    """One white pixel on black at (200, 150), at 20 pixels a millimetre."""
    image = np.zeros_like(gray_page.image)
    image[150, 200] = 255
    return attrs.evolve(gray_page, image=image, px_per_mm=20.0)


def centre_and_spread(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of where the light is, x and y."""
    weights = image[..., 0].astype(float)
    y, x = np.mgrid[: weights.shape[0], : weights.shape[1]]
    points = np.stack((x, y)).reshape(2, -1)
    mean = points @ weights.ravel() / weights.sum()
    return mean, np.sqrt((points - mean[:, None]) ** 2 @ weights.ravel() / weights.sum())


def test_out_of_focus_a_point_is_a_disc(spark: Page) -> None:
    mean, spread = centre_and_spread(defocus(spark, radius_mm=0.2).image)
    np.testing.assert_allclose(mean, (200, 150), atol=0.02)
    np.testing.assert_allclose(spread, 4 / 2, rtol=0.08)  # a disc of radius r spreads by r / 2


def test_moving_hand_smears_along_its_way(spark: Page) -> None:
    mean, spread = centre_and_spread(blur_by_motion(spark, length_mm=0.6, direction_deg=0).image)
    np.testing.assert_allclose(mean, (200, 150), atol=0.02)
    assert spread[0] == pytest.approx(12 / np.sqrt(12), rel=0.1)  # an even line of length l spreads by l / sqrt(12)
    assert spread[1] < 0.5
    down = blur_by_motion(spark, length_mm=0.6, direction_deg=90).image
    assert centre_and_spread(down)[1][1] == pytest.approx(12 / np.sqrt(12), rel=0.1)


def test_gaussian_blur_keeps_place_and_has_its_width(spark: Page) -> None:
    mean, spread = centre_and_spread(blur(spark.image, 1.5))
    np.testing.assert_allclose(mean, (200, 150), atol=0.02)
    np.testing.assert_allclose(spread, 1.5, rtol=0.15)


@pytest.mark.parametrize("change", [lambda image: blur(image, 0.9), lambda image: sharpen(image, 1.0, 1.5)])
def test_even_paper_stays_even(gray_page: Page, change: Callable[[np.ndarray], np.ndarray]) -> None:
    np.testing.assert_array_equal(change(gray_page.image), gray_page.image)


def test_sharpening_steepens_an_edge(gray_page: Page) -> None:
    image = gray_page.image.copy()
    image[:, 200:] = 100
    soft = blur(image, 1.0)
    sharp = sharpen(soft, 1.0, 1.5)
    assert np.abs(np.diff(sharp[0, :, 0].astype(int))).max() > 1.2 * np.abs(np.diff(soft[0, :, 0].astype(int))).max()


@pytest.mark.parametrize("grain_px", [0.0, 0.8])
def test_noise_has_its_strength_and_no_offset(gray_page: Page, grain_px: float) -> None:
    noisy = add_noise(gray_page.image, 4.0, np.random.default_rng(0), grain_px=grain_px).astype(float)
    assert noisy.mean() == pytest.approx(180, abs=0.15)
    assert noisy[..., 0].std() == pytest.approx(4.0, rel=0.12)


def test_grain_joins_neighbours(gray_page: Page) -> None:
    def likeness(grain_px: float) -> float:
        noise = add_noise(gray_page.image, 5.0, np.random.default_rng(0), grain_px=grain_px)[..., 0].astype(float)
        return float(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1])

    assert abs(likeness(0.0)) < 0.02
    assert likeness(1.0) > 0.5


def test_black_level_lifts_black_and_not_white() -> None:
    picture = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    lifted = add_noise(picture, 0.0, np.random.default_rng(0), black_level=30.0)
    np.testing.assert_array_equal(lifted[0, :, 0], [30, 255])


def test_lower_quality_loses_more(record_page: Page) -> None:
    image = record_page.image.astype(int)
    losses = [np.abs(compress_as_jpeg(record_page.image, quality) - image).mean() for quality in (90, 60, 20)]
    assert 0 < losses[0] < losses[1] < losses[2]


def test_colours_survive_jpeg() -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[:] = (200, 40, 60)
    assert np.abs(compress_as_jpeg(red, 90).astype(int) - (200, 40, 60)).max() < 6


@pytest.mark.parametrize(("pitch_px", "period_px"), [(1.04, 26.0), (0.95, 19.0)])
def test_moire_has_the_beat_of_dots_and_pixels(gray_page: Page, pitch_px: float, period_px: float) -> None:
    """One dot more or less a period: 1 / |1 / pitch - 1| pixels."""
    lit = add_moire(gray_page.image, pitch_px=pitch_px, turn_deg=0.0, bulge=0.0, depth=0.3)
    for axis in (0, 1):
        course = lit[..., 0].astype(float).mean(axis=axis)
        spectrum = np.abs(np.fft.rfft(course - course.mean()))
        assert len(course) / int(spectrum.argmax()) == pytest.approx(period_px, rel=0.08)
    assert (np.ptp(lit.astype(int), axis=2) > 20).any()  # bands of different colours


def test_moire_takes_no_more_than_its_depth(gray_page: Page) -> None:
    lit = add_moire(gray_page.image, pitch_px=1.03, turn_deg=1.0, bulge=0.004, depth=0.2)
    assert lit.max() <= 180
    assert lit.min() >= 180 * 0.8 * 0.8 - 2
