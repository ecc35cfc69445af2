"""Numbers along an axis of seconds that were taken for names of leads: "1" looks like I, and "8" like II.

Every panel of a page has the same axis, so the same marks stand at the same places below every row, and some of them
several times in a line. Leads do not: a row that shows one lead several times shows no other.
"""

from __future__ import annotations

from collections.abc import Sequence

from ecg_digitize.digitizers.structure.evidence import NameMark

HEIGHT_MM, PLACE_MM = 1.2, 2.0
"""Numbers of an axis stand at one height, and those of two axes one below the other; they differ by less."""

LEAST_AGAIN, MOSTLY_AGAIN = 2, 0.5
"""So many marks of a line stand at the same places of another line where both are axes, and such a part of those of the
line with fewer: one may be the name of a strip that goes on in the next row, and numbers may stand among names. A
number stands there in such a part of the other lines."""


def without_axis_numbers(marks: Sequence[NameMark]) -> list[NameMark]:
    """Some marks, without those that are numbers of an axis.

    Names may stand in one line with the numbers; they are not those of most other lines at the same place, and but for
    the first of a line they are not strokes of which the line has more.
    """
    lines = _lines(marks)
    of_axes = [line for line in lines if any(_are_axes(line, other) or _are_axes(other, line) for other in lines)]
    numbers = {id(mark) for line in of_axes for mark in _returning(line, of_axes)}
    numbers |= {id(mark) for line in of_axes for mark in _strokes_behind_others(line)}
    return [mark for mark in marks if id(mark) not in numbers]


def _returning(line: Sequence[NameMark], of_axes: Sequence[Sequence[NameMark]]) -> list[NameMark]:
    """The marks of a line that stand at the same place in most other lines of axes."""
    others = [other for other in of_axes if other is not line]
    return [mark for mark in line if sum(_num_again([mark], other) for other in others) >= MOSTLY_AGAIN * len(others)]


def _strokes_behind_others(line: Sequence[NameMark]) -> list[NameMark]:
    """The marks of a line that are strokes, as digits are taken for, of which it has more; but for the first mark."""
    names = [mark.name for mark in line]
    first = min(line, key=lambda mark: mark.x_mm)
    return [mark for mark in line if mark is not first and set(mark.name) == {"I"} and names.count(mark.name) > 1]


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


def _num_again(line: Sequence[NameMark], other: Sequence[NameMark]) -> int:
    """How many marks of a line stand as the same ones at the same places of another line."""
    return sum(
        any(mark.name == each.name and abs(mark.x_mm - each.x_mm) <= PLACE_MM for each in other) for mark in line
    )
