"""Names read a second time, larger: small letters have on a finer picture the size that the network knows.

Of small names the usual scale shows that there is something, if not what. So the finer picture is looked at in windows
about such places alone, which takes no longer than the whole page at the usual scale did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_BOX, FlatPage
from ecg_digitize.digitizers.neural.markers.names import APART_PX, FoundName, NameHint, find_names

CLOSER = (1.4, 2.0)
"""Further looks are at pictures so many times as fine as that of the first, one after the other. Letters 1.9 to 4 mm
high are read best at the usual scale, those of 1.4 to 2.4 mm on the first of these."""

WINDOW_PX, MOST_WINDOWS = 96, 64
"""Sides of a window of the finer picture, and how many are looked at: those where a name is likeliest."""

LEAST_HEIGHT_PX = 10
"""Letters less high are not legible in a window either: seven pixels, and a margin of one and a half on each side."""

AROUND_PX = 10
"""A place is seen well in a window that reaches so far beyond it, in pixels of the usual scale."""


def look_closer(
    flat: FlatPage, image: np.ndarray, hints: Sequence[NameHint], network: Network, closer: float
) -> tuple[FoundName, ...]:
    """The names that a finer picture shows, by their place and size on the flat paper of the usual scale.

    Args:
        flat: the page, upright.
        image: the picture that its mesh is of, uint8 RGB, shape (height, width, 3).
        hints: where names may stand, the likeliest first.
        network: the marker network.
        closer: how many times as fine the picture is to be as at the usual scale.
    """
    middles_px = place_windows(hints, WINDOW_PX / closer / 2)
    found: list[FoundName] = []
    for number, middle_px in enumerate(middles_px):
        for name in _names_in_window(flat, image, middle_px, network, closer):
            away = np.abs(np.subtract(middles_px, name.place_px)).max(axis=1)
            if away.argmin() == number:  # else it stands nearer to the middle of another window, which shows it better
                found.append(name)
    return tuple(found)


def place_windows(hints: Iterable[NameHint], reach_px: float) -> list[tuple[float, float]]:
    """Middles of windows that together show all the hints well, or the likeliest ones of very many.

    Args:
        hints: where names may stand, the likeliest first.
        reach_px: how far a window reaches from its middle, in pixels of the usual scale.
    """
    middles: list[tuple[float, float]] = []
    for hint in hints:
        beyond = np.minimum(np.add(hint.size_px, 2 * AROUND_PX) / 2, reach_px)
        is_seen = any((np.abs(np.subtract(hint.place_px, each)) + beyond <= reach_px).all() for each in middles)
        if not is_seen:
            middles.append(hint.place_px)
        if len(middles) == MOST_WINDOWS:
            break
    return middles


def finer_window(flat: FlatPage, image: np.ndarray, first_px: np.ndarray, closer: float) -> np.ndarray:
    """A window of a finer picture, uint8 RGB.

    Args:
        flat: the page.
        image: the picture.
        first_px: place of its first pixel, (x, y) on the flat paper of the usual scale.
        closer: how many times as fine it is.
    """
    column, row = flat.lattice_of_px(first_px)
    return flat.mesh.flatten(
        image,
        px_per_box=(closer * PX_PER_BOX, closer * PX_PER_BOX),
        corner=(float(column), float(row)),
        size=(WINDOW_PX, WINDOW_PX),
    )


def most_certain(names: Iterable[FoundName]) -> tuple[FoundName, ...]:
    """Of names that were read at one place the most certain one; it comes first that is the most certain of all."""
    kept: list[FoundName] = []
    for name in sorted(names, key=lambda name: -name.certainty):
        if all(np.abs(np.subtract(name.place_px, other.place_px)).max() > APART_PX for other in kept):
            kept.append(name)
    return tuple(kept)


def _names_in_window(
    flat: FlatPage, image: np.ndarray, middle_px: tuple[float, float], network: Network, closer: float
) -> Iterable[FoundName]:
    """The names in one window, by their place and size on the flat paper."""
    first_px = np.subtract(middle_px, WINDOW_PX / closer / 2)
    for name in find_names(finer_window(flat, image, first_px, closer), network):
        if name.size_px[1] < LEAST_HEIGHT_PX:
            continue
        x_px, y_px = first_px + np.array(name.place_px) / closer
        width_px, height_px = np.array(name.size_px) / closer
        yield attrs.evolve(name, place_px=(float(x_px), float(y_px)), size_px=(float(width_px), float(height_px)))
