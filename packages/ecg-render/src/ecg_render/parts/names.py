"""The printed names of the leads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecg_core.paper import Layout, Segment
from ecg_render.geometry import PageScale
from ecg_render.parts.words import font_px, start_behind, text_corners
from ecg_render.scene import LeadName, PrintedText
from ecg_render.style import NameStyle, PageStyle

MOST_OF_THE_WAY = 0.45
"""A name stands nearer to its own row than to the next one, by so much of their distance at most, as on any page that
people are to read; rows of a style whose names stand far off are far apart."""


def place_names(
    scale: PageScale, style: PageStyle, baselines_px: tuple[float, ...], rng: np.random.Generator
) -> tuple[tuple[LeadName, ...], tuple[PrintedText, ...]]:
    """The names of the leads, and the marks that are printed before and after them."""
    names: list[LeadName] = []
    marks: list[PrintedText] = []
    for segment, at_s in _places(scale.layout, style.names):
        if style.names.missing and rng.random() < style.names.missing:
            continue
        rise_px = _rise_px(scale, style.names, segment, baselines_px)
        name, its_marks = _name(scale, style, segment, at_s, baselines_px[segment.row] - rise_px)
        names.append(name)
        marks.extend(its_marks)
    return tuple(names), tuple(marks)


def _places(layout: Layout, style: NameStyle) -> Iterator[tuple[Segment, float]]:
    """Each segment to be named, with the place of its name in seconds of paper; one may be named several times."""
    columns_s = sorted({segment.at_s for segment in layout.segments})
    for segment in layout.segments:
        if not segment.is_rhythm or style.long_rows == "once":
            yield segment, segment.at_s
        elif style.long_rows == "every column":
            yield from ((segment, at_s) for at_s in columns_s)


def _name(
    scale: PageScale, style: PageStyle, segment: Segment, at_s: float, foot_px: float
) -> tuple[LeadName, list[PrintedText]]:
    names = style.names
    font, rgb, size_px = names.font or style.font, names.rgb, font_px(names.size_mm, scale)
    before, after = names.template.split("{lead}")
    text = _spelled(segment.lead, names)
    first_px = scale.time_px(at_s) + names.indent_mm * scale.px_per_mm
    start_px = first_px + start_behind(before, text, size_px, font)
    behind_px = first_px + start_behind(before + text, after, size_px, font)
    marks = [
        PrintedText(
            text=mark, size_px=size_px, font=font, rgb=rgb, corners_px=text_corners(mark, size_px, font, at_px, foot_px)
        )
        for mark, at_px in ((before, first_px), (after, behind_px))
        if mark.strip()
    ]
    name = LeadName(
        lead=segment.lead,
        row=segment.row,
        text=text,
        size_px=size_px,
        font=font,
        rgb=rgb,
        corners_px=text_corners(text, size_px, font, start_px, foot_px),
    )
    return name, marks


def _rise_px(scale: PageScale, names: NameStyle, segment: Segment, baselines_px: tuple[float, ...]) -> float:
    """How far a name stands above its row: as the style says, or less where another row is near on that side."""
    rise_mm = names.long_row_rise_mm if segment.is_rhythm and names.long_row_rise_mm is not None else names.rise_mm
    next_row = segment.row - 1 if rise_mm > 0 else segment.row + 1
    rise_px = rise_mm * scale.px_per_mm
    if not 0 <= next_row < len(baselines_px):
        return rise_px
    most_px = MOST_OF_THE_WAY * abs(baselines_px[segment.row] - baselines_px[next_row])
    return float(np.clip(rise_px, -most_px, most_px))


def _spelled(lead: str, style: NameStyle) -> str:
    """A lead's name as the style prints it; the Roman numerals have no lower case."""
    text = lead
    if style.letter_case == "upper":
        text = lead.upper()
    elif style.letter_case == "lower" and not set(lead) <= {"I"}:
        text = lead.lower()
    return " ".join(text) if style.spaced else text
