"""What a page of a PDF draws beside its texts: lines, filled shapes and pictures, as PDFium tells of them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs
import numpy as np
import pypdfium2
from pypdfium2 import raw

from ecg_digitize.pages.curves import connected_lines, flattened
from ecg_digitize.pages.drawing import Stroke

MAX_POINTS = 1_000_000
"""Pages of more points are looked at as pictures alone."""

MAX_OBJECTS = 300_000
MAX_DEPTH = 8
"""How deep drawings may stand within drawings."""

FEW_CORNERS = 6
DOT_MM = 1.0
"""Of a filled bar or rectangle, which has no more corners, or of a dot, however round, only the box matters."""

LEAST_PICTURE_MM = 40.0
"""Pictures whose area is less than a square of this side are logos."""

LEAST_OUTLINE_MM = 20.0
"""Filled shapes that are less wide are letters and logos."""

EDGE_PX = 0.01

FLAT_MM = 0.01
"""Straight pieces lie no further from the curve that they stand for: a hundredth of a small box."""

CLIPS_A_POINT = 4
"""So many corners of clips count as one point: most paths have a rectangle of them."""


@attrs.define
class Shapes:
    """What was drawn, in pixels of the page's picture; see `ecg_digitize.pages.drawing.Drawing`."""

    strokes: list[Stroke] = attrs.field(factory=list)
    outlines: list[Stroke] = attrs.field(factory=list)
    boxes_px: list[np.ndarray] = attrs.field(factory=list)
    picture_px2: float = 0.0
    num_points: int = 0
    num_clipped: int = 0


def read_shapes(page: pypdfium2.PdfPage, to_picture: np.ndarray, px_per_mm: float) -> Shapes:
    """Everything that a page draws; nothing but whether there is a picture where it draws too much."""
    shapes = Shapes()
    objects = _objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, to_picture, 0)
    for number, (kind, each, matrix) in enumerate(objects):
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            _add_picture(shapes, each, matrix)
        else:
            _add_path(shapes, each, matrix, px_per_mm)
        if max(shapes.num_points, shapes.num_clipped // CLIPS_A_POINT) > MAX_POINTS or number >= MAX_OBJECTS:
            return Shapes(picture_px2=np.inf)
    return shapes


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points, shape (points, 2), through a matrix of shape (2, 3)."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def _objects(container: Any, count: Any, get: Any, matrix: np.ndarray, depth: int) -> Iterator[tuple]:
    """Kind and handle of every path and picture, with the matrix from the coordinates in which it stands to the page's
    picture; also of those within drawings that a page takes in."""
    for index in range(count(container)):
        each = get(container, index)
        kind = raw.FPDFPageObj_GetType(each)
        if kind in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE):
            yield kind, each, matrix
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            inner = _compose(matrix, _matrix(each))
            yield from _objects(each, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, depth + 1)


def _add_picture(shapes: Shapes, drawn: Any, matrix: np.ndarray) -> None:
    box = _box(drawn, matrix)
    shapes.picture_px2 += float(np.prod(box[2:] - box[:2]))
    shapes.boxes_px.append(box)


def _add_path(shapes: Shapes, path: Any, matrix: np.ndarray, px_per_mm: float) -> None:
    fill, stroked = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(path, fill, stroked):
        return
    num_corners = raw.FPDFPath_CountSegments(path)
    if shapes.num_points + num_corners > MAX_POINTS:
        shapes.num_points += num_corners  # too many to look at
    elif stroked.value:
        style = _style(path, raw.FPDFPageObj_GetStrokeColor)
        shapes.strokes += _drawn(shapes, path, matrix, px_per_mm, style)
    elif fill.value:
        box = _box(path, matrix)
        if num_corners <= FEW_CORNERS or max(box[2:] - box[:2]) <= DOT_MM * px_per_mm:
            shapes.boxes_px.append(box)
            shapes.num_points += 1
        elif box[2] - box[0] >= LEAST_OUTLINE_MM * px_per_mm:
            style = _style(path, raw.FPDFPageObj_GetFillColor)
            shapes.outlines += _drawn(shapes, path, matrix, px_per_mm, style)


def _drawn(
    shapes: Shapes, path: Any, matrix: np.ndarray, px_per_mm: float, style: tuple[float, ...]
) -> Iterator[Stroke]:
    """Every connected part of a path, as far as its clip lets it be seen from left to right."""
    clip = _clip_px(shapes, path, matrix)
    count = raw.FPDFPath_CountSegments(path)
    shapes.num_points += count
    kinds, points = _segments(count, partial(raw.FPDFPath_GetPathSegment, path))
    points_px = apply(_compose(matrix, _matrix(path)), points) - 0.5
    for line in connected_lines(kinds == raw.FPDF_SEGMENT_MOVETO, kinds == raw.FPDF_SEGMENT_BEZIERTO, points_px):
        flat, are_given = flattened(line, FLAT_MM * px_per_mm)
        shapes.num_points += len(flat)
        for seen in _seen(flat, clip):
            share = len(seen) / len(flat)
            yield Stroke(seen, style, num_given=max(2, round(share * are_given)))


def _seen(points: np.ndarray, clip: np.ndarray | None) -> Iterator[np.ndarray]:
    """The parts of a line between the left and right edge of its clip; nothing of what lies wholly above or below it.

    What sticks out of the clip upwards or downwards stays: the line is known there, too.
    """
    if clip is None:
        yield points
        return
    low, high = points.min(axis=0), points.max(axis=0)
    if high[1] < clip[1] - 1 or low[1] > clip[3] + 1 or high[0] < clip[0] - 1 or low[0] > clip[2] + 1:
        return
    if len(points) == 2:
        yield np.clip(points, clip[:2], clip[2:]) if (high - low).min() < 0.5 else points
        return
    points = _with_crossings(points, clip[[0, 2]])
    inside = (points[:, 0] >= clip[0] - EDGE_PX) & (points[:, 0] <= clip[2] + EDGE_PX)
    for part in np.split(np.arange(len(points)), np.flatnonzero(np.diff(inside)) + 1):
        if inside[part[0]] and len(part) > 1:
            yield points[part]


def _with_crossings(points: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """A line with a further point wherever it crosses an upright edge."""
    for edge in edges:
        away = points[:, 0] - edge
        crossed = np.flatnonzero(
            (np.abs(away[:-1]) > EDGE_PX) & (np.abs(away[1:]) > EDGE_PX) & (away[:-1] * away[1:] < 0)
        )
        share = (away[crossed] / (away[crossed] - away[crossed + 1]))[:, None]
        points = np.insert(points, crossed + 1, points[crossed] * (1 - share) + points[crossed + 1] * share, axis=0)
    return points


def _clip_px(shapes: Shapes, drawn: Any, matrix: np.ndarray) -> np.ndarray | None:
    """Left, top, right and bottom of where an object may be seen; None where it is seen everywhere."""
    clip = raw.FPDFPageObj_GetClipPath(drawn)
    box = None
    for number in range(max(0, raw.FPDFClipPath_CountPaths(clip)) if clip else 0):
        count = max(0, raw.FPDFClipPath_CountPathSegments(clip, number))
        shapes.num_clipped += count
        if shapes.num_clipped > CLIPS_A_POINT * MAX_POINTS:
            return box
        _, corners = _segments(count, partial(raw.FPDFClipPath_GetPathSegment, clip, number))
        points = apply(matrix, corners) - 0.5
        if len(points):
            own = np.concatenate((points.min(axis=0), points.max(axis=0)))
            box = own if box is None else np.concatenate((np.maximum(box[:2], own[:2]), np.minimum(box[2:], own[2:])))
    return box


def _box(drawn: Any, matrix: np.ndarray) -> np.ndarray:
    """Left, top, right and bottom of an object."""
    edges = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(drawn, *edges)
    left, bottom, right, top = (edge.value for edge in edges)
    corners = apply(matrix, np.array([(left, bottom), (right, top)])) - 0.5
    return np.concatenate((corners.min(axis=0), corners.max(axis=0)))


def _matrix(drawn: Any) -> np.ndarray:
    found = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(drawn, found)
    return np.array([(found.a, found.c, found.e), (found.b, found.d, found.f)])


def _compose(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The matrix that first does the inner, then the outer one."""
    return np.asarray(outer @ np.vstack((inner, (0, 0, 1))))


def _style(path: Any, get_color: Any) -> tuple[float, ...]:
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(path, width)
    color = [ctypes.c_uint() for _ in range(4)]
    get_color(path, *color)
    return (round(width.value, 3), *(float(each.value) for each in color))


def _segments(count: int, get: Callable[[int], Any]) -> tuple[np.ndarray, np.ndarray]:
    """Kinds, and points, shape (segments, 2), of the segments of a path, in the coordinates in which it stands."""
    kinds, points = np.empty(count, int), np.empty((count, 2))
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(count):
        segment = get(index)
        kinds[index] = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        points[index] = x.value, y.value
    return kinds, points
