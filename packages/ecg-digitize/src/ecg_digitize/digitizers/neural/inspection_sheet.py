"""Every step of the neural digitizer drawn on one sheet, to see where a page went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.orientation import QUARTERS
from ecg_digitize.digitizers.neural.scaling import scaled
from ecg_digitize.digitizers.neural.waveform.row_reading import RowReading

WIDTH_PX = 1600
CAPTION_PX = 34
GAP_PX = 8
RED, BLUE, GREEN, GRAY = (214, 39, 40), (31, 119, 180), (44, 160, 44), (120, 120, 120)
SHOWN_PRESENCE = 0.3


def draw_sheet(image: np.ndarray, found: Mapping[str, Any], ending: str) -> np.ndarray:
    """What every step found, one below the other.

    Args:
        image: the picture, uint8 RGB.
        found: what `ecg_digitize.digitizers.neural.stages.run_stages` told, as far as it came.
        ending: what became of the page, or the error that it met.

    Returns:
        uint8 RGB, shape (height, `WIDTH_PX`, 3).
    """
    parts: list[np.ndarray] = []
    if "flat" in found:
        flat: FlatPage = found["flat"]
        rows, columns = flat.mesh.points_px.shape[:2]
        title = f"grid: {rows} x {columns} lines, {flat.found:.0%} of the crossings seen, the others inferred"
        parts += _part(title, draw_mesh(image, flat.mesh))
    if "page" in found:
        page: UprightPage = found["page"]
        names = ", ".join(mark.name for mark in page.names) or "none"
        parts += _part(f"{_lay(page.orientation)}; names: {names}", draw_names(page))
        parts += _part(_told(page), draw_rows(page))
    for number, reading in enumerate(found.get("readings", ()), start=1):
        clarity = reading.clarity(0, len(reading.columns.row_px))
        parts += _part(f"row {number}: mean certainty {clarity:.2f}", draw_reading(reading))
    return np.concatenate([_caption(ending), *parts])


def draw_names(page: UprightPage) -> np.ndarray:
    """The flat, upright paper with the names of leads that were found on it."""
    scale = WIDTH_PX / page.flat.paper.shape[1]
    drawn = _faded(scaled(page.flat.paper, scale))
    for mark in page.names:
        x, y = (round(value * PX_PER_MM * scale) for value in (mark.x_mm, mark.y_mm))
        cv2.circle(drawn, (x, y), 5, RED, -1, cv2.LINE_AA)
        cv2.putText(drawn, mark.name, (x + 10, y - 4), _FONT, 0.8, BLUE, 2, cv2.LINE_AA)
    return drawn


def draw_mesh(image: np.ndarray, mesh: Mesh) -> np.ndarray:
    """The picture with the lines of the grid that were found on it, every fifth in red."""
    scale = WIDTH_PX / image.shape[1]
    drawn = _faded(scaled(image, scale))
    for lines in (mesh.points_px * scale, mesh.points_px.transpose(1, 0, 2) * scale):
        for number, line in enumerate(lines):
            for start, end in pairwise(line):
                if np.isfinite((start, end)).all():
                    first, last = (np.rint(point).astype(int).tolist() for point in (start, end))
                    cv2.line(drawn, first, last, RED if number % 5 == 0 else GREEN, 1, cv2.LINE_AA)
    return drawn


def draw_rows(page: UprightPage) -> np.ndarray:
    """The ink of the traces on the flat page, with the rows where they were found, and the calibration pulses."""
    level = np.rint(255 * (1 - page.flat.trace)).astype(np.uint8)
    scale = WIDTH_PX / level.shape[1]
    drawn = scaled(np.repeat(level[..., None], 3, axis=2), scale)
    for zero_mm in page.zeros_mm:
        y = round(zero_mm * PX_PER_MM * scale)
        cv2.line(drawn, (0, y), (WIDTH_PX, y), RED, 1, cv2.LINE_AA)
    for pulse in page.pulses:
        corners_mm = (pulse.left_mm, pulse.top_mm), (pulse.right_mm, pulse.foot_mm)
        first, last = (tuple(round(place * PX_PER_MM * scale) for place in corner) for corner in corners_mm)
        cv2.rectangle(drawn, first, last, BLUE, 1, cv2.LINE_AA)
    return drawn


def draw_reading(reading: RowReading) -> np.ndarray:
    """A row's strip with the trace that was read; pale where it is doubtful."""
    scale = WIDTH_PX / reading.strip.shape[1]
    # down twice as fine as across, so that the picture has the shape of the paper
    size = WIDTH_PX, round(reading.strip.shape[0] * scale * 2)
    drawn = _faded(cv2.resize(reading.strip, size, interpolation=cv2.INTER_AREA))
    there = reading.columns.presence >= SHOWN_PRESENCE
    x = np.rint(np.arange(len(there)) * scale).astype(int).clip(0, WIDTH_PX - 1)
    y = np.rint(reading.columns.row_px * scale * 2).astype(int).clip(0, size[1] - 1)
    sure = (reading.columns.presence * reading.columns.certainty)[there, None]
    drawn[y[there], x[there]] = np.rint(sure * np.array(RED) + (1 - sure) * 255)
    level = round(reading.level_px * scale * 2)
    cv2.line(drawn, (0, level), (WIDTH_PX, level), BLUE, 1)
    return drawn


_FONT = cv2.FONT_HERSHEY_SIMPLEX


def _faded(image: np.ndarray) -> np.ndarray:
    return np.asarray(255 - (255 - image) // 2, np.uint8)


def _lay(orientation: int) -> str:
    mirrored, quarters = divmod(orientation, QUARTERS)
    turned = f"turned by {90 * quarters} degrees" if quarters else "upright"
    return f"{turned} and mirrored" if mirrored else turned


def _told(page: UprightPage) -> str:
    rows = " / ".join(" ".join(row.leads) for row in page.named.naming.rows)
    return f"traces on the flat page; rows {rows}; {page.named.naming.agreement:.0%} of the names read as these"


def _caption(text: str) -> np.ndarray:
    strip = np.full((CAPTION_PX, WIDTH_PX, 3), 255, np.uint8)
    cv2.putText(strip, text[:150], (8, CAPTION_PX - 11), _FONT, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return strip


def _part(title: str, picture: np.ndarray) -> list[np.ndarray]:
    return [_caption(title), picture[:, :WIDTH_PX], np.full((GAP_PX, WIDTH_PX, 3), GRAY, np.uint8)]
