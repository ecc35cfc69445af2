from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_render import Page
from ecg_render.degradations import bw_scan, gray_scan, printer
from ecg_render.degradations.printer import print_in_lines


def test_printer_leaves_black_and_white_alone(gray_page: Page) -> None:
    image = np.full_like(gray_page.image, 255)
    image[100:200] = 0
    for seed in range(4):
        printed = printer.degrade(attrs.evolve(gray_page, image=image), seed).image
        np.testing.assert_array_equal(printed, image)


def test_hard_screen_has_two_levels_and_prints_gray_by_area(gray_page: Page) -> None:
    for level, share in ((100, 0.18), (152, 0.5), (210, 0.85)):
        printed = print_in_lines(np.full((300, 400), level, np.uint8), 4.3, 5.0, np.inf)
        assert set(np.unique(printed)) == {0, 255}
        assert printed.mean() / 255 == pytest.approx(share, abs=0.03)  # levels from 70 to 235


def test_soft_screen_of_no_hardness_changes_nothing(gray_page: Page) -> None:
    np.testing.assert_array_equal(print_in_lines(gray_page.image, 4.0, 3.0, 0.0), gray_page.image)


def test_upright_lines_come_out_in_dashes_and_level_ones_do_not() -> None:
    image = np.full((200, 200), 255, np.uint8)
    image[:, 50:52] = 150
    image[120:122, 100:] = 150
    printed = print_in_lines(image, 4.0, 0.0, np.inf)
    upright, level = printed[:110, 50] > 0, printed[120, 110:] > 0
    assert 20 < np.abs(np.diff(upright.astype(int))).sum() < 80
    assert np.abs(np.diff(level.astype(int))).sum() == 0


@pytest.mark.parametrize("seed", range(6))
def test_black_and_white_scan_is_black_and_white(record_page: Page, seed: int) -> None:
    scan = bw_scan.degrade(record_page, seed).image
    assert set(np.unique(scan)) == {0, 255}
    assert np.ptp(scan.astype(int), axis=2).max() == 0
    assert 0.5 < scan.mean() / 255 < 1


def test_black_and_white_scan_keeps_the_traces(record_page: Page) -> None:
    for seed in range(6):
        scan = bw_scan.degrade(record_page, seed)
        assert (scan.image[..., 0][scan.trace_mask > 0] == 0).mean() > 0.6


def test_gray_scan_is_gray_in_many_levels(record_page: Page) -> None:
    scan = gray_scan.degrade(record_page, 1).image
    assert np.ptp(scan.astype(int), axis=2).max() == 0
    assert len(np.unique(scan)) > 60
