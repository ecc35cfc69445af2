"""Calibration pulses of which only a part was marked, made whole by their ink: two sides, and a roof between them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM
from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.pulses import HEIGHTS_MM, OVER_MM

INK = 0.4
"""A pixel of the map of traces is inked that has so much."""

DRIFT_PX, BARE_PX = 2, 2
"""A side leans by so much from one row of pixels to the next at most, and is bare on so many of them together; where it
begins it may lie so much and `DRIFT_PX` from the side of the mark."""

ROOF, GOES_ON, BEYOND_PX = 0.8, 0.7, 8
"""A roof is inked over so much of the distance of the sides; where both sides go on over so many of so many pixels
above it, it is the trace of another row, or a word, that crosses the pulse."""

MOST_PX = round(HEIGHTS_MM[1] * PX_PER_MM)
"""No pulse is higher."""

NARROWEST_PX = 2
"""Sides that are nearer to each other run into each other: no roof can be seen between them."""


ENOUGH = 2
"""Where the roofs of so many pulses are seen, those of others that are not say nothing: they may be marked in part."""


def whole_pulses(pulses: Sequence[PulseMark], trace: np.ndarray) -> list[PulseMark]:
    """Pulses, each as high as its ink where it is higher than its mark: marks end where names and waves cross them.

    Those without a roof are left out where others have one.

    Args:
        pulses: their marks.
        trace: ink of traces and pulses on the flat, upright paper, 0 to 1, shape (height, width), `PX_PER_MM`.
    """
    ink = trace >= INK
    whole = [_whole(pulse, ink) for pulse in pulses]
    roofed = [pulse for pulse in whole if pulse is not None]
    if len(roofed) >= ENOUGH:
        return roofed
    return [pulse if seen is None else seen for pulse, seen in zip(pulses, whole, strict=True)]


def _whole(pulse: PulseMark, ink: np.ndarray) -> PulseMark | None:
    """A pulse as high as its mark or its ink is; None where it shows no roof."""
    middle_px = round((pulse.top_mm + pulse.foot_mm) / 2 * PX_PER_MM)
    left_px = round((pulse.left_mm + OVER_MM) * PX_PER_MM)
    right_px = round((pulse.right_mm - OVER_MM) * PX_PER_MM)
    if not 0 <= middle_px < len(ink):
        return None
    up, down = ink[: middle_px + 1][::-1][:MOST_PX], ink[middle_px:][:MOST_PX]
    roof = _roof(up, left_px, right_px)
    foot = min(len(_followed(down, left_px)), len(_followed(down, right_px)))
    if roof is None or foot == 0:
        return None
    top_mm = min((middle_px - roof) / PX_PER_MM - OVER_MM, pulse.top_mm)
    foot_mm = max((middle_px + foot - 1) / PX_PER_MM + OVER_MM, pulse.foot_mm)
    return attrs.evolve(pulse, top_mm=top_mm, foot_mm=foot_mm) if foot_mm - top_mm <= HEIGHTS_MM[1] else None


def _roof(ink: np.ndarray, left_px: int, right_px: int) -> int | None:
    """How many rows on there is a roof between two sides; None where none is seen.

    Args:
        ink: what is inked, from the row of pixels on in which the sides begin, shape (rows, columns).
        left_px: where the left side begins.
        right_px: where the right one does.
    """
    left, right = _followed(ink, left_px), _followed(ink, right_px)
    for row, (first_px, last_px) in enumerate(zip(left, right, strict=False)):
        if last_px - first_px <= NARROWEST_PX:
            return None
        if ink[row, first_px : last_px + 1].mean() >= ROOF and not (_go_on(left, row) and _go_on(right, row)):
            return row
    return None


def _go_on(side: Sequence[int], row: int) -> bool:
    return len(side) - 1 - row >= GOES_ON * BEYOND_PX


def _followed(ink: np.ndarray, start_px: int) -> list[int]:
    """Where a side is in each row of pixels, as far as it goes on; nothing where none begins."""
    at_px, reach_px, places, bare = start_px, DRIFT_PX + BARE_PX, [], 0
    for row in ink:
        first_px = max(at_px - reach_px, 0)
        inked = first_px + np.flatnonzero(row[first_px : at_px + reach_px + 1])
        bare = 0 if len(inked) else bare + 1
        if bare > BARE_PX:
            break
        if len(inked):
            at_px, reach_px = int(inked[np.abs(inked - at_px).argmin()]), DRIFT_PX
        places.append(at_px)
    return places[: len(places) - min(bare, BARE_PX)]
