"""Words found by their ink: where they stand, and which of them count."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage, flatten_whole
from ecg_digitize.digitizers.neural.grid.homography import lattice_points
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.ink_words import contrast_of, words_in_ink
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.networks import READER, load_network
from ecg_digitize.digitizers.neural.words.missed_words import with_missed_words

PX_MM = 10
GRID_LEFT_MM, GRID_TOP_MM = 10, 10
FONT = cv2.FONT_HERSHEY_SIMPLEX


def written(image: np.ndarray, text: str, left_px: int, foot_px: int, *, high_px: int, grey: int = 40) -> None:
    """Write a text with capitals about so high."""
    scale = high_px / cv2.getTextSize("V", FONT, 1.0, 1)[0][1]
    thick = max(round(high_px / 9), 1)
    cv2.putText(image, text, (left_px, foot_px), FONT, scale, (grey,) * 3, thick, cv2.LINE_AA)


def page(*texts: tuple[str, int, int], grid_rows: int = 9) -> tuple[FlatPage, np.ndarray]:
    """Paper of 120 x 100 mm of which the upper part has a grid, with texts at some millimetres; a trace in it."""
    image = np.full((100 * PX_MM, 120 * PX_MM, 3), 250, np.uint8)
    mesh = Mesh(5.0 * PX_MM * lattice_points((grid_rows, 21)) + PX_MM * np.array((GRID_LEFT_MM, GRID_TOP_MM)))
    for x_px in np.arange(10, 111, 5) * PX_MM:
        cv2.line(image, (int(x_px), 100), (int(x_px), 500), (255, 190, 190), 1)
    for y_px in np.arange(10, 51, 5) * PX_MM:
        cv2.line(image, (100, int(y_px)), (1100, int(y_px)), (255, 190, 190), 1)
    drawn = np.zeros(image.shape[:2], np.uint8)
    cv2.line(drawn, (150, 400), (1050, 400), 255, 3)
    image[drawn > 0] = 40
    for text, x_mm, y_mm in texts:
        written(image, text, x_mm * PX_MM, y_mm * PX_MM, high_px=25)
    trace = flatten_whole(mesh, drawn).astype(np.float32) / 255
    trace[flatten_whole(mesh, 255 - drawn) > 128] = 0
    return FlatPage(mesh=mesh, paper=flatten_whole(mesh, image), trace=trace, found=1.0), image


@pytest.fixture(scope="module")
def reader() -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
    return load_network(READER)


def test_words_are_parted_where_there_is_room_between_letters() -> None:
    image = np.full((120, 700, 3), 255, np.uint8)
    written(image, "25  mm/s", 40, 80, high_px=20)
    written(image, "aVR", 400, 80, high_px=20)
    boxes = sorted(words_in_ink(contrast_of(image, 8.0), 8.0, 60.0), key=lambda box: box.left_px)
    assert len(boxes) == 3
    alone = np.full_like(image, 255)
    written(alone, "25", 40, 80, high_px=20)
    rows, columns = np.nonzero((alone < 195).any(axis=2))
    assert (boxes[0].left_px, boxes[0].right_px) == (columns.min(), columns.max() + 1)
    assert boxes[0].letter_px == rows.max() + 1 - rows.min()
    assert boxes[2].left_px == pytest.approx(401, abs=3)


def test_what_is_too_pale_too_large_or_too_small_is_no_word() -> None:
    image = np.full((200, 700, 3), 255, np.uint8)
    written(image, "V1", 40, 60, high_px=20, grey=230)
    cv2.rectangle(image, (200, 20), (300, 120), (0, 0, 0), 2)
    cv2.circle(image, (400, 60), 2, (0, 0, 0), -1)
    cv2.line(image, (20, 150), (600, 150), (0, 0, 0), 12)
    assert words_in_ink(contrast_of(image, 8.0), 8.0, 60.0) == []


def test_a_pattern_is_no_writing() -> None:
    image = np.full((1000, 1000, 3), 255, np.uint8)
    for x in range(5, 995, 12):
        for y in range(5, 995, 14):
            cv2.line(image, (x, y), (x, y + 10), (0, 0, 0), 2)
    assert words_in_ink(contrast_of(image, 8.0), 8.0, 60.0) == []


def test_speed_and_gain_far_below_the_grid_are_read(reader: Callable[..., tuple[np.ndarray, ...]]) -> None:
    flat, image = page(("25 mm/s", 20, 90), ("5 mm/mV", 60, 90))
    found = with_missed_words(PageMarks(), flat, image, reader)
    assert [scale.value for scale in found.speeds] == [25.0]
    assert [scale.value for scale in found.gains] == [5.0]
    assert found.gains[0].place_px[1] / PX_PER_MM == pytest.approx(10 + 90 - 1.25 - GRID_TOP_MM, abs=1)


def test_other_words_are_neither(reader: Callable[..., tuple[np.ndarray, ...]]) -> None:
    flat, image = page(("50 Hz", 20, 90), ("25 years", 60, 90), ("Sinus rhythm", 20, 80), ("0.5-35 Hz", 70, 80))
    found = with_missed_words(PageMarks(), flat, image, reader)
    assert (found.names, found.speeds, found.gains) == ((), (), ())


def test_names_are_read_on_the_grid_and_not_among_words_about_it(
    reader: Callable[..., tuple[np.ndarray, ...]],
) -> None:
    flat, image = page(("V9", 20, 30), ("aVF", 60, 30), ("V3", 20, 90))
    found = with_missed_words(PageMarks(), flat, image, reader)
    assert {name.name for name in found.names} == {"V9", "aVF"}


def test_what_the_markers_found_stays_and_is_not_found_again(reader: Callable[..., tuple[np.ndarray, ...]]) -> None:
    flat, image = page(("V9", 20, 30), ("25 mm/s", 20, 90))
    # V9 stands from 20 to about 25 mm, 27.5 to 30 mm down; the flat paper begins 10 mm before the grid
    known = FoundName("V6", (22 * PX_PER_MM, 28.75 * PX_PER_MM), 0.6, (20.0, 13.0))
    speed = FoundScale(25.0, (21.7 * PX_PER_MM, 88.75 * PX_PER_MM), 0.9999)
    found = with_missed_words(PageMarks(names=(known,), speeds=(speed,)), flat, image, reader)
    assert found.names == (known,)
    assert [scale.value for scale in found.speeds] == [25.0]


def test_paper_without_ink_tells_nothing(reader: Callable[..., tuple[np.ndarray, ...]]) -> None:
    flat, image = page()
    found = with_missed_words(PageMarks(), flat, np.full_like(image, 255), reader)
    assert (found.names, found.speeds, found.gains) == ((), (), ())


def test_pieces_of_grid_lines_take_no_place_of_words(
    reader: Callable[..., tuple[np.ndarray, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    flat, image = page(("25 mm/s", 20, 90))
    for x_px in range(200, 1100, 40):
        cv2.line(image, (x_px, 700), (x_px, 745), (40, 40, 40), 3)
    monkeypatch.setattr("ecg_digitize.digitizers.neural.words.missed_words.MOST_WORDS", 8)
    assert [scale.value for scale in with_missed_words(PageMarks(), flat, image, reader).speeds] == [25.0]
