"""Ink of a scene: coverage of pixels, and its blending into a picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecg_core.resample import finite_runs
from ecg_render.scene import CalibrationPulse, PrintedText, Scene, Separator
from ecg_render.strokes import Patch, stroke_patch
from ecg_render.style import PageStyle, Rgb
from ecg_render.text import letters


def draw_scene(image: np.ndarray, scene: Scene, style: PageStyle) -> None:
    """Print a scene, as composed, on a sheet, in place."""
    for text in (*scene.lead_names, *scene.texts):
        blend(image, _text_patch(text), style.text_rgb)
    for patch in trace_patches(scene, style.trace_width_mm * scene.px_per_mm):
        blend(image, patch, style.trace_rgb)


def trace_patches(scene: Scene, width_px: float) -> Iterator[Patch]:
    """Ink of separators, calibration pulses and traces, with a pen of a width for the last two."""
    for separator in scene.separators:
        yield from _stroke(scene, *_separator_line(separator))
    for pulse in scene.pulses:
        yield from _stroke(scene, *_pulse_line(pulse), width_px)
    for piece in scene.pieces:
        for start, stop in finite_runs(piece.y_px):
            yield from _stroke(scene, piece.x_px[start:stop], piece.y_px[start:stop], width_px)


def _stroke(scene: Scene, x_px: np.ndarray, y_px: np.ndarray, width_px: float) -> Iterator[Patch]:
    patch = stroke_patch(x_px, y_px, width_px, (scene.height_px, scene.width_px))
    if patch is not None:
        yield patch


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
    return Patch(round(left + 0.5), round(top + 0.5), letters(text.text, text.size_px).coverage)


def blend(image: np.ndarray, patch: Patch, ink_rgb: Rgb) -> None:
    """Lay ink over a picture, in place; what of the patch lies outside is cut off."""
    height, width = image.shape[:2]
    top, left = max(patch.top, 0), max(patch.left, 0)
    coverage = patch.coverage[top - patch.top : height - patch.top, left - patch.left : width - patch.left]
    rows, columns = np.nonzero(coverage)
    share = coverage[rows, columns][:, None]
    paper = image[rows + top, columns + left]
    ink = np.array(ink_rgb, np.float32)
    image[rows + top, columns + left] = np.rint(paper + (ink - paper) * share).astype(np.uint8)
