"""Ink of a scene: coverage of pixels, its blending into a picture, and its mark in the labels."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from ecg_core.curves import finite_runs
from ecg_render.drawing.letters import letters
from ecg_render.drawing.strokes import Patch, stroke_patch
from ecg_render.labels import PRINT, PULSE, TRACE
from ecg_render.scene import CalibrationPulse, PrintedText, Scene, Separator
from ecg_render.style import PageStyle, Pattern, Rgb

MIN_COVERAGE = 0.5
"""A pixel counts as inked from this coverage on."""

MIN_PEN_PX = 1.5
"""Least width of the pen of the labels; the half covered pixels of a thinner one would not be connected."""

DASHES_MM: dict[Pattern, tuple[float, float]] = {"dotted": (0.1, 1.0), "points": (0.1, 2.0), "dashed": (1.2, 2.0)}
"""Length and distance of the dashes of a separator, beside the roundness of the pen."""


@attrs.frozen
class Ink:
    """One stroke or word.

    Attributes:
        bit: what it is, of `ecg_render.labels`.
        patch: where it lies.
        rgb: its colour; None is that of the page's traces or words.
    """

    bit: int
    patch: Patch
    rgb: Rgb | None = None


def draw_scene(image: np.ndarray, labels: np.ndarray, scene: Scene, style: PageStyle) -> None:
    """Print a scene, as composed, on a sheet, and mark its labels, both in place."""
    for text in (*scene.lead_names, *scene.texts):
        ink = Ink(PRINT, _text_patch(text), text.rgb)
        blend(image, ink.patch, text.rgb or style.text_rgb)
        mark(labels, ink)
    trace_px, pulse_px = style.trace_width_mm * scene.px_per_mm, style.pulse.line_mm * scene.px_per_mm
    is_thick = min(trace_px, pulse_px) >= MIN_PEN_PX
    for ink in stroke_ink(scene, trace_px, pulse_px):
        blend(image, ink.patch, ink.rgb or style.trace_rgb)
        if is_thick:
            mark(labels, ink)
    if not is_thick:
        for ink in stroke_ink(scene, max(trace_px, MIN_PEN_PX), max(pulse_px, MIN_PEN_PX)):
            mark(labels, ink)


def stroke_ink(scene: Scene, trace_px: float, pulse_px: float) -> Iterator[Ink]:
    """Ink of separators, and of calibration pulses and traces with pens of given widths."""
    for separator in scene.separators:
        for x_px, y_px, width_px in _separator_lines(separator, scene.px_per_mm):
            yield from _stroke(scene, PRINT, x_px, y_px, width_px, separator.rgb)
    for pulse in scene.pulses:
        for x_px, y_px in _pulse_lines(pulse):
            yield from _stroke(scene, PULSE, x_px, y_px, pulse_px, pulse.rgb)
    for piece in scene.pieces:
        for start, stop in finite_runs(piece.y_px):
            yield from _stroke(scene, TRACE, piece.x_px[start:stop], piece.y_px[start:stop], trace_px)


def _stroke(
    scene: Scene, bit: int, x_px: np.ndarray, y_px: np.ndarray, width_px: float, rgb: Rgb | None = None
) -> Iterator[Ink]:
    patch = stroke_patch(x_px, y_px, width_px, (scene.height_px, scene.width_px))
    if patch is not None:
        yield Ink(bit, patch, rgb)


def _pulse_lines(pulse: CalibrationPulse) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The strokes of a pulse, each from left to right."""
    (roof_left, top), (roof_right, _), (right, bottom), (left, _) = pulse.corners_px.tolist()
    if pulse.form == "bar":
        middle = (left + right) / 2
        yield np.array([left, right]), np.array([top, top])
        yield np.array([middle, middle]), np.array([top, bottom])
        yield np.array([left, right]), np.array([bottom, bottom])
        return
    x_px = np.array([left - pulse.foot_px, left, roof_left, roof_right, right, right + pulse.foot_px])
    yield x_px, np.array([bottom, bottom, top, top, bottom, bottom])
    if pulse.tick_px:
        end = right + pulse.foot_px
        yield np.array([end, end]), np.array([bottom, bottom - pulse.tick_px])


def _separator_lines(separator: Separator, px_per_mm: float) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Points and widths of the pen strokes that fill a separator's box from its upper to its lower end."""
    left, top, right, bottom = separator.box_px
    radius = (right - left) / 2
    first, last = top + radius, bottom - radius
    for upper, lower in _dashes(first, last, separator.pattern, px_per_mm):
        yield np.full(2, left + radius), np.array([upper, lower]), 2 * radius


def _dashes(first: float, last: float, pattern: Pattern, px_per_mm: float) -> Iterator[tuple[float, float]]:
    """The printed stretches of a line."""
    if pattern == "solid":
        yield first, last
        return
    length_mm, every_mm = DASHES_MM[pattern]
    for start in np.arange(first, last, every_mm * px_per_mm).tolist():
        yield start, min(start + length_mm * px_per_mm, last)


def _text_patch(text: PrintedText) -> Patch:
    left, top, _right, _bottom = text.box_px
    return Patch(round(left + 0.5), round(top + 0.5), letters(text.text, text.size_px, text.font).coverage)


def blend(image: np.ndarray, patch: Patch, ink_rgb: Rgb) -> None:
    """Lay ink over a picture, in place; what of the patch lies outside is cut off."""
    coverage, (top, left) = _on_page(patch, image.shape[:2])
    rows, columns = np.nonzero(coverage)
    share = coverage[rows, columns][:, None]
    paper = image[rows + top, columns + left]
    ink = np.array(ink_rgb, np.float32)
    image[rows + top, columns + left] = np.rint(paper + (ink - paper) * share).astype(np.uint8)


def mark(labels: np.ndarray, ink: Ink) -> None:
    """Set the bit of every pixel that the ink covers by half or more, in place."""
    coverage, (top, left) = _on_page(ink.patch, labels.shape)
    area = labels[top : top + coverage.shape[0], left : left + coverage.shape[1]]
    area |= np.where(coverage >= MIN_COVERAGE, np.uint8(ink.bit), np.uint8(0))


def _on_page(patch: Patch, page_shape: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, int]]:
    """The part of a patch that lies on the page, and its first row and column."""
    height, width = page_shape
    top, left = max(patch.top, 0), max(patch.left, 0)
    coverage = patch.coverage[
        top - patch.top : max(height - patch.top, 0), left - patch.left : max(width - patch.left, 0)
    ]
    return coverage, (top, left)
