"""All marks on flat paper that tell how a page is built: names, calibration pulses, separators, printed scales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.markers.class_map import ClassMap, Patch, find_patches, map_classes
from ecg_digitize.digitizers.neural.markers.classes import CLASSES, GAINS, PULSE, SEPARATOR, SPEEDS
from ecg_digitize.digitizers.neural.markers.names import FoundName, NameHint, hints_of, names_of

LEAST_CERTAINTY = 0.5

LEAST_PULSE_PX = 60
"""Fewer pixels are no pulse; one 1.6 mm wide and 5 mm high has 128."""

LEAST_SEPARATOR_PX = 15
LEAST_SCALE_PX = 40
"""Fewer pixels are no printed scale; the number of "5 mm/mV" has about 70."""

PULSE_APART_PX, SEPARATOR_APART_PX, SCALE_APART_PX = (2, 2), (1, 8), (6, 3)
"""Patches with no more columns and rows between them are one pulse, one (dotted) line, one text."""

HALF = 0.5
EDGE_REACH_PX = 4
"""So far beyond a pulse's patch its soft edges are looked at."""


@attrs.frozen
class FoundPulse:
    """A calibration pulse.

    Attributes:
        x_px: its left edge on the flat paper, the middle of the line that is drawn; pixels' middles are whole numbers.
        y_px: its top.
        width_px: from its left to its right edge.
        height_px: from its top to its foot.
        certainty: mean probability of its pixels, 0 to 1.
    """

    x_px: float
    y_px: float
    width_px: float
    height_px: float
    certainty: float


@attrs.frozen
class FoundSeparator:
    """A bar, a tick or a dotted line between two leads.

    Attributes:
        x_px: its middle, across.
        y_px: its top.
        height_px: from its top to its end.
        certainty: mean probability of its pixels, 0 to 1.
    """

    x_px: float
    y_px: float
    height_px: float
    certainty: float


@attrs.frozen
class FoundScale:
    """A printed paper speed or gain.

    Attributes:
        value: in mm/s or mm/mV.
        place_px: its middle, (x, y) on the flat paper.
        certainty: mean probability of this value in all pixels of the number, 0 to 1.
    """

    value: float
    place_px: tuple[float, float]
    certainty: float


@attrs.frozen(eq=False)
class PageMarks:
    """What was found on a page, of each kind the largest and most certain first.

    Attributes:
        names: names of leads.
        pulses: calibration pulses.
        separators: what stands between leads.
        speeds: printed paper speeds.
        gains: printed gains.
        hints: where names may stand, those that were read and others.
        scale_hints: where a speed or gain may be printed, likewise.
    """

    names: tuple[FoundName, ...] = ()
    pulses: tuple[FoundPulse, ...] = ()
    separators: tuple[FoundSeparator, ...] = ()
    speeds: tuple[FoundScale, ...] = ()
    gains: tuple[FoundScale, ...] = ()
    hints: tuple[NameHint, ...] = ()
    scale_hints: tuple[NameHint, ...] = ()


def find_marks(paper: np.ndarray, network: Network) -> PageMarks:
    """All marks on flat, upright paper, by one pass of the network.

    Args:
        paper: uint8 RGB, shape (height, width, 3), `ecg_digitize.digitizers.neural.grid.flattening.PX_PER_BOX`.
        network: the marker network.
    """
    return marks_of(map_classes(paper, network))


def marks_of(found: ClassMap) -> PageMarks:
    """All marks on a map of classes."""
    return PageMarks(
        names=tuple(names_of(found)),
        pulses=tuple(_pulse(patch, found) for patch in _kept(found, (PULSE,), PULSE_APART_PX, LEAST_PULSE_PX)),
        separators=tuple(
            FoundSeparator(patch.middle_px[0], patch.top - 0.5, patch.height_px, patch.certainty)
            for patch in _kept(found, (SEPARATOR,), SEPARATOR_APART_PX, LEAST_SEPARATOR_PX)
        ),
        speeds=tuple(scales_of(found, SPEEDS)),
        gains=tuple(scales_of(found, GAINS)),
        hints=hints_of(found),
        scale_hints=hints_of(found, (*SPEEDS, *GAINS)),
    )


def scales_of(found: ClassMap, values: Mapping[str, float]) -> Iterator[FoundScale]:
    """The printed speeds, or gains, on a map of classes.

    Pixels of one number that claim another one count against it: a certainty is that of all of them.

    Args:
        found: the map.
        values: `SPEEDS` or `GAINS`.
    """
    numbers = [CLASSES.index(name) for name in values]
    for patch in _kept(found, tuple(values), SCALE_APART_PX, LEAST_SCALE_PX):
        window = slice(patch.top, patch.bottom), slice(patch.left, patch.right)
        of_a_number = np.isin(found.classes[window], numbers)
        certainty = float(found.probability(patch.value, window)[of_a_number].mean())
        yield FoundScale(values[CLASSES[patch.value]], patch.middle_px, certainty)


def _kept(found: ClassMap, names: tuple[str, ...], apart_px: tuple[int, int], least_px: int) -> list[Patch]:
    """Patches of some classes that are large and certain enough; of those that overlap the one with most weight."""
    values = [CLASSES.index(name) for name in names]
    kept: list[Patch] = []
    for patch in sorted(find_patches(found, values, apart_px=apart_px), key=lambda patch: -patch.weight):
        alone = all(max(patch.gap_px(other)) > 0 for other in kept)
        if patch.area_px >= least_px and patch.certainty >= LEAST_CERTAINTY and alone:
            kept.append(patch)
    return kept


def _pulse(patch: Patch, found: ClassMap) -> FoundPulse:
    """Its edges to fractions of a pixel: where on most lines through it its probability comes to a half."""
    height, width = found.classes.shape
    top, left = max(patch.top - EDGE_REACH_PX, 0), max(patch.left - EDGE_REACH_PX, 0)
    window = (
        slice(top, min(patch.bottom + EDGE_REACH_PX, height)),
        slice(left, min(patch.right + EDGE_REACH_PX, width)),
    )
    probability = found.probability(patch.value, window)
    inner_y, inner_x = _inner(patch.top - top, patch.bottom - top), _inner(patch.left - left, patch.right - left)
    x_px, width_px = _extent(probability[inner_y])
    y_px, height_px = _extent(probability[:, inner_x].T)
    return FoundPulse(left + x_px, top + y_px, width_px, height_px, patch.certainty)


def _inner(first: int, stop: int) -> slice:
    """The middle half of a stretch, at least one place."""
    quarter = (stop - first) // 4
    return slice(first + quarter, max(stop - quarter, first + quarter + 1))


def _extent(lines: np.ndarray) -> tuple[float, float]:
    """Beginning and length of what most lines show; what hides a part of its inside does not matter.

    Args:
        lines: probabilities, shape (lines, places).
    """
    shown = lines[(lines >= HALF).any(axis=1)]
    if not len(shown):
        return 0.0, 0.0
    first, last = float(np.median(_rise(shown))), lines.shape[1] - 1 - float(np.median(_rise(shown[:, ::-1])))
    return first, last - first


def _rise(lines: np.ndarray) -> np.ndarray:
    """Where each line first comes to a half, between two places."""
    ahead = np.pad(lines, ((0, 0), (1, 0)))
    at = (lines >= HALF).argmax(axis=1)
    every = np.arange(len(lines))
    before, there = ahead[every, at], lines[every, at]
    result: np.ndarray = at - (there - HALF) / np.maximum(there - before, 1e-6)
    return result
