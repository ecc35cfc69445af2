"""Printed speeds and gains read a second time, larger: their numbers are 2 mm high, mostly, and of a few strokes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.class_map import map_classes
from ecg_digitize.digitizers.neural.markers.classes import GAINS, SPEEDS
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks, scales_of
from ecg_digitize.digitizers.neural.markers.second_look import CLOSER, WINDOW_PX, finer_window, place_windows

MOST_WINDOWS = 12
"""How many places are looked at, the likeliest first: a page prints its speed and its gains once or twice."""

SAME_PLACE_PX = (40.0, 8.0)
"""Readings of one text lie no farther apart on the paper of the usual scale, across and down: 10 and 2 mm."""

CONTESTED = 0.5
"""What is left of the certainty of a number of which another look read another one."""


def with_closer_scales(marks: PageMarks, flat: FlatPage, image: np.ndarray, network: Network) -> PageMarks:
    """The marks of a page with the speeds and gains that a finer picture shows where any may be printed.

    Args:
        marks: what was found at the usual scale.
        flat: the page, upright.
        image: the picture that its mesh is of, uint8 RGB, shape (height, width, 3).
        network: the marker network.
    """
    closer = CLOSER[0]
    reach_px = WINDOW_PX / closer / 2
    speeds, gains = list(marks.speeds), list(marks.gains)
    for middle_px in place_windows(marks.scale_hints, reach_px)[:MOST_WINDOWS]:
        first_px = np.subtract(middle_px, reach_px)
        found = map_classes(finer_window(flat, image, first_px, closer), network)
        for values, scales in ((SPEEDS, speeds), (GAINS, gains)):
            scales.extend(_on_the_page(scales_of(found, values), first_px, closer))
    return attrs.evolve(marks, speeds=agreed(speeds), gains=agreed(gains))


def agreed(scales: Iterable[FoundScale]) -> tuple[FoundScale, ...]:
    """Of readings of one number the most certain one, but with little certainty where another read another number."""
    groups: list[list[FoundScale]] = []
    for scale in sorted(scales, key=lambda scale: -scale.certainty):
        near = [group for group in groups if _are_near(group[0], scale)]
        if near:
            near[0].append(scale)
        else:
            groups.append([scale])
    return tuple(_agreed(group) for group in groups)


def _agreed(group: Sequence[FoundScale]) -> FoundScale:
    best = group[0]
    is_contested = any(scale.value != best.value for scale in group)
    return attrs.evolve(best, certainty=CONTESTED * best.certainty) if is_contested else best


def _are_near(one: FoundScale, other: FoundScale) -> bool:
    return bool((np.abs(np.subtract(one.place_px, other.place_px)) <= SAME_PLACE_PX).all())


def _on_the_page(scales: Iterable[FoundScale], first_px: np.ndarray, closer: float) -> Iterable[FoundScale]:
    """What was read in a window, by its place on the flat paper of the usual scale."""
    for scale in scales:
        x_px, y_px = first_px + np.array(scale.place_px) / closer
        yield attrs.evolve(scale, place_px=(float(x_px), float(y_px)))
