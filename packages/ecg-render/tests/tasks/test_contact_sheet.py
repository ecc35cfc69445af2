from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecg_render.tasks.contact_sheet import Tile, contact_sheet, letterboxed, message, side_by_side, write_sheet

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def plain(rgb: tuple[int, int, int], height: int = 40, width: int = 60) -> np.ndarray:
    return np.full((height, width, 3), rgb, np.uint8)


def test_tiles_stand_in_rows_above_their_labels() -> None:
    sheet = contact_sheet([Tile(plain(RED), "a"), Tile(plain(GREEN), "b"), Tile(plain(BLUE), "c")], columns=2)
    assert (sheet[10:50, 10:70] == RED).all()
    assert (sheet[10:50, 80:140] == GREEN).all()
    below = sheet[50:]
    blue = (below == BLUE).all(axis=-1)
    assert blue.sum() == 40 * 60
    first_row_of_blue = 50 + int(blue.any(axis=1).argmax())
    label = sheet[50:first_row_of_blue, 10:70]
    assert label.min() < 100  # ink
    assert (sheet[-1] == 255).all()


def test_a_long_label_takes_more_lines_and_stays_within_its_tile() -> None:
    short = contact_sheet([Tile(plain(RED, width=120), "short")], columns=1)
    long = contact_sheet([Tile(plain(RED, width=120), "one two three four five six seven eight nine ten")], columns=1)
    assert long.shape[1] == short.shape[1]
    assert long.shape[0] > short.shape[0]
    assert (long[:, 130:] == 255).all()


@pytest.mark.parametrize(("height", "width"), [(30, 90), (90, 30), (40, 40), (7, 300)])
def test_a_letterboxed_picture_keeps_its_proportions(height: int, width: int) -> None:
    boxed = letterboxed(plain(RED, height, width), (60, 45))
    assert boxed.shape == (45, 60, 3)
    red = (boxed == RED).all(axis=-1)
    tall, wide = int(red.any(axis=1).sum()), int(red.any(axis=0).sum())
    scale = min(60 / width, 45 / height)
    assert (tall, wide) == pytest.approx((height * scale, width * scale), abs=0.5)
    assert red.sum() == tall * wide


def test_pictures_side_by_side_have_a_gap_between_them() -> None:
    both = side_by_side([plain(RED), plain(BLUE)])
    assert both.shape == (40, 130, 3)
    assert (both[:, 60:70] == 255).all()


def test_a_message_has_the_size_asked_for_and_ink() -> None:
    drawn = message("the lens is broken " * 30, (200, 60))
    assert drawn.shape == (60, 200, 3)
    assert drawn.min() < 100


def test_a_jpeg_gives_up_quality_to_stay_small_and_warns_where_it_cannot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    best = write_sheet(tmp_path / "best.jpg", noise)
    small = write_sheet(tmp_path / "small.jpg", noise, max_kilobytes=0.8 * best / 1000)
    assert small == (tmp_path / "small.jpg").stat().st_size <= 0.8 * best
    assert not caplog.records
    write_sheet(tmp_path / "tiny.jpg", noise, max_kilobytes=1)
    assert "tiny.jpg" in caplog.text


def test_a_png_holds_every_pixel(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    write_sheet(tmp_path / "sheet.png", noise)
    with Image.open(tmp_path / "sheet.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), noise)
