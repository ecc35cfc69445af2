"""Draw a record as a page of ECG paper."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_core.record import Record
from ecg_render.background import Background
from ecg_render.composition import compose_scene
from ecg_render.drawing.faults import add_faults
from ecg_render.drawing.ink import draw_scene
from ecg_render.drawing.paper import draw_paper, label_paper
from ecg_render.geometry import PageScale
from ecg_render.page import Page
from ecg_render.style import PageStyle, PrintOffset

DEFAULT_PAPER = PaperSpec()
DEFAULT_STYLE = PageStyle()


def render_page(
    record: Record,
    *,
    layout: Layout = LAYOUT_3X4_1R,
    paper: PaperSpec = DEFAULT_PAPER,
    dots_per_inch: float = 200.0,
    style: PageStyle = DEFAULT_STYLE,
    background: Background | None = None,
    seed: int = 0,
) -> Page:
    """Draw a record as a page.

    Args:
        record: what to print; each lead of the layout shows the record's own time, so a short record leaves bare paper.
            NaN is a gap in the trace.
        layout: where the leads stand.
        paper: paper speed, gain and boxes of the grid.
        dots_per_inch: resolution; the standard sheet of 11 x 8.5 inches has 2200 x 1700 pixels at 200.
        style: colours, line widths and the like.
        background: paper to print on, see `ecg_render.background`; it decides the resolution, and its grid is where it
            is, whatever offset and margins the style has. None draws the paper.
        seed: of what the style leaves to chance.

    Returns:
        The picture, with the coordinates of everything on it and what each pixel shows.

    Raises:
        DataError: the record has none of the layout's leads, or the layout's rows do not fit on its sheet.
        ConfigError: the style's font cannot be used.
    """
    if background is None:
        scale = PageScale(layout=layout, paper=paper, dots_per_inch=dots_per_inch)
        image = draw_paper(scale, style)
    else:
        scale = background.scale(layout, paper)
        image = background.image.copy()
        style = attrs.evolve(style, offset=PrintOffset(), grid=attrs.evolve(style.grid, margins_mm=None))
    rng = np.random.default_rng(seed)
    scene = compose_scene(record, scale, style, rng)
    labels = label_paper(scale, style)
    draw_scene(image, labels, scene, style)
    add_faults(image, scale.px_per_mm, style, rng)
    return Page.from_scene(scene, image=image, labels=labels)
