"""Pages of PDFs: their pictures, and what is drawn on them as lines and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pypdfium2

from ecg_core.errors import DataError
from ecg_digitize.pages.drawing import Drawing, Text
from ecg_digitize.pages.pdf_shapes import LEAST_PICTURE_MM, apply, read_shapes

DOTS_PER_INCH = 300.0
POINTS_PER_INCH = 72.0
MM_PER_INCH = 25.4
MAX_LETTERS = 20_000
WORD_GAP_PX = 12.0
"""About a millimetre."""


def _every_page(count: int) -> Iterable[int]:
    return range(1, count + 1)


def pdf_pages(
    path: Path, *, max_pixels: int, choose: Callable[[int], Iterable[int]] = _every_page
) -> Iterator[tuple[int, int, np.ndarray, Drawing]]:
    """Number of each page, number of pages, picture and drawing, page by page.

    Args:
        path: the file.
        max_pixels: pages whose pictures would have more are refused.
        choose: gives the numbers of the pages to draw, from 1, of a document of so many.

    Yields:
        The number of the page, from 1; the number of pages; uint8 RGB, shape (height, width, 3), `DOTS_PER_INCH`; and
        the drawing, in its pixels.

    Raises:
        DataError: naming the file, for what is no PDF, is damaged or protected, or has a page that is too large.
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise DataError(
            f"{path}: the PDF cannot be opened: it has no pages, is damaged or needs a password ({error})"
        ) from error
    try:
        if len(document) == 0:
            raise DataError(f"{path}: the PDF has no pages")
        for number in choose(len(document)):
            page = document[number - 1]
            yield number, len(document), _picture(path, page, max_pixels), read_drawing(page)
    finally:
        document.close()


def _picture(path: Path, page: pypdfium2.PdfPage, max_pixels: int) -> np.ndarray:
    width_pt, height_pt = page.get_size()
    scale = DOTS_PER_INCH / POINTS_PER_INCH
    if width_pt * height_pt * scale**2 > max_pixels:
        size = f"{width_pt / POINTS_PER_INCH:.0f} x {height_pt / POINTS_PER_INCH:.0f} inches"
        raise DataError(f"{path}: a page of {size} is too large")
    try:
        return np.asarray(page.render(scale=scale).to_pil().convert("RGB"))
    except pypdfium2.PdfiumError as error:
        raise DataError(f"{path}: a page of the PDF cannot be drawn ({error})") from error


def read_drawing(page: pypdfium2.PdfPage) -> Drawing:
    """Strokes, shapes and texts of a page."""
    to_picture = _to_picture(page)
    px_per_mm = DOTS_PER_INCH / MM_PER_INCH
    shapes = read_shapes(page, to_picture, px_per_mm)
    return Drawing(
        strokes=tuple(shapes.strokes),
        texts=tuple(_texts(page, to_picture)),
        px_per_mm=px_per_mm,
        outlines=tuple(shapes.outlines),
        boxes_px=np.array(shapes.boxes_px, float).reshape(-1, 4),
        has_picture=shapes.picture_px2 >= (LEAST_PICTURE_MM * px_per_mm) ** 2,
    )


def _to_picture(page: pypdfium2.PdfPage) -> np.ndarray:
    """Matrix (2, 3) from the page's own coordinates to pixels of its picture, upright as the page asks to be."""
    left, bottom, right, top = page.get_cropbox()
    turned = {
        0: ((1, 0, -left), (0, -1, top)),
        90: ((0, 1, -bottom), (1, 0, -left)),
        180: ((-1, 0, right), (0, 1, -bottom)),
        270: ((0, -1, top), (-1, 0, right)),
    }
    return np.array(turned[page.get_rotation() % 360], float) * (DOTS_PER_INCH / POINTS_PER_INCH)


def _texts(page: pypdfium2.PdfPage, to_picture: np.ndarray) -> Iterator[Text]:
    """Every word; letters belong to one where they follow closely on one another."""
    letters = page.get_textpage()
    word, right_px = "", -np.inf
    left_px = middle_px = line_px = 0.0
    for index in range(min(letters.count_chars(), MAX_LETTERS)):
        letter = letters.get_text_range(index, 1)
        (x0, _), middle = _box_px(letters, index, to_picture, loose=False)
        (begins, ends), line = _box_px(letters, index, to_picture, loose=True)
        apart = abs(line - line_px) > WORD_GAP_PX or min(abs(begins - right_px), abs(x0 - right_px)) > WORD_GAP_PX
        if word and (letter.isspace() or apart):
            yield Text(word, left_px, middle_px, right_px)
            word = ""
        if letter.strip():
            if not word:
                left_px, middle_px = x0, middle
            word, right_px, line_px = word + letter, ends, line
    if word:
        yield Text(word, left_px, middle_px, right_px)
    letters.close()


def _box_px(
    letters: pypdfium2.PdfTextPage, index: int, to_picture: np.ndarray, *, loose: bool
) -> tuple[tuple[float, float], float]:
    """Left and right edge and the middle height of a letter: of its ink, or loosely, with the room it takes."""
    left, bottom, right, top = letters.get_charbox(index, loose=loose)
    corners = apply(to_picture, np.array([(left, bottom), (right, top)])) - 0.5
    x0, x1 = sorted(corners[:, 0])
    return (float(x0), float(x1)), float(corners[:, 1].mean())
