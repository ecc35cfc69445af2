"""Pages of PDFs: their pictures, and what is drawn on them as lines and texts."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pypdfium2
from pypdfium2 import raw

from ecg_core.errors import DataError
from ecg_digitize.pages.drawing import Drawing, Stroke, Text

DOTS_PER_INCH = 300.0
POINTS_PER_INCH = 72.0
MM_PER_INCH = 25.4
MAX_POINTS = 1_000_000
"""Pages of more points are looked at as pictures alone."""

MAX_LETTERS = 20_000
WORD_GAP_PX = 12.0
"""About a millimetre."""

MAX_DEPTH = 8
"""How deep drawings may stand within drawings."""


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
    """Strokes and texts of a page."""
    to_picture = _to_picture(page)
    strokes: list[Stroke] = []
    num_points = 0
    for style, points in _paths(page):
        num_points += len(points)
        if num_points > MAX_POINTS:
            strokes = []
            break
        strokes.append(Stroke(_apply(to_picture, points) - 0.5, style))
    return Drawing(tuple(strokes), tuple(_texts(page, to_picture)), DOTS_PER_INCH / MM_PER_INCH)


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


def _apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def _paths(page: pypdfium2.PdfPage) -> Iterator[tuple[tuple[float, ...], np.ndarray]]:
    """Style and points of every stroked line, in the page's own coordinates."""
    for path, matrix in _objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, np.eye(2, 3), 0):
        fill, stroked = ctypes.c_int(), ctypes.c_int()
        if raw.FPDFPath_GetDrawMode(path, fill, stroked) and stroked.value:
            style = _style(path)
            for points in _lines(path):
                yield style, _apply(matrix, points)


def _objects(container: object, count: object, get: object, matrix: np.ndarray, depth: int) -> Iterator[tuple]:
    """Every path, with the matrix to the page's own coordinates; also those within drawings that a page takes in."""
    for index in range(count(container)):  # type: ignore[operator]
        each = get(container, index)  # type: ignore[operator]
        kind = raw.FPDFPageObj_GetType(each)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            yield each, _compose(matrix, _matrix(each))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            inner = _compose(matrix, _matrix(each))
            yield from _objects(each, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, depth + 1)


def _matrix(drawn: object) -> np.ndarray:
    found = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(drawn, found)
    return np.array([(found.a, found.c, found.e), (found.b, found.d, found.f)])


def _compose(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The matrix that first does the inner, then the outer one."""
    return np.asarray(outer @ np.vstack((inner, (0, 0, 1))))


def _style(path: object) -> tuple[float, ...]:
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(path, width)
    colour = [ctypes.c_uint() for _ in range(4)]
    raw.FPDFPageObj_GetStrokeColor(path, *colour)
    return (round(width.value, 3), *(float(each.value) for each in colour))


def _lines(path: object) -> Iterator[np.ndarray]:
    """Points of every connected part of a path; of a curve its ends."""
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield np.array(points)
            points = []
        points.append((x.value, y.value))
    if len(points) > 1:
        yield np.array(points)


def _texts(page: pypdfium2.PdfPage, to_picture: np.ndarray) -> Iterator[Text]:
    """Every word; letters belong to one where they follow closely on one another."""
    letters = page.get_textpage()
    word, right_px = "", -np.inf
    left_px = middle_px = 0.0
    for index in range(min(letters.count_chars(), MAX_LETTERS)):
        letter = letters.get_text_range(index, 1)
        left, bottom, right, top = letters.get_charbox(index)
        corners = _apply(to_picture, np.array([(left, bottom), (right, top)])) - 0.5
        (x0, x1), middle = sorted(corners[:, 0]), float(corners[:, 1].mean())
        apart = abs(middle - middle_px) > WORD_GAP_PX or abs(x0 - right_px) > WORD_GAP_PX
        if word and (letter.isspace() or apart):
            yield Text(word, left_px, middle_px)
            word = ""
        if letter.strip():
            if not word:
                left_px, middle_px = float(x0), middle
            word, right_px = word + letter, x1
    if word:
        yield Text(word, left_px, middle_px)
    letters.close()
