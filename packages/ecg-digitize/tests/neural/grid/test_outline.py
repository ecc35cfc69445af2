"""The outline of a sheet on what it lies."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.outline import find_outlines

DESK, PAPER, SCREEN = (130, 100, 80), (235, 235, 230), (20, 25, 35)


def picture(corners: list[tuple[float, float]], sheet: tuple[int, ...], desk: tuple[int, ...]) -> np.ndarray:
    image = np.full((600, 800, 3), desk, np.uint8)
    cv2.fillPoly(image, [np.array(corners, np.int32)], sheet)
    return image


CORNERS = [(120.0, 60.0), (720.0, 110.0), (680.0, 540.0), (90.0, 480.0)]


@pytest.mark.parametrize(
    ("sheet", "desk"), [(PAPER, DESK), (SCREEN, (200, 200, 200)), ((128, 128, 128), (180, 120, 60))]
)
def test_the_corners_of_a_sheet_are_found(sheet: tuple[int, ...], desk: tuple[int, ...]) -> None:
    outlines = find_outlines(picture(CORNERS, sheet, desk))
    assert outlines
    for outline in outlines:
        width, height = outline.size
        flat = np.array([[(0, 0), (width, 0), (width, height), (0, height)]], np.float64)
        np.testing.assert_allclose(cv2.perspectiveTransform(flat, outline.to_picture)[0], CORNERS, atol=4)


def test_a_corner_may_lie_beyond_the_picture() -> None:
    [outline, *_] = find_outlines(picture([(120, 60), (720, 110), (700, 700), (60, 640)], PAPER, DESK)[:560]) or [None]
    assert outline is None  # only three sides are seen
    [outline, *_] = find_outlines(picture([(120, 60), (720, 90), (690, 540), (-60, 480)], PAPER, DESK))
    corner = cv2.perspectiveTransform(np.array([[(0.0, outline.size[1])]]), outline.to_picture)[0, 0]
    np.testing.assert_allclose(corner, (-60, 480), atol=25)


def test_a_strip_is_a_sheet_though_it_fills_little_of_the_picture() -> None:
    corners = [(60.0, 200.0), (760.0, 290.0), (745.0, 370.0), (40.0, 270.0)]
    [outline, *_] = find_outlines(picture(corners, PAPER, DESK))
    found = cv2.perspectiveTransform(
        np.array([[(0.0, 0.0), (outline.size[0], 0.0), outline.size, (0.0, outline.size[1])]]), outline.to_picture
    )
    np.testing.assert_allclose(found[0], corners, atol=6)


def test_width_by_height_is_that_of_the_sheet_seen_from_above() -> None:
    """A sheet of 4 by 3 before a camera of a focal length of the picture's width, turned away from it."""
    turn = cv2.Rodrigues(np.array([0.5, -0.35, 0.0]))[0]
    sheet = np.array([(-2, -1.5, 0), (2, -1.5, 0), (2, 1.5, 0), (-2, 1.5, 0)]) @ turn.T + [0.0, 0.0, 7.0]
    corners = sheet[:, :2] / sheet[:, 2:] * 800 + [400, 300]
    [outline, *_] = find_outlines(picture([(x, y) for x, y in corners], PAPER, DESK))
    assert outline.size[0] / outline.size[1] == pytest.approx(4 / 3, rel=0.04)


def test_a_picture_of_the_sheet_alone_has_no_outline() -> None:
    assert find_outlines(np.full((600, 800, 3), PAPER, np.uint8)) == []
    spotted = np.full((600, 800, 3), PAPER, np.uint8)
    cv2.circle(spotted, (400, 300), 220, DESK, -1)
    assert find_outlines(spotted) == []
