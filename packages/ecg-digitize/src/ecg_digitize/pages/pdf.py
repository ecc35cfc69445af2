"""Pages of PDFs: their pictures, and what is drawn on them as lines and texts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pypdfium2
from pypdfium2 import raw

from ecg_core.errors import DataError, EcgError, one_line
from ecg_core.pictures import MAX_PIXELS
from ecg_digitize.pages.drawing import Drawing, Text
from ecg_digitize.pages.pdf_content import check_content
from ecg_digitize.pages.pdf_shapes import LEAST_PICTURE_MM, apply, read_shapes

DOTS_PER_INCH = 300.0
POINTS_PER_INCH = 72.0
MM_PER_INCH = 25.4
MAX_LETTERS = 20_000
MIN_SIDE_PT, MAX_SIDE_PT = 10.0, 14_400.0
"""Smaller pages show nothing, and larger ones, of five metres, the format does not have (PDF 1.7, annex C)."""

MAX_DRAWING_S = 30.0
"""Pages of an ECG are drawn in less than a second."""

WHITE = 0xFFFFFFFF
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
        max_pixels: pages whose pictures would have more are drawn with fewer dots per inch.
        choose: gives the numbers of the pages to draw, from 1, of a document of so many.

    Yields:
        The number of the page, from 1; the number of pages; uint8 RGB, shape (height, width, 3), `DOTS_PER_INCH` or
        fewer; and the drawing, in its pixels.

    Raises:
        DataError: naming the file, for what is no PDF, is damaged or protected, or beyond a limit.
    """
    with _told_as_damage(path, "cannot be opened: it has no pages, is damaged or needs a password"):
        check_content(path, MAX_PIXELS)
        document = pypdfium2.PdfDocument(path)
    try:
        count = len(document)
        if count == 0:
            raise DataError(f"{path}: the PDF has no pages")
        for number in choose(count):
            with _told_as_damage(path, f"has a page {number} that cannot be read"):
                picture, drawing = _read(path, document, number, max_pixels)
            yield number, count, picture, drawing
    finally:
        document.close()


@contextmanager
def _told_as_damage(path: Path, what: str) -> Iterator[None]:
    """Whatever PDFium, or what stands between it and us, stumbles over in a file is told as its damage."""
    try:
        yield
    except EcgError:
        raise
    except Exception as error:
        raise DataError(f"{path}: the PDF {what} ({one_line(error)}); print it anew, or to a picture") from error


def _read(path: Path, document: pypdfium2.PdfDocument, number: int, max_pixels: int) -> tuple[np.ndarray, Drawing]:
    """Picture and drawing of a page."""
    scale = _scale(path, number, document.get_page_size(number - 1), max_pixels)
    page = document[number - 1]
    try:
        return _picture(path, page, scale), read_drawing(page, scale)
    finally:
        page.close()


def _scale(path: Path, number: int, size_pt: tuple[float, float], max_pixels: int) -> float:
    """Pixels a point: of `DOTS_PER_INCH`, or fewer where the page is large.

    Raises:
        DataError: no page has such a size.
    """
    if not all(MIN_SIDE_PT <= side <= MAX_SIDE_PT for side in size_pt):
        raise DataError(
            f"{path}: page {number} of the PDF has {size_pt[0]:.4g} x {size_pt[1]:.4g} points; {MIN_SIDE_PT:.0f} to "
            f"{MAX_SIDE_PT:.0f} are read. Print it to a sheet of a usual size."
        )
    return min(DOTS_PER_INCH / POINTS_PER_INCH, math.sqrt(max_pixels / math.prod(size_pt)))


def _picture(path: Path, page: pypdfium2.PdfPage, scale: float) -> np.ndarray:
    """What a page looks like.

    Raises:
        DataError: it takes too long to draw.
    """
    width, height = (math.ceil(side * scale) for side in page.get_size())
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR, rev_byteorder=True)
    try:
        raw.FPDFBitmap_FillRect(bitmap.raw, 0, 0, width, height, WHITE)
        _draw(path, page, bitmap, (width, height))
        return bitmap.to_numpy().copy()
    finally:
        bitmap.close()


def _draw(path: Path, page: pypdfium2.PdfPage, bitmap: pypdfium2.PdfBitmap, size: tuple[int, int]) -> None:
    """Let PDFium draw in steps, between which it asks whether it should stop."""
    until = time.monotonic() + MAX_DRAWING_S
    pause = raw.IFSDK_PAUSE(version=1)
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(lambda _: time.monotonic() > until)
    flags = raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER
    status = raw.FPDF_RenderPageBitmap_Start(bitmap.raw, page.raw, 0, 0, *size, 0, flags, pause)
    raw.FPDF_RenderPage_Close(page.raw)
    if status == raw.FPDF_RENDER_TOBECONTINUED:
        raise DataError(
            f"{path}: a page of the PDF takes more than {MAX_DRAWING_S:.0f} s to draw; print it to a picture of 300 dpi"
        )
    if status != raw.FPDF_RENDER_DONE:
        raise DataError(f"{path}: a page of the PDF cannot be drawn; print it anew, or to a picture")


def read_drawing(page: pypdfium2.PdfPage, scale: float = DOTS_PER_INCH / POINTS_PER_INCH) -> Drawing:
    """Strokes, shapes and texts of a page, at so many pixels a point."""
    to_picture = _to_picture(page, scale)
    px_per_mm = scale * POINTS_PER_INCH / MM_PER_INCH
    shapes = read_shapes(page, to_picture, px_per_mm)
    return Drawing(
        strokes=tuple(shapes.strokes),
        texts=tuple(_texts(page, to_picture)),
        px_per_mm=px_per_mm,
        outlines=tuple(shapes.outlines),
        boxes_px=np.array(shapes.boxes_px, float).reshape(-1, 4),
        has_picture=shapes.picture_px2 >= (LEAST_PICTURE_MM * px_per_mm) ** 2,
    )


def _to_picture(page: pypdfium2.PdfPage, scale: float) -> np.ndarray:
    """Matrix (2, 3) from the page's own coordinates to pixels of its picture, upright as the page asks to be."""
    left, bottom, right, top = page.get_cropbox()
    turned = {
        0: ((1, 0, -left), (0, -1, top)),
        90: ((0, 1, -bottom), (1, 0, -left)),
        180: ((-1, 0, right), (0, 1, -bottom)),
        270: ((0, -1, top), (-1, 0, right)),
    }
    return np.array(turned[page.get_rotation() % 360], float) * scale


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
