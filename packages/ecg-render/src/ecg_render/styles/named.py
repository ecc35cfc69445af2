"""Named styles. Colours are those of the print, before light and camera change them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ecg_render.style import GridStyle, NameStyle, PageStyle, PulseStyle, Rgb, SeparatorStyle
from ecg_render.styles.headers import KIT_FOOTER, KIT_HEADER

GRID_RGB: Mapping[str, tuple[Rgb, Rgb]] = {
    "red": ((248, 180, 180), (222, 92, 92)),
    "pink": ((249, 213, 213), (236, 160, 160)),
    "orange": ((252, 218, 186), (240, 160, 96)),
    "green": ((196, 228, 200), (104, 176, 116)),
    "blue": ((200, 214, 240), (112, 146, 212)),
    "gray": ((214, 214, 214), (150, 150, 150)),
}
"""Small-box and large-box lines by the name of the grid's colour."""


def with_grid(style: PageStyle, colour: str) -> PageStyle:
    """A style with a grid of a named colour, or ``none``."""
    if colour == "none":
        return attrs.evolve(style, grid=attrs.evolve(style.grid, minor_line_mm=0.0, major_line_mm=0.0))
    minor_rgb, major_rgb = GRID_RGB[colour]
    return attrs.evolve(style, grid=attrs.evolve(style.grid, minor_rgb=minor_rgb, major_rgb=major_rgb))


DOTTED = GridStyle(minor_pattern="dotted")

STANDARD = PageStyle()

PLAIN = with_grid(STANDARD, "none")

RED = with_grid(PageStyle(grid=GridStyle(minor_line_mm=0.1, major_line_mm=0.25)), "red")

ORANGE = with_grid(PageStyle(grid=DOTTED, paper_rgb=(255, 252, 246), font="dejavu-mono"), "orange")

GREEN = with_grid(PageStyle(paper_rgb=(252, 255, 250), font="plotter", trace_width_mm=0.28), "green")

BLUE = with_grid(PageStyle(font="dejavu-sans", names=NameStyle(rise_mm=6.0)), "blue")

GRAY = with_grid(PageStyle(grid=DOTTED, separators=SeparatorStyle()), "gray")

KIT = PageStyle(
    grid=GridStyle(
        minor_rgb=(253, 241, 239),
        major_rgb=(176, 74, 72),
        minor_line_mm=0.176,
        major_line_mm=0.176,
        rows_on_top=True,
    ),
    trace_rgb=(52, 52, 58),
    trace_width_mm=0.265,
    pulse=PulseStyle(line_mm=0.397, foot_mm=0.1, gap_mm=0.0),
    text_rgb=(40, 40, 46),
    font="dejavu-sans",
    names=NameStyle(size_mm=3.88, rise_mm=-7.0, indent_mm=0.0),
    footer="",
    notes=(*KIT_HEADER, *KIT_FOOTER),
    separators=SeparatorStyle(height_mm=6.3, width_mm=0.79),
)
"""The look of ecg-image-kit's pages as they come from a colour printer; lengths are those of its code."""

KIT_GRAY = attrs.evolve(
    KIT,
    grid=attrs.evolve(KIT.grid, minor_rgb=(196, 196, 196), major_rgb=(132, 132, 132)),
    trace_rgb=(64, 64, 64),
)
"""The look of ecg-image-kit's pages from a gray laser printer, which renders colours by dots."""
