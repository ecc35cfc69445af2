"""What a page is to look like: style, layout and paper, drawn to suit each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, cast

import attrs
import numpy as np

from ecg_core.layout_text import find_layout
from ecg_core.paper import Layout, PaperSpec, Timing, fitting
from ecg_render.grammar import RANDOM, layout_by_name, placed_anew
from ecg_render.style import PageStyle
from ecg_render.styles import MAKER, style_by_name
from ecg_render.styles.makers import is_file, load_maker, maker_names
from ecg_render.styles.makers.maker import Maker

MAKERS_OWN = "maker"
"""Name of the layouts that the maker of the page's style prints; for styles of no maker it is any plausible one."""

SHARE_AS_REGISTERED = 0.4
"""How often a maker's page stands on the sheet of the registered layout; else its rows are placed anew."""

ChoiceT = TypeVar("ChoiceT")


@attrs.frozen(kw_only=True)
class Look:
    """Style, layout and paper of one page."""

    style: PageStyle
    layout: Layout
    paper: PaperSpec


def maker_of(style: str, rng: np.random.Generator) -> Maker | None:
    """The maker by whom a style goes; any for the name ``maker``, None for a style that is no maker's."""
    if style == MAKER:
        return load_maker(str(rng.choice(maker_names())))
    return load_maker(style) if is_file(style) or style in maker_names() else None


def random_look(
    style: str, layout: str, rng: np.random.Generator, *, paper: PaperSpec, row_s: float | None = None
) -> Look:
    """A page of a style and a layout.

    A maker that names no lead beside its trace prints a single one, as several could not be told apart: with any layout
    such a page has one of the maker's own.

    Args:
        style: as of `ecg_render.styles.style_by_name`.
        layout: as of `ecg_render.grammar.layout_by_name`, or ``maker``: then layout, speed and gains are such as the
            maker of the style prints.
        rng: what is drawn from.
        paper: speed and gain where the maker does not say.
        row_s: how long the rows are; None: as the layout says, or what fits.

    Raises:
        DataError: not even a second fits.
        ConfigError: a style or layout in words that cannot be understood.
        PluginError: no such style or layout.
    """
    maker = maker_of(style, rng)
    made = maker(rng) if maker else style_by_name(style, rng)
    if layout == RANDOM and maker is not None and made.names.missing == 1:
        return Look(style=made, layout=makers_layout(maker, rng, paper=paper, row_s=row_s), paper=paper)
    if layout != MAKERS_OWN:
        return Look(style=made, layout=layout_by_name(layout, rng, paper=paper, row_s=row_s), paper=paper)
    if maker is None:
        return Look(style=made, layout=layout_by_name(RANDOM, rng, paper=paper, row_s=row_s), paper=paper)
    own_paper = makers_paper(maker, rng)
    return Look(style=made, layout=makers_layout(maker, rng, paper=own_paper, row_s=row_s), paper=own_paper)


def makers_paper(maker: Maker, rng: np.random.Generator) -> PaperSpec:
    """Speed and gains such as a maker prints."""
    return PaperSpec(
        speed_mm_per_s=choose(maker.speeds_mm_per_s, rng),
        gain_mm_per_mv=choose(maker.gains_mm_per_mv, rng),
        chest_gain_mm_per_mv=choose(maker.chest_gains_mm_per_mv, rng),
    )


def makers_layout(maker: Maker, rng: np.random.Generator, *, paper: PaperSpec, row_s: float | None = None) -> Layout:
    """A layout such as a maker prints, as it is registered or with its rows placed anew."""
    layout = find_layout(choose(maker.layouts, rng))
    timing, gap_s = cast(Timing, choose(maker.timings, rng)), choose(maker.column_gaps_s, rng)
    has_columns = max(map(len, layout.rows)) > 1
    if has_columns and timing != "continued":
        layout = attrs.evolve(layout, timing=timing, column_gap_s=gap_s)
    if row_s is not None:
        return layout.lasting(row_s)
    if rng.random() < SHARE_AS_REGISTERED:
        return fitting(layout, paper)
    return placed_anew(layout, rng, paper=paper, gap_s=gap_s)


def choose(choices: Sequence[ChoiceT], rng: np.random.Generator) -> ChoiceT:
    """One of several choices, each as likely as the others."""
    return choices[int(rng.integers(len(choices)))]
