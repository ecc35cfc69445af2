"""The printed lead names, so that no trace is mistaken for its own label.

On any page the names stand at the same place beside each lead's beginning. Small pieces of ink near the beginnings of
the leads vote for that place; with it known, a name is found even where a QRS complex runs through it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from ecg_digitize.classical.rectify import PX_PER_MM
from ecg_digitize.classical.strokes import INK_THRESHOLD, Runs

MIN_LETTER_PX = 1.6 * PX_PER_MM
MAX_LETTER_PX = 6.0 * PX_PER_MM
"""Height of a letter; one may be as wide, and several may run together."""
SEARCH_BEFORE_PX = 3.0 * PX_PER_MM
SEARCH_AFTER_PX = 16.0 * PX_PER_MM
MAX_RISE_PX = 22.0 * PX_PER_MM
"""Names are looked for this far left and right of a lead's beginning, and above and below its row's 0 mV."""
SAME_HEIGHT_PX = 1.2 * PX_PER_MM
MIN_NAMED_SHARE = 0.4
MARGIN_PX = 0.5 * PX_PER_MM


@attrs.frozen
class Place:
    """The beginning of a lead: column of its first instant and height of 0 mV."""

    start_px: float
    zero_px: float


@attrs.frozen
class Box:
    """A part of the page, in pixels."""

    left: float
    top: float
    right: float
    bottom: float


def find_names(evidence: np.ndarray, places: Sequence[Place]) -> list[Box]:
    """Where the names of the leads stand; empty where they cannot be told from other ink.

    Args:
        evidence: float32, shape (height, width), of a flat page.
        places: the beginning of every lead in every row.
    """
    letters = _letters(evidence)
    near = [(letter, place) for place in places for letter in letters if _is_near(letter, place)]
    if not near:
        return []
    falls = np.array([(letter.top + letter.bottom) / 2 - place.zero_px for letter, place in near])
    alike = np.abs(falls[:, None] - falls[None, :]) <= SAME_HEIGHT_PX
    owners = np.array([places.index(place) for _, place in near])
    named = [len(set(owners[row])) for row in alike]
    best = int(np.argmax(named))
    if named[best] < MIN_NAMED_SHARE * len(places):
        return []
    chosen = [near[index] for index in np.flatnonzero(alike[best])]
    return [_box_at(place, chosen) for place in places]


def _letters(evidence: np.ndarray) -> list[Box]:
    """Pieces of ink of the size of letters."""
    ink = (evidence > INK_THRESHOLD).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return [
        Box(left, top, left + width, top + height)
        for left, top, width, height, _ in stats[1:].astype(float)
        if MIN_LETTER_PX <= height <= MAX_LETTER_PX and width <= 2 * MAX_LETTER_PX
    ]


def _is_near(letter: Box, place: Place) -> bool:
    return (
        letter.left - place.start_px >= -SEARCH_BEFORE_PX
        and letter.right - place.start_px <= SEARCH_AFTER_PX
        and abs((letter.top + letter.bottom) / 2 - place.zero_px) <= MAX_RISE_PX
    )


def _box_at(place: Place, chosen: Sequence[tuple[Box, Place]]) -> Box:
    """The common place of all names, carried over to one lead."""
    left = min(letter.left - other.start_px for letter, other in chosen)
    right = max(letter.right - other.start_px for letter, other in chosen)
    top = np.median([letter.top - other.zero_px for letter, other in chosen])
    bottom = np.median([letter.bottom - other.zero_px for letter, other in chosen])
    return Box(
        place.start_px + left - MARGIN_PX,
        place.zero_px + float(top) - MARGIN_PX,
        place.start_px + right + MARGIN_PX,
        place.zero_px + float(bottom) + MARGIN_PX,
    )


def within_names(runs: Runs, boxes: Sequence[Box]) -> np.ndarray:
    """Which runs lie wholly where a name stands, bool, shape (runs,); a stroke that leaves the box does not."""
    inside = np.zeros(len(runs.column), bool)
    for box in boxes:
        inside |= (
            (runs.column >= box.left)
            & (runs.column <= box.right)
            & (runs.top_px >= box.top)
            & (runs.bottom_px <= box.bottom)
        )
    return inside
