from __future__ import annotations

import numpy as np
import pytest

from ecg_render import Page
from ecg_render.degradations import colour_cast, shadow, stain, uneven_light
from ecg_render.degradations.coarse import shine
from ecg_render.degradations.lighting import corner_light, shadow_light, spot_light
from ecg_render.degradations.stain import ring, spot
from ecg_render.degradations.white_balance import balance, balance_gains


def test_corner_light_is_linear_between_corners(gray_page: Page) -> None:
    lit = shine(gray_page.image, corner_light(400, 300, np.array([[1.0, 1.0], [1.0, 0.5]])))[..., 0]
    assert lit[0, 0] == lit[0, -1] == lit[-1, 0] == 180
    assert lit[-1, -1] == pytest.approx(90, abs=2)
    assert lit[150, 200] == pytest.approx(180 * 0.875, abs=2)


def test_spot_is_brightest_in_its_centre(gray_page: Page) -> None:
    lit = shine(gray_page.image, spot_light(400, 300, (0.25, 0.5), 0.2, 0.2))[..., 0]
    y, x = np.unravel_index(lit.argmax(), lit.shape)
    assert abs(x - 100) < 20
    assert abs(y - 150) < 20
    assert lit.max() == pytest.approx(216, abs=2)


def test_shadow_is_dark_inside_soft_at_its_edge_and_nothing_outside(gray_page: Page) -> None:
    outline = np.array([(0.5, -0.5), (1.5, -0.5), (1.5, 1.5), (0.5, 1.5)])
    lit = shine(gray_page.image, shadow_light(400, 300, outline, 0.1, 0.4))[150, :, 0].astype(int)
    assert lit[10] == 180
    assert lit[390] == pytest.approx(108, abs=2)
    assert lit[200] == pytest.approx(144, abs=12)
    assert np.abs(np.diff(lit)).max() < 8


@pytest.mark.parametrize("module", [shadow, uneven_light])
def test_light_without_colour_keeps_gray_gray(module: object, gray_page: Page) -> None:
    for seed in range(5):
        lit = module.degrade(gray_page, seed).image.astype(int)  # type: ignore[attr-defined]
        assert np.ptp(lit, axis=2).max() == 0
        assert lit.std() > 0


def test_cast_colours_gray(gray_page: Page) -> None:
    assert all(np.ptp(colour_cast.degrade(gray_page, seed).image.astype(int), axis=2).max() > 4 for seed in range(5))


def test_warm_balance_gives_more_red_than_blue_and_the_same_brightness() -> None:
    gains = balance_gains(0.2)
    assert gains[0] > gains[1] > gains[2]
    assert gains @ (0.299, 0.587, 0.114) == pytest.approx(1)
    picture = np.full((2, 2, 3), 100, np.uint8)
    np.testing.assert_array_equal(balance(picture, np.array([1.2, 1.0, 3.0]))[0, 0], [120, 100, 255])


def test_ring_darkens_on_its_circle_only(gray_page: Page) -> None:
    rng = np.random.default_rng(1)
    cover = ring(gray_page, np.array([25.0, 19.0]), radius_mm=12.0, width_mm=2.0, rng=rng)
    assert cover.max() <= 1
    stained = shine(gray_page.image, 1 - 0.5 * cover)[..., 0].astype(int)
    y, x = np.mgrid[:300, :400]
    distance_mm = np.hypot((x + 0.5) / gray_page.px_per_mm - 25, (y + 0.5) / gray_page.px_per_mm - 19)
    on_circle, outside = np.abs(distance_mm - 12) < 0.5, distance_mm > 17
    assert stained[outside].min() >= 179
    assert stained[on_circle].mean() < 150


def test_spot_fades_out_at_its_edge(gray_page: Page) -> None:
    cover = spot(gray_page, np.array([25.0, 19.0]), radius_mm=8.0, rng=np.random.default_rng(1))
    assert cover.max() > 0.95
    assert cover[1, 1] < 0.01


def test_what_is_stained_stays_visible(record_page: Page) -> None:
    ink = record_page.trace_mask > 0
    for seed in range(4):
        stained = stain.degrade(record_page, seed).image.astype(int)
        assert stained[ink].mean() < 0.6 * stained[~ink].mean()
        assert (stained <= record_page.image.astype(int) + 1).all()
