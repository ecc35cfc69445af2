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
from ecg_render.style import PageStyle, Rgb

MIN_COVERAGE = 0.5
"""A pixel counts as inked from this coverage on."""

MIN_PEN_PX = 1.5
"""Least width of the pen of the labels; the half covered pixels of a thinner one would not be connected."""


@attrs.frozen
class Ink:
    """One stroke or word.

    Attributes:
        bit: what it is, of `ecg_render.labels`.
        patch: where it lies.
    """

    bit: int
    patch: Patch


def draw_scene(image: np.ndarray, labels: np.ndarray, scene: Scene, style: PageStyle) -> None:
    """Print a scene, as composed, on a sheet, and mark its labels, both in place."""
    for text in (*scene.lead_names, *scene.texts):
        ink = Ink(PRINT, _text_patch(text))
        blend(image, ink.patch, style.text_rgb)
        mark(labels, ink)
    trace_px, pulse_px = style.trace_width_mm * scene.px_per_mm, style.pulse_width_mm * scene.px_per_mm
    is_thick = min(trace_px, pulse_px) >= MIN_PEN_PX
    for ink in stroke_ink(scene, trace_px, pulse_px):
        blend(image, ink.patch, style.trace_rgb)
        if is_thick:
            mark(labels, ink)
    if not is_thick:
        for ink in stroke_ink(scene, max(trace_px, MIN_PEN_PX), max(pulse_px, MIN_PEN_PX)):
            mark(labels, ink)


def stroke_ink(scene: Scene, trace_px: float, pulse_px: float) -> Iterator[Ink]:
    """Ink of separators, and of calibration pulses and traces with pens of given widths."""
    for separator in scene.separators:
        yield from _stroke(scene, PRINT, *_separator_line(separator))
    for pulse in scene.pulses:
        yield from _stroke(scene, PULSE, *_pulse_line(pulse), pulse_px)
    for piece in scene.pieces:
        for start, stop in finite_runs(piece.y_px):
            yield from _stroke(scene, TRACE, piece.x_px[start:stop], piece.y_px[start:stop], trace_px)


def _stroke(scene: Scene, bit: int, x_px: np.ndarray, y_px: np.ndarray, width_px: float) -> Iterator[Ink]:
    patch = stroke_patch(x_px, y_px, width_px, (scene.height_px, scene.width_px))
    if patch is not None:
        yield Ink(bit, patch)


def _pulse_line(pulse: CalibrationPulse) -> tuple[np.ndarray, np.ndarray]:
    left, top, right, bottom = pulse.box_px
    x_px = np.array([left - pulse.foot_px, left, left, right, right, right + pulse.foot_px])
    return x_px, np.array([bottom, bottom, top, top, bottom, bottom])


def _separator_line(separator: Separator) -> tuple[np.ndarray, np.ndarray, float]:
    """Points and width of the pen stroke that fills a separator's box from its upper to its lower end."""
    left, top, right, bottom = separator.box_px
    radius = (right - left) / 2
    return np.full(2, left + radius), np.array([top + radius, bottom - radius]), 2 * radius


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
