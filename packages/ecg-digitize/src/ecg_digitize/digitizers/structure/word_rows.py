"""Rows of ink that are the words in which speed and gain are printed, with the line of a frame through them mostly."""

from __future__ import annotations

from collections.abc import Sequence

from ecg_digitize.digitizers.structure.evidence import InkRow, PrintedScale

NEAR_MM = 3.0
"""Words stand so near to the level that their ink has."""

JOINED = 0.7
"""Ink of words hangs together over less of the row, though an edge of the paper runs through them; that of traces does
over more, mostly."""

WORDS = (
    "ink {y_mm:.0f} mm from the upper edge of the paper was taken for the words that tell speed and gain, not for a row"
)


def which_are_words(rows: Sequence[InkRow], printed: Sequence[PrintedScale]) -> list[bool]:
    """Whether each row is a line of words: both speed and gain are printed at its level, and its ink is in pieces.

    Args:
        rows: the rows.
        printed: the speeds and gains that are printed.
    """
    return [row.joined < JOINED and {"speed", "gain"} <= _kinds_at(row.y_mm, printed) for row in rows]


def _kinds_at(y_mm: float, printed: Sequence[PrintedScale]) -> set[str]:
    return {each.kind for each in printed if each.place_mm is not None and abs(each.place_mm[1] - y_mm) <= NEAR_MM}
