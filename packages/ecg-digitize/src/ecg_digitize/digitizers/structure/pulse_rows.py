"""Rows of a page by the calibration pulses at an end of them: each pulse stands on the level of a row.

Ink tells rows where traces run level. Where they wander, or cross each other, a row's ink is spread over the paper and
may be weaker than that of the lines of a page's head; a pulse is where it was printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.ordering import match_in_order
from ecg_digitize.digitizers.structure.chains import in_chains
from ecg_digitize.digitizers.structure.evidence import InkRow, PulseMark
from ecg_digitize.digitizers.structure.pulses import (
    CLEARLY,
    LEAST_CERTAINTY,
    OVER_MM,
    SAME_LEVEL_MM,
    are_at_rows,
    are_in_column,
    columns_of_pulses,
    has_usual_size,
    middle_mm,
    unstacked,
    weight_of,
)

SEVERAL, MAYBE = 4, 0.6
"""Below and above so many clear pulses one more may be seen so unclearly."""

AT_AN_END = 0.15
"""Such pulses stand in the first or last part of the rows; in between, the beats of several rows stand so."""

SIZES = (0.6, 1.6)
"""Pulses of a column are so high by most of them; limb and chest leads may have gains of their own."""

WANDER_MM, SPREAD_MM, NEAR = 9.0, 3.0, 0.45
"""How far the ink of a row may lie from its pulse, and mostly; and that in parts of the distance of rows, at most."""

ROOM = 1.3
"""Two rows that are no farther apart, in parts of the distance of rows, have none between them."""

SCALE = 1000

COVERED, STRONG, LONG, JOINED = 0.8, 0.5, 0.8, 0.3
SAME_END_MM, HALF_AS_LONG = 2.5, 0.5
"""A row without a pulse beside others that have one is a trace if it is so whole and so strong by them, and so long,
and if its ink hangs together by so much of what theirs does; or if it begins or ends where they do, and is half as
long."""


LINE_WAVES = 0.1
"""Ink with less away from its level, of a row that has neither end of the others, is a line: one corner of a frame
looks like half a pulse."""

TRACE_WAVES = 0.3
"""Ink that hangs together with so much away from its level is a trace."""


def rows_by_pulses(
    rows: Sequence[InkRow], pulses: Sequence[PulseMark], ink_at: Callable[[float], InkRow | None]
) -> list[InkRow]:
    """Rows of ink with the pulses that stand at them, and without lines of words, where pulses tell the rows.

    Args:
        rows: the rows of ink, from the top.
        pulses: what may be pulses.
        ink_at: the row of ink about a height in millimetres, of whatever strength; None where there is hardly any.
    """
    column = _column_at_an_end(rows, pulses)
    levels = [
        float(np.mean(feet)) for feet in in_chains((pulse.foot_mm - OVER_MM for pulse in column), float, SAME_LEVEL_MM)
    ]
    if len(levels) < 2:
        return list(rows)
    pitch_mm = _pitch_mm(rows, levels)
    apart_mm = NEAR * pitch_mm
    matched = dict(_matched(rows, levels, min(WANDER_MM, apart_mm)))
    beside = [rows[row] for row in matched.values()]
    free = [level for level in levels if all(abs(level - other) >= apart_mm for other in matched)]
    inked = {level: row for level in free if (row := ink_at(level)) is not None}
    told = [attrs.evolve(rows[row], pulse_mm=level) for level, row in matched.items()]
    told += [attrs.evolve(row, pulse_mm=level) for level, row in inked.items() if _may_have_a_pulse(row, beside)]
    others = [row for number, row in enumerate(rows) if number not in matched.values()]
    told += [attrs.evolve(row, pulse_mm=row.y_mm) for row in _with_unclear_pulses(others, column, pulses, apart_mm)]
    others = [row for row in others if all(row.y_mm != each.y_mm for each in told)]
    others = [row for row in others if _has_room(row, told, pitch_mm)]
    found = sorted([*told, *_traces_like(others, told, apart_mm)], key=lambda row: row.level_mm)
    return list(rows) if _most_are_lost(rows, found) else found


def _has_room(row: InkRow, told: Sequence[InkRow], pitch_mm: float) -> bool:
    """Whether a row without a pulse does not stand between two that have one and are as near to each other as rows are:
    there it is a trace that wanders off, or words."""
    above_mm = max((other.level_mm for other in told if other.level_mm <= row.y_mm), default=-np.inf)
    below_mm = min((other.level_mm for other in told if other.level_mm > row.y_mm), default=np.inf)
    return below_mm - above_mm > ROOM * pitch_mm


def _most_are_lost(rows: Sequence[InkRow], found: Sequence[InkRow]) -> bool:
    """Whether most of the rows that are surely traces are none by what was taken for pulses: then those are none.

    Nor are they whole where each stands at ink in pieces, as words are, beside so many traces without one.
    """
    sure = [row for row in rows if row.hangs_together and row.waves >= TRACE_WAVES]
    lost = [row for row in sure if all(row.y_mm != other.y_mm for other in found)]
    told = [row for row in found if row.has_pulse]
    bare = [row for row in found if row.hangs_together and row.waves >= TRACE_WAVES and not row.has_pulse]
    are_at_words = bool(told) and all(row.is_in_pieces for row in told) and len(bare) >= len(told)
    return len(lost) > len(sure) / 2 or are_at_words


def _may_have_a_pulse(row: InkRow, others: Sequence[InkRow]) -> bool:
    """Whether ink beside what looks like a pulse is that of a row, by the others: half as long, and no line."""
    if not others:
        return True
    length_mm, first_mm, last_mm = np.median([(each.length_mm, each.first_mm, each.last_mm) for each in others], axis=0)
    has_an_end = min(abs(row.first_mm - first_mm), abs(row.last_mm - last_mm)) <= SAME_END_MM
    return bool(row.length_mm >= HALF_AS_LONG * length_mm and (row.waves >= LINE_WAVES or has_an_end))


def _column_at_an_end(rows: Sequence[InkRow], pulses: Sequence[PulseMark]) -> Sequence[PulseMark]:
    """The pulses that stand one below the other at an end of the rows."""
    likely = [
        pulse
        for pulse in _at_an_end(unstacked(pulses, [row.y_mm for row in _apart(rows)]), rows)
        if pulse.certainty >= LEAST_CERTAINTY and has_usual_size(pulse)
    ]
    columns = map(_of_one_kind, columns_of_pulses(likely))
    return max(columns, key=lambda column: sum(map(weight_of, column)), default=[])


def _apart(rows: Sequence[InkRow]) -> list[InkRow]:
    """The rows without those that hang together for less than one which they are too near to: letters of a hand, or
    words on the edge of a panel, to which pulses that touch each other reach down."""
    if len(rows) < 2:
        return list(rows)
    apart_mm = NEAR * float(np.median(np.diff([row.y_mm for row in rows])))

    def joined_mm(row: InkRow) -> float:
        return row.joined * row.length_mm

    def is_beside_another(row: InkRow) -> bool:
        return any(abs(row.y_mm - other.y_mm) < apart_mm and joined_mm(row) < joined_mm(other) for other in rows)

    return [row for row in rows if not is_beside_another(row)]


def _with_unclear_pulses(
    rows: Sequence[InkRow], column: Sequence[PulseMark], pulses: Sequence[PulseMark], apart_mm: float
) -> list[InkRow]:
    """Rows beside what may be one more pulse of a column of several clear ones, a wave or a name through it.

    Args:
        rows: those at which no clear pulse stands.
        column: the clear pulses.
        pulses: all of them.
        apart_mm: so far from each other rows are at least.
    """
    if len(column) < SEVERAL:
        return []
    height_mm = float(np.median([pulse.height_mm for pulse in column]))
    unclear = [
        pulse
        for pulse in pulses
        if MAYBE <= pulse.certainty < LEAST_CERTAINTY
        and all(are_in_column(pulse, other) for other in column)
        and SIZES[0] * height_mm <= pulse.height_mm <= SIZES[1] * height_mm
        and all(abs(pulse.foot_mm - other.foot_mm) >= apart_mm for other in column)
    ]
    return [row for row in rows if any(are_at_rows([pulse], [row.y_mm]) for pulse in unclear)]


def _at_an_end(pulses: Sequence[PulseMark], rows: Sequence[InkRow]) -> list[PulseMark]:
    """Those of some pulses that stand in the first or last part of the rows, or beyond them."""
    if not rows:
        return []
    first_mm, last_mm = np.median([(row.first_mm, row.last_mm) for row in rows], axis=0)
    reach_mm = AT_AN_END * (last_mm - first_mm)
    return [pulse for pulse in pulses if not first_mm + reach_mm <= middle_mm(pulse) <= last_mm - reach_mm]


def _of_one_kind(column: Sequence[PulseMark]) -> list[PulseMark]:
    """Pulses one below the other that are about as high as most of them; none where they were not seen clearly."""
    if float(np.median([pulse.certainty for pulse in column])) < CLEARLY:
        return []
    height_mm = float(np.median([pulse.height_mm for pulse in column]))
    return [pulse for pulse in column if SIZES[0] * height_mm <= pulse.height_mm <= SIZES[1] * height_mm]


def _pitch_mm(rows: Sequence[InkRow], levels: Sequence[float]) -> float:
    """Distance of rows that follow each other: of those with pulses, or of all where some pulses were not seen."""
    heights_mm = [row.y_mm for row in rows]
    return min(float(np.median(np.diff(each))) for each in (heights_mm, levels) if len(each) > 1)


def _matched(rows: Sequence[InkRow], levels: Sequence[float], reach_mm: float) -> list[tuple[float, int]]:
    """Levels and the numbers of the rows of ink that lie there."""
    away = np.array([[row.y_mm - level for row in rows] for level in levels])
    worth = np.where(np.abs(away) <= reach_mm, np.exp(-((away / SPREAD_MM) ** 2) / 2), 0.0)
    return [(levels[level], row) for level, row in match_in_order(np.rint(SCALE * worth).astype(int))]


def _traces_like(rows: Sequence[InkRow], told: Sequence[InkRow], apart_mm: float) -> list[InkRow]:
    """Those of some rows without a pulse that look like traces beside those that have one."""
    if not told:
        return list(rows)
    facts = [(row.coverage, row.strength, row.length_mm, row.joined, row.first_mm, row.last_mm) for row in told]
    coverage, strength, length_mm, joined, first_mm, last_mm = np.median(facts, axis=0)

    def has_an_end_of_theirs(row: InkRow) -> bool:
        return bool(min(abs(row.first_mm - first_mm), abs(row.last_mm - last_mm)) <= SAME_END_MM)

    return [
        row
        for row in rows
        if row.coverage >= COVERED * coverage
        and row.strength >= STRONG * strength
        and (
            (row.length_mm >= LONG * length_mm and row.joined >= JOINED * joined)
            or (row.length_mm >= HALF_AS_LONG * length_mm and has_an_end_of_theirs(row))
        )
        and not row.reaches_over(first_mm, last_mm)
        and all(abs(row.y_mm - other.level_mm) >= apart_mm for other in told)
    ]
