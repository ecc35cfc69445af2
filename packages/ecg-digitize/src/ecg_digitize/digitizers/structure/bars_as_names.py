"""Bars between leads that were taken for names: one that stands exactly below others of its page is no lead I."""

from __future__ import annotations

from collections.abc import Sequence

from ecg_digitize.digitizers.structure.evidence import STROKE, BarMark, NameMark

EXACTLY_MM = 0.6
"""Bars of a column stand below each other but for so much: names stand beside them."""

LEAST_BARS = 2
"""One bar below a name may be that of its lead, or a name itself that was taken for a bar."""


def without_bars(marks: Sequence[NameMark], bars: Sequence[BarMark]) -> list[NameMark]:
    """Some marks, without those that are bars.

    Args:
        marks: names.
        bars: the bars that were found.
    """
    strokes = [mark for mark in marks if mark.name == STROKE]

    def is_bar(mark: NameMark) -> bool:
        alike = sum(abs(bar.x_mm - mark.x_mm) <= EXACTLY_MM and not _are_one(bar, mark) for bar in bars)
        same = sum(abs(other.x_mm - mark.x_mm) <= EXACTLY_MM for other in strokes)
        return mark.name == STROKE and alike >= max(LEAST_BARS, same)

    return [mark for mark in marks if not is_bar(mark)]


def _are_one(bar: BarMark, mark: NameMark) -> bool:
    """Whether a name is printed over a bar, or taken for both."""
    return bar.top_mm <= mark.y_mm <= bar.foot_mm
