"""Bars between leads that were taken for names: one that stands exactly below others of its page is no lead I.

All bars of a page stand at one height by the names of their rows. Steep waves with which rows begin are taken for bars,
too, and stand below the name of the first lead: elsewhere by the names than that does.
"""

from __future__ import annotations

from collections.abc import Sequence

from ecg_digitize.digitizers.structure.evidence import STROKE, BarMark, NameMark

EXACTLY_MM = 0.6
"""Bars of a column stand below each other but for so much: names stand beside them."""

LEAST_BARS = 2
"""One bar below a name may be that of its lead, or a name itself that was taken for a bar."""

IN_LINE_MM, LEAST_IN_LINE = 1.5, 2
"""Names of a row stand at one height but for so much; and so many at least are one."""


def without_bars(marks: Sequence[NameMark], bars: Sequence[BarMark]) -> list[NameMark]:
    """Some marks, without those that are bars.

    Args:
        marks: names.
        bars: the bars that were found.
    """
    strokes = [mark for mark in marks if mark.name == STROKE]

    def is_bar(mark: NameMark) -> bool:
        below = [bar for bar in bars if abs(bar.x_mm - mark.x_mm) <= EXACTLY_MM and not _are_one(bar, mark)]
        is_in_line = _num_in_line(mark, marks) >= LEAST_IN_LINE
        alike = sum(not is_in_line or _is_in_line(bar, marks) for bar in below)
        same = sum(abs(other.x_mm - mark.x_mm) <= EXACTLY_MM for other in strokes)
        return mark.name == STROKE and alike >= max(LEAST_BARS, same)

    return [mark for mark in marks if not is_bar(mark)]


def _are_one(bar: BarMark, mark: NameMark) -> bool:
    """Whether a name is printed over a bar, or taken for both."""
    return bar.top_mm <= mark.y_mm <= bar.foot_mm


def _num_in_line(mark: NameMark, marks: Sequence[NameMark]) -> int:
    """How many names that are more than strokes stand at the height of a mark."""
    return sum(other.name != STROKE and abs(other.y_mm - mark.y_mm) <= IN_LINE_MM for other in marks)


def _is_in_line(bar: BarMark, marks: Sequence[NameMark]) -> bool:
    """Whether a bar stands where names that are more than strokes have their height, or little beside it."""
    first_mm, last_mm = bar.top_mm - IN_LINE_MM, bar.foot_mm + IN_LINE_MM
    return any(mark.name != STROKE and first_mm <= mark.y_mm <= last_mm for mark in marks)
