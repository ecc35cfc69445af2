"""Where the paper is bare: a name that was not read may hide among other ink, but not where there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.ink_words import contrast_of, contrast_of_words

REACH_MM = (3.0, 2.0)
"""A name stands within so much of its place, across and down."""

LEAST_INK_MM2 = 0.5
"""Less is a speck; the smallest name, I of 1.5 mm, has as much and more."""


def bare_paper_of(flat: FlatPage) -> Callable[[float, float], bool]:
    """Tells whether there is no ink about a place on the paper, (x, y) in millimetres; outside of it is none.

    Args:
        flat: the page.
    """
    contrast = contrast_of(flat.paper, PX_PER_MM)
    ink = contrast >= contrast_of_words(contrast, flat.trace)

    def is_bare(x_mm: float, y_mm: float) -> bool:
        rows, columns = (
            slice(max(round((at_mm - reach_mm) * PX_PER_MM), 0), max(round((at_mm + reach_mm) * PX_PER_MM), 0))
            for at_mm, reach_mm in ((y_mm, REACH_MM[1]), (x_mm, REACH_MM[0]))
        )
        return bool(np.count_nonzero(ink[rows, columns]) < LEAST_INK_MM2 * PX_PER_MM**2)

    return is_bare
