"""Numbers along an axis of seconds that were taken for names of leads: "1" looks like I, and "8" like II.

Every panel of a page has the same axis, so the same marks stand at the same places below every row, and some of them
several times in a line. Leads do not: a row that shows one lead several times shows no other. But names may stand in a
line with the numbers: these are a whole number of seconds apart, and read as strokes mostly.
"""

from __future__ import annotations

from collections.abc import Sequence

from ecg_digitize.digitizers.structure.evidence import NameMark

HEIGHT_MM, PLACE_MM = 1.2, 2.0
"""Numbers of an axis stand at one height, and those of two axes one below the other; they differ by less."""

LEAST_AGAIN, MOSTLY_AGAIN = 2, 0.5
"""So many marks of a line stand at the same places of another line where both are axes, and such a part of those of the
line with fewer: one may be the name of a strip that goes on in the next row, and numbers may stand among names."""


STROKES = {"I", "II", "III"}

SECOND_MM = 25.0
"""Numbers of an axis stand so far apart, or several times as far: a second, or half a second of faster paper."""


def without_axis_numbers(marks: Sequence[NameMark]) -> list[NameMark]:
    """Some marks, without those that are numbers of an axis."""
    lines = _lines(marks)
    again = [
        pair for line in lines for other in lines if _are_axes(line, other) for pair in ((line, other), (other, line))
    ]
    numbers = {id(mark) for line, other in again for mark in _numbers(line, other)}
    return [mark for mark in marks if id(mark) not in numbers]


def _lines(marks: Sequence[NameMark]) -> list[list[NameMark]]:
    """Marks that stand at one height."""
    lines: list[list[NameMark]] = []
    for mark in sorted(marks, key=lambda mark: mark.y_mm):
        if not lines or mark.y_mm - lines[-1][0].y_mm > HEIGHT_MM:
            lines.append([])
        lines[-1].append(mark)
    return lines


def _are_axes(line: Sequence[NameMark], other: Sequence[NameMark]) -> bool:
    """Whether two lines are axes: one shows some marks several times, and both show the same at the same places.

    The other may have fewer of its numbers taken for names, each of them once.
    """
    if other is line or not _has_doubles(line):
        return False
    return _num_again(line, other) >= max(LEAST_AGAIN, MOSTLY_AGAIN * min(len(line), len(other)))


def _has_doubles(line: Sequence[NameMark]) -> bool:
    """Whether one mark of several kinds stands in a line several times."""
    return 1 < len({mark.name for mark in line}) < len(line)


def _numbers(line: Sequence[NameMark], other: Sequence[NameMark]) -> list[NameMark]:
    """The marks of an axis that are its numbers: those that stand in the other one, too, and strokes seconds away."""
    shared = [mark for mark in line if _is_again(mark, other)]
    return [mark for mark in line if mark in shared or (mark.name in STROKES and _is_seconds_from(mark, shared))]


def _is_seconds_from(mark: NameMark, others: Sequence[NameMark]) -> bool:
    off_mm = [(mark.x_mm - other.x_mm + SECOND_MM / 2) % SECOND_MM - SECOND_MM / 2 for other in others]
    return any(abs(off) <= PLACE_MM for off in off_mm)


def _num_again(line: Sequence[NameMark], other: Sequence[NameMark]) -> int:
    """How many marks of a line stand as the same ones at the same places of another line."""
    return sum(_is_again(mark, other) for mark in line)


def _is_again(mark: NameMark, other: Sequence[NameMark]) -> bool:
    return any(mark.name == each.name and abs(mark.x_mm - each.x_mm) <= PLACE_MM for each in other)
