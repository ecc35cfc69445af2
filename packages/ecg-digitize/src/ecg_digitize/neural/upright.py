"""Stage 0: which way up a page is, told by the names that can be read on it.

A grid looks the same in all eight orientations, names do not. So the paper is laid flat first, which also takes
perspective and scale away, and then turned until the names on it make a layout.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ecg_core.paper import Layout
from ecg_digitize.arrangement import Arrangement, Mark, arrange
from ecg_digitize.engines import Network
from ecg_digitize.neural.flat import FlatPage
from ecg_digitize.neural.names import find_names
from ecg_digitize.orientation import NUM_ORIENTATIONS

BEYOND_DOUBT = 0.75
"""Share of names and segments that fit a layout, from which on no other orientation is tried."""


@attrs.frozen(eq=False)
class UprightPage:
    """A page that stands upright.

    Attributes:
        flat: the page.
        orientation: how it lay in the picture, see `ecg_digitize.orientation`.
        marks: the names on it.
        fit: the layout that they make.
    """

    flat: FlatPage
    orientation: int
    marks: tuple[Mark, ...]
    fit: Arrangement


def stand_upright(
    page: FlatPage, network: Network, layouts: Mapping[str, Layout], *, speed_mm_per_s: float
) -> UprightPage:
    """Turn a page, and mirror it where it has to be, until the names on it fit a layout best.

    Of equal fits the first counts, so that a page without names stays as it lies.

    Args:
        page: as its grid lies in the picture.
        network: of the markers.
        layouts: that it may have, by name.
        speed_mm_per_s: of the paper.
    """
    best: UprightPage | None = None
    for orientation in range(NUM_ORIENTATIONS):
        turned = page.upright(orientation)
        names = find_names(turned.paper, network)
        marks = tuple(Mark(name.name, *turned.mm_of_px(name.place_px)) for name in names)
        fit = arrange(marks, layouts, speed_mm_per_s=speed_mm_per_s)[0]
        if best is None or fit.score > best.fit.score:
            best = UprightPage(turned, orientation, marks, fit)
        if best.fit.score >= BEYOND_DOUBT:
            break
    assert best is not None
    return best
