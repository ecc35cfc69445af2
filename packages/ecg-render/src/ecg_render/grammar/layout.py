"""A plausible layout, well known or not."""

from __future__ import annotations

from itertools import pairwise

import attrs
import numpy as np

from ecg_core import layouts
from ecg_core import paper as paper_facts
from ecg_core.layout_text import text_of_layout
from ecg_core.paper import Layout, PaperSpec, fitting
from ecg_render.grammar.arrangement import Arrangement, one_of, random_arrangement
from ecg_render.grammar.columns import random_columns
from ecg_render.grammar.sheet import least_distance_mm, random_placement

SHARE_WELL_KNOWN = 0.5

WELL_KNOWN = {
    paper_facts.LAYOUT_3X4_1R: 5.0,
    layouts.LAYOUT_KIT: 3.0,
    layouts.LAYOUT_COMPETITION: 1.0,
    layouts.LAYOUT_3X4: 2.0,
    layouts.LAYOUT_3X4_3R: 2.0,
    layouts.LAYOUT_6X2: 2.0,
    layouts.LAYOUT_6X2_1R: 1.0,
    layouts.LAYOUT_12X1: 1.5,
    layouts.LAYOUT_4X3: 0.5,
    layouts.LAYOUT_3X4_1R_CABRERA: 0.5,
    layouts.LAYOUT_6X2_CABRERA: 0.5,
    layouts.LAYOUT_12X1_CABRERA: 0.5,
}
"""The layouts that core registers, and how often they come among each other. What others register is not drawn, so a
page depends on its seed alone, whatever is installed."""

SHARE_CUT_SHORT = 0.08
MOST_CUT_MM = 3.0


def random_layout(rng: np.random.Generator, *, paper: PaperSpec, row_s: float | None = None) -> Layout:
    """A plausible layout: about half of the time a well-known one, else one of the grammar.

    The grammar varies which leads there are (1 to 15, with V3R, V4R, V7 to V9), their order, rows and columns, rhythm
    rows, how the leads follow in time, lengths of columns, gaps, the sheet and where the rows stand on it.

    Args:
        rng: what is drawn from; the same state gives the same layout.
        paper: speed and gain; the rows fit on the sheet at this speed.
        row_s: how long the rows are; None: anything plausible.
    """
    if rng.random() < SHARE_WELL_KNOWN:
        known = one_of({layout: share for layout, share in WELL_KNOWN.items() if not _pulses_meet(layout, paper)}, rng)
        if row_s is None or paper.width_mm(row_s) <= known.page_width_mm - known.signal_start_mm:
            return fitting(known, paper) if row_s is None else known.lasting(row_s)
    return grammar_layout(rng, paper=paper, row_s=row_s)


def _pulses_meet(layout: Layout, paper: PaperSpec) -> bool:
    """Whether the rows of a layout are so near to each other that their pulses would overlap at a gain."""
    heights_mm = sorted(layout.baselines_mm)
    return any(below - above < least_distance_mm(paper) for above, below in pairwise(heights_mm))


def grammar_layout(rng: np.random.Generator, *, paper: PaperSpec, row_s: float | None = None) -> Layout:
    """A layout of the grammar, named by its rows as text; arguments as of `random_layout`."""
    return _placed(random_arrangement(rng), rng, paper=paper, row_s=row_s)


def placed_anew(layout: Layout, rng: np.random.Generator, *, paper: PaperSpec, gap_s: float | None = None) -> Layout:
    """The rows of a layout on another sheet, with other distances and lengths, such as the grammar draws.

    Args:
        layout: whose rows and rhythm rows stay, and its timing, but that no time may go by in paper between columns.
        rng: what is drawn from.
        paper: speed and gain.
        gap_s: bare paper between two leads of a row; None draws it.
    """
    rows = Arrangement(rows=layout.rows, rhythm_leads=layout.rhythm_leads, timing=layout.timing)
    return _placed(rows, rng, paper=paper, gap_s=gap_s)


def _placed(
    arrangement: Arrangement,
    rng: np.random.Generator,
    *,
    paper: PaperSpec,
    row_s: float | None = None,
    gap_s: float | None = None,
) -> Layout:
    columns = random_columns(arrangement, rng, paper=paper, row_s=row_s, gap_s=gap_s)
    row_mm = paper.width_mm(columns.row_s)
    place = random_placement(arrangement.num_rows, row_mm, rng, paper=paper)
    cut_mm = rng.uniform(0.2, MOST_CUT_MM) if rng.random() < SHARE_CUT_SHORT else None
    unnamed = Layout(
        name="",
        rows=arrangement.rows,
        rhythm_leads=arrangement.rhythm_leads,
        timing="end to end" if columns.is_end_to_end else arrangement.timing,
        duration_s=columns.row_s,
        column_s=columns.column_s,
        column_gap_s=columns.gap_s,
        signal_end_mm=None if cut_mm is None else place.signal_start_mm + row_mm - cut_mm,
        signal_start_mm=place.signal_start_mm,
        baselines_mm=place.baselines_mm,
        page_width_mm=place.page_width_mm,
        page_height_mm=place.page_height_mm,
        grid_left_mm=place.grid_left_mm,
        grid_top_mm=place.grid_top_mm,
    )
    return attrs.evolve(unnamed, name=text_of_layout(unnamed))
