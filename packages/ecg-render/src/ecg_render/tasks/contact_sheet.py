"""Sheets of labelled pictures, to look at."""

from __future__ import annotations

import io
import logging
import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

import attrs
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ecg_core.atomic import atomic_path
from ecg_render.style import Rgb

log = logging.getLogger(__name__)

GAP_PX = 10
LABEL_SIZE_PX = 15
LINE_PX = 19
LETTER_WIDTH = 0.55
"""Mean width of a letter by the height of the font; rather too wide, so that lines never run over."""

JPEG_QUALITIES = (88, 80, 70, 60, 50, 40)


@attrs.frozen(eq=False)
class Tile:
    """A picture and what it is.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        label: one or several lines.
    """

    image: np.ndarray
    label: str


def resized(image: np.ndarray, height_px: int) -> np.ndarray:
    """The picture at another height, its proportions kept."""
    height, width = image.shape[:2]
    size = (max(1, round(width * height_px / height)), height_px)
    return np.asarray(cv2.resize(image, size, interpolation=_interpolation(height_px / height)))


def fitted(image: np.ndarray, width_px: int) -> np.ndarray:
    """The picture at another width, its proportions kept."""
    height, width = image.shape[:2]
    return resized(image, max(1, round(height * width_px / width)))


def letterboxed(image: np.ndarray, size_px: tuple[int, int], *, around: Rgb = (255, 255, 255)) -> np.ndarray:
    """The whole picture in the middle of a rectangle of the given width, height and colour."""
    (width_px, height_px), (height, width) = size_px, image.shape[:2]
    scale = min(width_px / width, height_px / height)
    wide, tall = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (width_px - wide) // 2, (height_px - tall) // 2
    canvas = np.full((height_px, width_px, 3), around, np.uint8)
    canvas[top : top + tall, left : left + wide] = cv2.resize(image, (wide, tall), interpolation=_interpolation(scale))
    return canvas


def side_by_side(images: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures of one height in a row, with gaps between them."""
    gap = np.full((images[0].shape[0], GAP_PX, 3), 255, np.uint8)
    return np.hstack([part for image in images for part in (gap, image)][1:])


def message(text: str, size_px: tuple[int, int]) -> np.ndarray:
    """A gray picture that holds only words, of the given width and height."""
    width_px, height_px = size_px
    lines = _wrapped(text, width_px - 2 * GAP_PX)[: max(1, height_px // LINE_PX - 1)]
    canvas = Image.new("RGB", size_px, (226, 226, 226))
    _write(canvas, GAP_PX, lines)
    return np.asarray(canvas)


def contact_sheet(tiles: Sequence[Tile], columns: int) -> np.ndarray:
    """Tiles in rows, each above its label.

    Args:
        tiles: at least one.
        columns: tiles a row.

    Returns:
        uint8 RGB.
    """
    width_px = max(tile.image.shape[1] for tile in tiles)
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    heights = [_row_height_px(row, width_px) for row in rows]
    num_across = min(columns, len(tiles))
    canvas = Image.new("RGB", (num_across * (width_px + GAP_PX) + GAP_PX, sum(heights) + GAP_PX), (255, 255, 255))
    top = GAP_PX
    for row, height_px in zip(rows, heights, strict=True):
        for place, tile in enumerate(row):
            _put(canvas, tile, (GAP_PX + place * (width_px + GAP_PX), top), width_px)
        top += height_px
    return np.asarray(canvas)


def write_sheet(path: Path, image: np.ndarray, *, max_kilobytes: float = math.inf) -> int:
    """Write a sheet, whole or not at all; a JPEG in the best quality that stays below the size.

    Returns:
        Size of the file in bytes.
    """
    content = _encoded(image, path.suffix, max_kilobytes * 1000)
    if len(content) > max_kilobytes * 1000:
        log.warning(
            "%s: %.0f kB, more than the %.0f kB asked for; make the pictures smaller",
            path,
            len(content) / 1000,
            max_kilobytes,
        )
    with atomic_path(path) as aside:
        aside.write_bytes(content)
    return len(content)


def _row_height_px(row: Sequence[Tile], width_px: int) -> int:
    return max(tile.image.shape[0] + LINE_PX * len(_wrapped(tile.label, width_px)) for tile in row) + GAP_PX


def _put(canvas: Image.Image, tile: Tile, place_px: tuple[int, int], width_px: int) -> None:
    left, top = place_px
    canvas.paste(Image.fromarray(tile.image), place_px)
    _write(canvas, left, _wrapped(tile.label, width_px), top=top + tile.image.shape[0])


def _write(canvas: Image.Image, left: int, lines: Sequence[str], top: int = GAP_PX) -> None:
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(LABEL_SIZE_PX)
    for number, line in enumerate(lines):
        draw.text((left, top + number * LINE_PX), line, fill=(20, 20, 20), font=font)


def _wrapped(text: str, width_px: int) -> list[str]:
    letters = max(8, int(width_px / (LETTER_WIDTH * LABEL_SIZE_PX)))
    return [line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, letters)]


def _interpolation(scale: float) -> int:
    return cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC


def _encoded(image: np.ndarray, suffix: str, max_bytes: float) -> bytes:
    if suffix == ".png":
        return _saved(image, "PNG", optimize=True)
    content = b""
    for quality in JPEG_QUALITIES:
        content = _saved(image, "JPEG", quality=quality, optimize=True)
        if len(content) <= max_bytes:
            break
    return content


def _saved(image: np.ndarray, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()
