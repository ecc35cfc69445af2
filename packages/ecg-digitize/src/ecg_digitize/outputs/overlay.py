"""What was read, drawn over the picture that it was read from, to be looked at."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_digitize.digitizers.reading import LeadTrace
from ecg_digitize.record.digitization import Digitization

COLORS_RGB = ((214, 39, 40), (31, 119, 180), (44, 160, 44), (148, 103, 189))
"""Neighbouring leads differ in colour, so that a wrong cut shows."""
PAPER_FADE = 0.45
"""How far the picture is faded towards white."""
SHIFT_BITS = 4
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_overlay(digitization: Digitization) -> np.ndarray:
    """Every lead in colour, its name and confidence over the faded page, the zero point of each row, and the verdict.

    Args:
        digitization: what was read.

    Returns:
        uint8 RGB with the shape of its picture.
    """
    faded = (255 - (255 - np.arange(256)) * (1 - PAPER_FADE)).astype(np.uint8)
    overlay = cv2.LUT(digitization.image, faded)
    reading = digitization.reading
    px_per_mm = reading.geometry.px_per_mm_y
    for number, trace in enumerate(reading.traces):
        color = COLORS_RGB[(number + trace.row) % len(COLORS_RGB)]
        label = f"{trace.lead} {digitization.confidence[trace.name]:.2f}"
        _draw_trace(overlay, trace, label, color, px_per_mm)
    for x, y in reading.geometry.baselines_px:
        cv2.drawMarker(overlay, (round(x), round(y)), (0, 0, 0), cv2.MARKER_CROSS, round(3 * px_per_mm), 1, cv2.LINE_AA)
    _stamp(overlay, digitization.verdict, px_per_mm)
    return overlay


def _stamp(overlay: np.ndarray, verdict: str, px_per_mm: float) -> None:
    """The verdict in a white box at the top left, legible over whatever is printed there."""
    cv2.rectangle(overlay, (0, 0), (round(24 * px_per_mm), round(8 * px_per_mm)), (255, 255, 255), cv2.FILLED)
    _write(overlay, verdict, (2 * px_per_mm, 6 * px_per_mm), (0, 0, 0), px_per_mm)


def _draw_trace(
    overlay: np.ndarray, trace: LeadTrace, label: str, color: tuple[int, int, int], px_per_mm: float
) -> None:
    """A line wherever the curve is known, below its label; gaps stay gaps."""
    known = np.isfinite(trace.points_px).all(axis=1)
    breaks = np.flatnonzero(~known)
    width = max(1, round(0.2 * px_per_mm))
    for run in np.split(trace.points_px, breaks):
        points = run[np.isfinite(run).all(axis=1)]
        if len(points):
            fixed = np.round(points * 2**SHIFT_BITS).astype(np.int32)
            cv2.polylines(overlay, [fixed], False, color, width, cv2.LINE_AA, SHIFT_BITS)
    if known.any():
        x, y = trace.points_px[known][0]
        _write(overlay, label, (x + px_per_mm, y - 12 * px_per_mm), color, px_per_mm)


def _write(
    overlay: np.ndarray, text: str, place: tuple[float, float], color: tuple[int, int, int], px_per_mm: float
) -> None:
    scale = 3.0 * px_per_mm / 22.0  # capitals of this font are 22 px tall at scale 1
    position = (round(place[0]), round(place[1]))
    cv2.putText(overlay, text, position, FONT, scale, color, max(1, round(0.3 * px_per_mm)), cv2.LINE_AA)
