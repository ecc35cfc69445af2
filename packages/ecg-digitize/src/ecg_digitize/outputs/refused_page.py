"""A page that could not be read, with what was made out on it."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from ecg_digitize.digitizers.unreadable import Seen
from ecg_digitize.outputs.reasons import with_reasons
from ecg_digitize.record.refusal import Refusal

MAX_SIDE_PX = 4000
"""A larger picture is drawn smaller."""

GRID_RGB, ROW_RGB, NAME_RGB = (120, 190, 120), (31, 119, 180), (214, 39, 40)
FADE = 0.35
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_refused(refusal: Refusal) -> np.ndarray:
    """The page, faded where something was found on it, with grid, rows and names; above it the reason and the advice.

    Returns:
        uint8 RGB, the picture at the bottom.
    """
    scale = min(1.0, MAX_SIDE_PX / max(refusal.image.shape[:2]))
    page = _draw_seen(_scaled(refusal.image, scale), refusal.seen, scale)
    return with_reasons(page, refusal.quality)


def _draw_seen(image: np.ndarray, seen: Seen, scale: float) -> np.ndarray:
    if not (seen.grid_px or seen.names or seen.rows_px):
        return image
    drawn = np.rint(255 - (255 - image.astype(np.float32)) * (1 - FADE)).astype(np.uint8)
    width = max(1, round(max(drawn.shape[:2]) / 1500))
    _draw_lines(drawn, seen.grid_px, scale, GRID_RGB, width)
    _draw_lines(drawn, seen.rows_px, scale, ROW_RGB, 2 * width)
    for name in seen.names:
        place = round(name.x_px * scale), round(name.y_px * scale)
        cv2.circle(drawn, place, 4 * width, NAME_RGB, cv2.FILLED, cv2.LINE_AA)
        cv2.putText(
            drawn, name.text, (place[0] + 8 * width, place[1]), FONT, 0.7 * width, NAME_RGB, 2 * width, cv2.LINE_AA
        )
    return drawn


def _draw_lines(
    drawn: np.ndarray, lines_px: Iterable[np.ndarray], scale: float, colour: tuple[int, int, int], width: int
) -> None:
    """Lines as far as their points are known."""
    for line in lines_px:
        known = line[np.isfinite(line).all(axis=1)]
        if len(known) > 1:
            cv2.polylines(drawn, [np.rint(known * scale).astype(np.int32)], False, colour, width, cv2.LINE_AA)


def _scaled(image: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1.0:
        return image
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
