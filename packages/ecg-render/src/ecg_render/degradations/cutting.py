"""A rectangle cut out of a page."""

from __future__ import annotations

from typing import TypeVar

import attrs
import numpy as np

from ecg_render.page import Page
from ecg_render.scene import Boxed

LEAST_INSIDE = 0.5
"""Share of a name, pulse or word that must be in the picture for it to count as printed there."""

BoxedT = TypeVar("BoxedT", bound=Boxed)


def cut_page(page: Page, left: int, top: int, right: int, bottom: int) -> Page:
    """The part of a page from a column and a row up to, not including, others.

    Names, pulses, words and bars that are cut off are no longer there. Traces and crossings keep their coordinates
    beyond the edges: of a trace it matters where it would go on.
    """
    window = np.s_[top:bottom, left:right]
    cut = page.warped(
        lambda points_px: points_px - (left, top), image=page.image[window].copy(), labels=page.labels[window].copy()
    )
    return attrs.evolve(
        cut,
        pulses=_inside(cut.pulses, cut),
        lead_names=_inside(cut.lead_names, cut),
        texts=_inside(cut.texts, cut),
        separators=_inside(cut.separators, cut),
    )


def _inside(things: tuple[BoxedT, ...], page: Page) -> tuple[BoxedT, ...]:
    return tuple(thing for thing in things if _share_inside(thing, page) >= LEAST_INSIDE)


def _share_inside(thing: Boxed, page: Page) -> float:
    """Share of a thing's box that lies within the picture."""
    left, top, right, bottom = thing.box_px
    width = min(right, page.width_px - 0.5) - max(left, -0.5)
    height = min(bottom, page.height_px - 0.5) - max(top, -0.5)
    return max(width, 0) * max(height, 0) / max((right - left) * (bottom - top), 1e-9)
