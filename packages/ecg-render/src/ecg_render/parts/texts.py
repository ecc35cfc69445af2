"""Header, footer and other words, and where they state the scale of the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import attrs
import numpy as np

from ecg_core.paper import PaperSpec
from ecg_core.record import Record
from ecg_render.geometry import EDGE_PX, PageScale
from ecg_render.parts.words import font_px, start_behind, text_corners
from ecg_render.scene import LeadName, PrintedText, ScaleText
from ecg_render.style import Note, PageStyle

FOOTER_RISE_MM = 5.0
EDGE_MM = 1.5
"""Words keep so far from the right edge of the sheet, as long as they are no longer than it is wide, and those that are
placed by a row from the lower one."""

ROW_MM = 1.5
"""Words so near to the zero line of a row stand on its trace."""

PLACEHOLDER = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
NUMBER = re.compile(r"[\d.]+")
SCALE_PLACE = re.compile(r"\{(speed|gain|chest_gain)(?::[^{}]*)?\}\s*[^\s,;|()\[\]]*")
"""A number of the paper's scale and its unit."""


@attrs.frozen
class _Stated:
    """A stretch of a text that states the scale."""

    start: int
    stop: int
    name: str


def place_texts(
    record: Record,
    scale: PageScale,
    style: PageStyle,
    baselines_px: tuple[float, ...],
    lead_names: Sequence[LeadName] = (),
) -> tuple[tuple[PrintedText, ...], tuple[ScaleText, ...]]:
    """All words of a page but the names of leads, and those of them that state speed and gain.

    Words that stand apart are not printed over others, names of leads among them, nor along the trace of a row.
    """
    words = {str(key).casefold(): str(value) for key, value in record.metadata.items()}
    texts: list[PrintedText] = []
    stated: list[ScaleText] = []
    notes = (_footer(scale, style), *style.notes)
    if style.words_apart:
        notes = tuple(sorted(notes, key=lambda note: SCALE_PLACE.search(note.text) is None))
    both_stated = any("{chest_gain" in note.text for note in notes)
    for note in notes:
        wanted = note.text if both_stated else _with_both_gains(note.text, scale.paper)
        text, stretches = _filled(wanted, {"id": record.name, **words}, scale.paper)
        if text:
            printed, start_px, foot_px = _printed(note, text, scale, style.font, baselines_px)
            may_be_left_out = style.words_apart and not stretches
            if may_be_left_out and _is_in_the_way(printed, (*texts, *lead_names), baselines_px, scale):
                continue
            texts.append(printed)
            stated.extend(_scale_text(each, printed, start_px, foot_px, scale.paper) for each in stretches)
    return tuple(texts), tuple(text for text in stated if _is_whole(text, scale))


def _is_whole(text: ScaleText, scale: PageScale) -> bool:
    """Whether no edge of the sheet cuts a text."""
    left, top, right, bottom = text.box_px
    return (
        left >= EDGE_PX and top >= EDGE_PX and right <= scale.width_px + EDGE_PX and bottom <= scale.height_px + EDGE_PX
    )


def _is_in_the_way(
    printed: PrintedText, others: Sequence[PrintedText], baselines_px: Sequence[float], scale: PageScale
) -> bool:
    """Whether a text would stand over other words, or on the trace of a row."""
    _, top, _, bottom = printed.box_px
    near_px = ROW_MM * scale.px_per_mm
    is_on_a_row = any(top - near_px < baseline_px < bottom + near_px for baseline_px in baselines_px)
    return is_on_a_row or any(map(printed.overlaps, others))


def _footer(scale: PageScale, style: PageStyle) -> Note:
    text = "{speed} mm/s   {gain} mm/mV" if style.footer is None else style.footer
    return Note(text=text, left_mm=scale.layout.signal_start_mm, foot_mm=-FOOTER_RISE_MM, size_mm=style.footer_size_mm)


def _with_both_gains(text: str, paper: PaperSpec) -> str:
    """Words that state one gain state both where the chest leads have their own."""
    if not paper.has_two_gains:
        return text
    return SCALE_PLACE.sub(
        lambda place: (
            f"Limb: {place[0]}  Chest: {place[0].replace('{gain', '{chest_gain')}" if place[1] == "gain" else place[0]
        ),
        text,
    )


def _filled(text: str, words: Mapping[str, str], paper: PaperSpec) -> tuple[str, list[_Stated]]:
    """A text with its words filled in, and the stretches of it that state the scale."""
    done, stretches, last = "", [], 0
    for place in SCALE_PLACE.finditer(text):
        done += _fill(text[last : place.start()], words, paper)
        stated = _fill(place[0], words, paper)
        stretches.append(_Stated(len(done), len(done) + len(stated), place[1]))
        done, last = done + stated, place.end()
    done += _fill(text[last:], words, paper)
    bare = len(done) - len(done.lstrip())
    return done.strip(), [attrs.evolve(each, start=each.start - bare, stop=each.stop - bare) for each in stretches]


def _fill(text: str, words: Mapping[str, str], paper: PaperSpec) -> str:
    numbers = {name: _value_of(name, paper) for name in ("speed", "gain", "chest_gain")}
    return PLACEHOLDER.sub(
        lambda place: format(numbers[place[1]], place[2] or "g") if place[1] in numbers else words.get(place[1], ""),
        text,
    )


def _value_of(name: str, paper: PaperSpec) -> float:
    return {
        "speed": paper.speed_mm_per_s,
        "gain": paper.gain_mm_per_mv,
        "chest_gain": paper.chest_gain_mm_per_mv or paper.gain_mm_per_mv,
    }[name]


def _printed(
    note: Note, text: str, scale: PageScale, font: str, baselines_px: tuple[float, ...]
) -> tuple[PrintedText, float, float]:
    """A note as it stands on the page, and where it starts."""
    size_px = font_px(note.size_mm, scale)
    start_px, foot_px = scale.position_px(note.left_mm), _foot_px(note, scale, baselines_px)
    corners_px = text_corners(text, size_px, font, start_px, foot_px)
    end_px = scale.position_px(scale.layout.page_width_mm + min(note.left_mm, -EDGE_MM))
    beyond_px = float(corners_px[:, 0].max()) - end_px
    room_px = start_px - scale.position_px(EDGE_MM)
    if note.left_mm < 0 or 0 < beyond_px <= room_px:
        start_px -= beyond_px
        corners_px = text_corners(text, size_px, font, start_px, foot_px)
    return PrintedText(text=text, size_px=size_px, font=font, rgb=note.rgb, corners_px=corners_px), start_px, foot_px


def _foot_px(note: Note, scale: PageScale, baselines_px: tuple[float, ...]) -> float:
    if note.reference == "sheet":
        foot_mm = note.foot_mm if note.foot_mm >= 0 else scale.layout.page_height_mm + note.foot_mm
        return scale.position_px(foot_mm)
    from_row_px = baselines_px[0 if note.reference == "first row" else -1] + note.foot_mm * scale.px_per_mm
    highest_mm, lowest_mm = note.size_mm, scale.layout.page_height_mm - EDGE_MM
    return float(np.clip(from_row_px, scale.position_px(highest_mm), scale.position_px(lowest_mm)))


def _scale_text(stated: _Stated, printed: PrintedText, start_px: float, foot_px: float, paper: PaperSpec) -> ScaleText:
    text = printed.text[stated.start : stated.stop]
    behind_px = start_behind(printed.text[: stated.start], text, printed.size_px, printed.font)
    leads: Literal["all", "limb", "chest"] = "all"
    if paper.has_two_gains and stated.name != "speed":
        leads = "chest" if stated.name == "chest_gain" else "limb"
    corners_px = text_corners(text, printed.size_px, printed.font, start_px + behind_px, foot_px)
    return ScaleText(
        text=text,
        kind="speed" if stated.name == "speed" else "gain",
        value=_value_of(stated.name, paper),
        leads=leads,
        corners_px=_inside(corners_px, printed),
        number_share=_number_share(text, corners_px, printed),
    )


def _number_share(text: str, corners_px: np.ndarray, printed: PrintedText) -> float:
    """How much of the width of a text its number takes, with which it begins."""
    number = NUMBER.match(text)
    if number is None:
        return 1.0
    number_px = np.ptp(text_corners(number[0], printed.size_px, printed.font, 0.0, 0.0)[:, 0])
    return float(min(number_px / np.ptp(corners_px[:, 0]), 1.0))


def _inside(corners_px: np.ndarray, printed: PrintedText) -> np.ndarray:
    """Corners of a part of a text, cut to those of the whole: letters set anew may stand a pixel aside."""
    left, top, right, bottom = printed.box_px
    return np.clip(corners_px, (left, top), (right, bottom))
