"""Layouts by a grammar: any plausible page, of which the registered layouts are well-known instances."""

from __future__ import annotations

import numpy as np

from ecg_core.layout_text import find_layout
from ecg_core.paper import Layout, PaperSpec, fitting
from ecg_render.grammar.layout import placed_anew, random_layout

__all__ = ["RANDOM", "layout_by_name", "placed_anew", "random_layout"]

RANDOM = "random"


def layout_by_name(name: str, rng: np.random.Generator, *, paper: PaperSpec, row_s: float | None = None) -> Layout:
    """A layout by the name of its plugin or by its rows as text, or one of the grammar by the name ``random``.

    Args:
        name: of the layout, or rows as `ecg_core.layout_text.layout_of_text` reads them.
        rng: what a random one is drawn from.
        paper: its rows fit on the sheet at this speed.
        row_s: how long the rows are, whether that fits or not; None: as the layout says, or what fits.

    Raises:
        DataError: not even a second fits.
        ConfigError: these are rows, and a word is no lead.
        PluginError: no such layout; the message lists those that are there.
    """
    if name == RANDOM:
        return random_layout(rng, paper=paper, row_s=row_s)
    layout = find_layout(name)
    return fitting(layout, paper) if row_s is None else layout.lasting(row_s)
