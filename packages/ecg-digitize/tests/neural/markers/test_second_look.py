"""Small names are read in windows of a finer picture; the picture is drawn by hand, so that every place is known."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage, flatten_whole
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.classes import CLASSES
from ecg_digitize.digitizers.neural.markers.names import FoundName, NameHint
from ecg_digitize.digitizers.neural.markers.second_look import (
    MOST_WINDOWS,
    WINDOW_PX,
    look_closer,
    most_certain,
    place_windows,
)

PICTURE_PX_PER_MM = 10
"""Of the pictures here, which are flat: boxes of 50 pixels."""

CLOSER = 1.5
REACH_PX = 32.0
"""Of a window about its middle at such a scale, in pixels of the usual one."""

HALF_A_PIXEL_MM = 0.05
"""Pixels have their middles at whole numbers, so that a box lies so far before where its edges' numbers say."""

Box = tuple[float, float, float, float]
"""Left, top, width and height in millimetres from the first crossing of the grid."""


def page_with(*boxes: Box) -> tuple[FlatPage, np.ndarray]:
    """White paper, 60 x 50 mm, with black boxes."""
    column, row = np.meshgrid(np.arange(13), np.arange(11))
    mesh = Mesh(np.stack((column, row), axis=-1) * 5.0 * PICTURE_PX_PER_MM)
    image = np.full((501, 601, 3), 255, np.uint8)
    for left, top, width, height in boxes:
        corner = round(left * PICTURE_PX_PER_MM), round(top * PICTURE_PX_PER_MM)
        opposite = round((left + width) * PICTURE_PX_PER_MM) - 1, round((top + height) * PICTURE_PX_PER_MM) - 1
        cv2.rectangle(image, corner, opposite, (0, 0, 0), -1)
    paper = flatten_whole(mesh, image)
    return FlatPage(mesh=mesh, paper=paper, trace=np.zeros(paper.shape[:2], np.float32), found=1.0), image


def hint_at(flat: FlatPage, x_mm: float, y_mm: float, nats: float = 0.0) -> NameHint:
    """A hint about a place in millimetres from the first crossing."""
    [[x_px, y_px]] = flat.px_of_lattice(np.array([[x_mm, y_mm]]) / 5)
    return NameHint((float(x_px), float(y_px)), (8.0, 6.0), "V4", nats)


def whatever_is_black_is(name: str) -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
    """A network that takes all ink for one name."""

    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        logits = np.zeros((1, len(CLASSES), *images.shape[2:]), np.float32)
        logits[0, CLASSES.index(name)] = np.where(images[0].mean(axis=0) < 128, 12.0, -12.0)
        return (logits,)

    return network


@pytest.mark.parametrize("closer", [1.4, 2.0])
def test_a_name_is_found_at_its_place_on_the_paper_of_the_usual_scale(closer: float) -> None:
    flat, image = page_with((20, 30, 4, 2))
    [name] = look_closer(flat, image, [hint_at(flat, 23, 30)], whatever_is_black_is("V4"), closer)
    [[x_px, y_px]] = flat.px_of_lattice((np.array([[22, 31]]) - HALF_A_PIXEL_MM) / 5)
    assert name.name == "V4"
    assert name.place_px == (pytest.approx(x_px, abs=0.5), pytest.approx(y_px, abs=0.5))
    assert name.size_px == (pytest.approx(4 * PX_PER_MM, abs=1), pytest.approx(2 * PX_PER_MM, abs=1))


def test_the_network_sees_letters_larger_than_at_the_usual_scale() -> None:
    flat, image = page_with((20, 30, 4, 2))
    seen: list[np.ndarray] = []

    def network(images: np.ndarray) -> tuple[np.ndarray, ...]:
        seen.append(images)
        return whatever_is_black_is("V4")(images)

    look_closer(flat, image, [hint_at(flat, 22, 31)], network, CLOSER)
    [[window]] = seen
    ink = (window.mean(axis=0) < 128).sum()
    assert window.shape == (3, WINDOW_PX, WINDOW_PX)
    assert ink == pytest.approx(4 * 2 * (CLOSER * PX_PER_MM) ** 2, rel=0.1)


def test_nothing_is_looked_at_but_about_the_hints() -> None:
    flat, image = page_with((10, 10, 4, 2), (45, 40, 4, 2))
    found = look_closer(flat, image, [hint_at(flat, 12, 11)], whatever_is_black_is("V4"), CLOSER)
    assert len(found) == 1
    assert look_closer(flat, image, [], whatever_is_black_is("V4"), CLOSER) == ()


def test_a_name_that_two_windows_show_is_found_once() -> None:
    flat, image = page_with((20, 30, 4, 2))
    hints = [hint_at(flat, 17, 31), hint_at(flat, 27, 31)]
    assert len(place_windows(hints, REACH_PX)) == 2
    assert len(look_closer(flat, image, hints, whatever_is_black_is("V4"), CLOSER)) == 1


def test_letters_that_are_too_small_for_the_finer_picture_as_well_are_no_names() -> None:
    flat, image = page_with((20, 30, 9, 1))
    assert look_closer(flat, image, [hint_at(flat, 24, 30.5)], whatever_is_black_is("V4"), CLOSER) == ()


def test_windows_show_all_hints() -> None:
    rng = np.random.default_rng(0)
    hints = [
        NameHint((float(x), float(y)), (float(width), 8.0), "V4", 0.0)
        for x, y, width in zip(rng.uniform(0, 400, 40), rng.uniform(0, 300, 40), rng.uniform(4, 30, 40), strict=True)
    ]
    middles = np.array(place_windows(hints, REACH_PX))
    assert len(middles) < len(hints)
    for hint in hints:
        beyond = (np.abs(middles - hint.place_px) + np.divide(hint.size_px, 2)).max(axis=1)
        assert beyond.min() <= REACH_PX


def test_of_very_many_hints_the_likeliest_are_looked_at() -> None:
    far_apart = [
        NameHint((200.0 * number, 0.0), (8.0, 8.0), "V4", -float(number)) for number in range(2 * MOST_WINDOWS)
    ]
    assert place_windows(far_apart, REACH_PX) == [hint.place_px for hint in far_apart[:MOST_WINDOWS]]


def test_a_hint_that_is_larger_than_a_window_gets_one() -> None:
    assert place_windows([NameHint((500.0, 500.0), (400.0, 8.0), "V4", 0.0)], REACH_PX) == [(500.0, 500.0)]


def test_of_two_readings_of_one_place_the_more_certain_counts() -> None:
    usual = [FoundName("I", (100.0, 50.0), 0.6), FoundName("V1", (300.0, 50.0), 0.9)]
    closer = [FoundName("II", (103.0, 49.0), 0.8), FoundName("V2", (299.0, 52.0), 0.7), FoundName("V3", (10, 10), 0.7)]
    assert [name.name for name in most_certain([*usual, *closer])] == ["V1", "II", "V3"]
    assert most_certain([]) == ()
