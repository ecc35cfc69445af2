"""Layouts that a user writes down as the rows of a page: ``I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / V1``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from ecg_core.errors import ConfigError, PluginBroken, PluginError, PluginNotFound
from ecg_core.leads import EXTRA_LEADS, STANDARD_LEADS, UNKNOWN_LEAD, canonical_lead
from ecg_core.paper import LARGE_BOX_MM, Layout
from ecg_core.plugins.registry import registry

EXAMPLE = "I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / V1"
KNOWN_LEADS = (*STANDARD_LEADS, "-aVR", *EXTRA_LEADS, UNKNOWN_LEAD)
"""What a word may stand for, in whatever spelling `ecg_core.leads.canonical_lead` knows."""

MAX_ROWS, MAX_LEADS_IN_ROW = 34, 20
"""More rows are not a large box apart on the standard sheet; more leads of 10 s last less than half a second each."""

LAST_BASELINE_BOXES, MOST_PITCH_BOXES, SPAN_BOXES, USUAL_ROWS = 39, 7, 33, 4
"""The standard sheet in large boxes from its upper edge: the last row, the farthest that rows stand apart, the room for
all of them, and how many rows the usual page has; those of a page with fewer stand where its first ones do."""

_PREFIX = re.compile(r"(?i)(?<![\w])(?:lead|ecg)\s+(?=\S)")
_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})


def installed_layouts() -> dict[str, Layout]:
    """Every layout that is installed and can be used, by the name to find it by; others are told once and left out."""
    found: dict[str, Layout] = {}
    for name in registry().to_choose_from("layouts"):
        try:
            found[name] = _load(name)
        except PluginError as error:
            registry().leave_out(error)
    return found


def find_layout(name_or_rows: str) -> Layout:
    """A layout by its name (``ecg list layouts``), or by its rows as `layout_of_text` reads them.

    Raises:
        ConfigError: these are rows, and a word is no lead.
        PluginError: there is no such layout, or it is broken.
    """
    names = {entry.name for entry in registry().entries("layouts")}
    if name_or_rows not in names and are_rows(name_or_rows):
        return layout_of_text(name_or_rows)
    try:
        return _load(name_or_rows)
    except PluginNotFound as error:
        raise PluginNotFound(f'{error} Or write the rows of the page as text: "{EXAMPLE}"') from error


def _load(name: str) -> Layout:
    layout: Any = registry().load("layouts", name)
    if not isinstance(layout, Layout):
        raise PluginBroken(
            f"The {registry().find('layouts', name).title} is broken: it should be an ecg_core.paper.Layout, found "
            f"{type(layout).__name__}. Tell its authors, or uninstall it."
        )
    return layout


def are_rows(text: str) -> bool:
    """Whether a text is meant as rows of leads, not as the name of a layout, or several names with commas between."""
    words = re.split(r"\s*,\s*", text.strip())
    return any("/" in word or len(word.split()) > 1 or canonical_lead(word) in KNOWN_LEADS for word in words)


def layout_of_text(text: str) -> Layout:
    """The layout whose rows are written down, on the standard sheet.

    Rows are parted by ``/``, the leads of a row by blanks or commas; ``?`` stands for a lead that nobody can name. A
    row of one lead among longer ones is a rhythm row. Rows of one and the same lead alone are one strip that goes on
    from row to row.

    Raises:
        ConfigError: a word is no lead, a row is empty, or there are too many.
    """
    rows = [_row(row, number, text) for number, row in enumerate(text.translate(_MINUS).split("/"), start=1)]
    if len(rows) > MAX_ROWS:
        raise ConfigError(f"layout: {len(rows)} rows do not fit on a page; at most {MAX_ROWS}")
    num_short = _num_short(rows)
    is_strip = len(rows) > 1 and len({*rows}) == 1 and len(rows[0]) == 1 and rows[0] != (UNKNOWN_LEAD,)
    return Layout(
        name=_text_of(rows),
        rows=rows[:num_short],
        rhythm_leads=[lead for row in rows[num_short:] for lead in row],
        baselines_mm=_baselines_mm(len(rows)),
        timing="continued" if is_strip else "successive",
    )


def text_of_layout(layout: Layout) -> str:
    """The rows of a layout as `layout_of_text` reads them."""
    return _text_of([*layout.rows, *((lead,) for lead in layout.rhythm_leads)])


def _text_of(rows: Sequence[Sequence[str]]) -> str:
    return " / ".join(" ".join(row) for row in rows)


def _row(text: str, number: int, whole: str) -> tuple[str, ...]:
    """The leads of a row.

    Raises:
        ConfigError: it has none, too many, or one that nobody knows.
    """
    words = [word for word in re.split(r"[\s,]+", _PREFIX.sub("", text)) if word]
    if not words:
        raise ConfigError(f'layout "{whole}": row {number} names no lead; "?" stands for one that nobody can name')
    if len(words) > MAX_LEADS_IN_ROW:
        raise ConfigError(f"layout: row {number} has {len(words)} leads; at most {MAX_LEADS_IN_ROW} fit")
    leads = tuple(map(canonical_lead, words))
    for word, lead in zip(words, leads, strict=True):
        if lead not in KNOWN_LEADS:
            raise ConfigError(f'layout "{whole}": row {number}: {_no_lead(word)}')
    return leads


def _no_lead(word: str) -> str:
    """What is said of a word that is no lead, with the nearest that is one."""
    by_key = {lead.casefold(): lead for lead in KNOWN_LEADS}
    close = difflib.get_close_matches(word.casefold(), by_key, n=1, cutoff=0.5)
    nearest = f"did you mean {by_key[close[0]]}? " if close else ""
    return f'"{word}" is no lead; {nearest}Leads are {", ".join(KNOWN_LEADS[:-1])}, and "?" for one without a name'


def _num_short(rows: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the rhythm rows at the foot of a page; all of them where none holds several leads."""
    longest = max(map(len, rows))
    if longest == 1:
        return len(rows)
    return max(number for number, row in enumerate(rows, start=1) if len(row) > 1)


def _baselines_mm(num_rows: int) -> tuple[float, ...]:
    """Heights of evenly spaced rows, on large-box lines where there are not too many."""
    pitch = min(MOST_PITCH_BOXES, max(SPAN_BOXES // max(num_rows - 1, 1), 1))
    first = LAST_BASELINE_BOXES - pitch * (max(num_rows, USUAL_ROWS) - 1)
    return tuple((first + pitch * row) * LARGE_BOX_MM for row in range(num_rows))
