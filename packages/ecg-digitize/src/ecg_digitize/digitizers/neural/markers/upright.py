"""Stage 0: which way up a page is, told by the names that can be read on it.

A grid looks the same in all eight orientations, names do not. So the paper is laid flat first, which also takes
perspective and scale away, and then turned until the names on it make a layout.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from ecg_core.paper import Layout
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.arrangement import Arrangement, Mark, arrange
from ecg_digitize.digitizers.neural.markers.names import find_names
from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, QUARTERS

BEYOND_DOUBT = 0.75
"""Share of names and segments that fit a layout, from which on no other orientation is tried."""


@attrs.frozen(eq=False)
class UprightPage:
    """A page that stands upright.

    Attributes:
        flat: the page.
        orientation: how it lay in the picture, see `ecg_digitize.digitizers.neural.orientation`.
        marks: the names on it.
        fits: the layouts that they make, the best first.
    """

    flat: FlatPage
    orientation: int
    marks: tuple[Mark, ...]
    fits: tuple[Arrangement, ...]

    @property
    def fit(self) -> Arrangement:
        """The layout that the names make best."""
        return self.fits[0]


def turn_upright(
    page: FlatPage,
    network: Network,
    layouts: Mapping[str, Layout],
    *,
    speed_mm_per_s: float,
    orientation: int | None = None,
) -> UprightPage:
    """Turn a page, and mirror it where it has to be, until the names on it fit a layout best.

    Of equal fits the likeliest counts, see `in_likely_order`.

    Args:
        page: the page as its grid lies in the picture.
        network: the marker network.
        layouts: the layouts that it may have, by name.
        speed_mm_per_s: paper speed.
        orientation: the only one that is tried, where it is known already.
    """
    best: UprightPage | None = None
    for each in in_likely_order(page.trace) if orientation is None else [orientation]:
        turned = page.upright(each)
        names = find_names(turned.paper, network)
        marks = tuple(Mark(name.name, *turned.mm_of_px(name.place_px)) for name in names)
        fits = tuple(arrange(marks, layouts, speed_mm_per_s=speed_mm_per_s))
        if best is None or fits[0].score > best.fit.score:
            best = UprightPage(turned, each, marks, fits)
        if best.fit.score >= BEYOND_DOUBT:
            break
    assert best is not None
    return best


def in_likely_order(trace: np.ndarray) -> list[int]:
    """All orientations: mirrored ones last, and before others those in which the rows of traces lie across.

    Args:
        trace: ink of traces on the paper as it lies, shape (height, width).
    """
    across = trace.mean(axis=1).std() >= trace.mean(axis=0).std()
    return sorted(range(NUM_ORIENTATIONS), key=lambda each: (each >= QUARTERS, (each % 2 == 0) != across, each))
