"""What calibration pulses tell of a page: their size, and that a trace does not reach over them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.chains import in_chains
from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.time_axis import TraceSpan

LEAST_CERTAINTY, ALONE, DUBIOUS = 0.7, 0.8, 0.65
"""How certainly a pulse must be seen among others of its kind, and alone; and how certainly waves are taken for one."""

CLEARLY = 0.77
"""Median certainty of pulses that stand one below the other; waves that happen to are taken for pulses less surely."""

HEIGHTS_MM, WIDTHS_MM = (3.5, 24.0), (1.0, 13.0)
"""What is smaller or larger is no pulse: 1 mV at 5 mm/mV is 5 mm high, 0.2 s at 50 mm/s are 10 mm."""

BESIDE_MM = 4.0
"""The foot of a pulse lies so near to the level of a row."""

SAME_LEVEL_MM = 4.0
"""Pulses whose feet differ by less stand at one row."""

COLUMN_MM = 4.0
"""Pulses of a page stand one below the other; their middles differ by less."""

OVER_TRACE_MM = 1.5
"""Rows that begin so much before a pulse begin before it."""

FOOT_MM = 8.0
"""A trace begins so near to its pulse, at most."""

UNEVEN, LEAST_UNEVEN = 0.045, 3
"""Half of some pulses differ in height by such a part from their median, or more, as whole ones do not: names or other
rows lie over them, or they are none; and of how many that can be said."""

AS_HIGH = 0.15
"""Pulses of a page differ in height by no more than this part, where every row has one of them."""

PIECE = 0.45
"""A mark that is so much as high as the highest of its column, or less, is a piece of a pulse that a name or an edge
crosses: gains of limb and chest leads differ by no more than half."""

CUT_MM, FLUSH_MM = 7.0, 0.6
"""A name that stands over a pulse hides so much of its height at most; what is above and below ends in one line at the
right, to so much."""

TWICE_AS_HIGH, OTHERS, APART = (1.7, 2.4), 3, 0.8
"""A mark that is so many times as high as at least so many others of its column are alike is two pulses that touch, if
each of them stands so much of the distance of the others from every other one, and from the other of the two."""

SIZES_OF_PAPER = (1.0, 0.5)
"""How large paper of a size that is not known may be, in parts of what was thought."""

OVER_MM = 0.3
"""The mark of a pulse reaches so far over its ink on every side."""

AT_AN_END = 0.15
"""A pulse in the first or last part of a row stands at an end of it; one in between parts two leads, of six columns
even."""


def calibration_pulses(pulses: Sequence[PulseMark], heights_mm: Sequence[float]) -> list[PulseMark]:
    """Those of some marks that are calibration pulses: at the level of a row, and one below the other.

    One alone is believed where it was seen more certainly, wherever it stands: some makers print one a page. Of those
    that stand one below the other, but differ in height, the surest counts against it: steps at the ends of rows do.

    Args:
        pulses: what may be pulses.
        heights_mm: heights of the rows.
    """
    likely = _likely(pulses, heights_mm)
    of_rows = _without_pieces([pulse for pulse in likely if are_at_rows([pulse], heights_mm)])
    in_columns = [pulse for pulse in of_rows if _is_of_a_column(pulse, of_rows, len(heights_mm))]
    alone = [pulse for pulse in likely if pulse.certainty >= ALONE and pulse not in in_columns]
    best = max(alone, key=weight_of, default=None)
    together = max if are_uneven([pulse.height_mm for pulse in in_columns]) else sum
    if best is not None and (not in_columns or weight_of(best) > together(map(weight_of, in_columns))):
        return [best]
    return _as_high_as_usual(in_columns, len(heights_mm))


def pulses_between_columns(pulses: Sequence[PulseMark], heights_mm: Sequence[float]) -> list[PulseMark]:
    """Those of some marks that stand at the level of a row and one below the other, however much of each was seen.

    Arguments as of `calibration_pulses`; where a pulse stands is known even where its height is not.
    """
    of_rows = [pulse for pulse in _likely(pulses, heights_mm) if are_at_rows([pulse], heights_mm)]
    return [pulse for pulse in of_rows if _is_of_a_column(pulse, of_rows, len(heights_mm))]


def _likely(pulses: Sequence[PulseMark], heights_mm: Sequence[float]) -> list[PulseMark]:
    """Marks that may well be pulses, each that of one row."""
    single = unstacked(_rejoined(pulses, heights_mm), heights_mm)
    return [pulse for pulse in single if pulse.certainty >= LEAST_CERTAINTY and has_usual_size(pulse)]


def are_uneven(heights_mm: Sequence[float]) -> bool:
    """Whether pulses differ in height by more than whole ones do."""
    if len(heights_mm) < LEAST_UNEVEN:
        return False
    off = np.log(np.asarray(heights_mm) / np.median(heights_mm))
    return float(np.median(np.abs(off))) >= UNEVEN


def _rejoined(pulses: Sequence[PulseMark], heights_mm: Sequence[float]) -> list[PulseMark]:
    """Pulses, those whole again that a name cuts: a piece that ends above a row, and one just below it at the row."""
    whole: list[PulseMark] = []
    for lower in sorted(pulses, key=lambda pulse: pulse.top_mm):
        upper = next((each for each in whole if _is_above(each, lower) and not are_at_rows([each], heights_mm)), None)
        if upper is None or not are_at_rows([lower], heights_mm):
            whole.append(lower)
            continue
        whole.remove(upper)
        left_mm, certainty = min(upper.left_mm, lower.left_mm), max(upper.certainty, lower.certainty)
        whole.append(attrs.evolve(lower, left_mm=left_mm, top_mm=upper.top_mm, certainty=certainty))
    return whole


def _is_above(upper: PulseMark, lower: PulseMark) -> bool:
    """Whether a mark stands just above another one, flush at the right."""
    return 0 <= lower.top_mm - upper.foot_mm <= CUT_MM and abs(upper.right_mm - lower.right_mm) <= FLUSH_MM


def _without_pieces(pulses: Sequence[PulseMark]) -> list[PulseMark]:
    """Pulses without marks that show only a piece of one."""
    whole = []
    for column in columns_of_pulses(pulses):
        highest_mm = max(pulse_heights_mm(column))
        heights = zip(column, pulse_heights_mm(column), strict=True)
        whole += [pulse for pulse, height_mm in heights if height_mm > PIECE * highest_mm]
    return whole


def _as_high_as_usual(pulses: Sequence[PulseMark], num_rows: int) -> list[PulseMark]:
    """Pulses without those that are higher or lower than usual where every row has a usual one in one column of them:
    steps in which some traces begin or end."""
    for column in columns_of_pulses(pulses):
        usual_mm = float(np.median([pulse.height_mm for pulse in column]))
        usual = [pulse for pulse in pulses if abs(pulse.height_mm - usual_mm) <= AS_HIGH * usual_mm]
        if num_rows > 1 and len(column) >= num_rows and all(pulse in usual for pulse in column):
            return usual
    return list(pulses)


def are_at_rows(pulses: Sequence[PulseMark], heights_mm: Sequence[float]) -> bool:
    """Whether there are pulses whose feet all lie at the level of a row."""
    return bool(pulses) and all(_distance_mm(pulse.foot_mm, heights_mm) <= BESIDE_MM for pulse in pulses)


def unstacked(pulses: Sequence[PulseMark], heights_mm: Sequence[float]) -> list[PulseMark]:
    """Pulses; of those of several rows that touch each other, and are seen as one, one at each row beside it.

    They are as high as those of their column that stand alone at a row, else as the uppermost one is, whose foot is the
    first row that it has; but what begins at a row and ends at another one is the line of a frame, which cuts pulses.
    Two are told by the others of their column, whether or not there are rows beside them.

    Args:
        pulses: what may be pulses.
        heights_mm: heights of the rows.
    """
    alone = [pulse for pulse in pulses if has_usual_size(pulse) and pulse.certainty >= LEAST_CERTAINTY]
    alone = [pulse for pulse in alone if are_at_rows([pulse], heights_mm)]
    single: list[PulseMark] = []
    for pulse in pulses:
        two = _as_two(pulse, [other for other in pulses if other is not pulse and are_in_column(pulse, other)])
        if two:
            single += two
            continue
        if pulse.height_mm <= HEIGHTS_MM[1]:
            single.append(pulse)
            continue
        first_mm, last_mm = pulse.top_mm + SAME_LEVEL_MM, pulse.foot_mm + SAME_LEVEL_MM
        feet_mm = sorted(y_mm + OVER_MM for y_mm in heights_mm if first_mm < y_mm < last_mm)
        alone_mm = [other.height_mm for other in alone if are_in_column(pulse, other)]
        begins_at_a_row = any(pulse.top_mm <= y_mm + OVER_MM and y_mm <= first_mm for y_mm in heights_mm)
        if feet_mm and (alone_mm or not begins_at_a_row):
            height_mm = float(np.median(alone_mm)) if alone_mm else feet_mm[0] - pulse.top_mm
            single += [attrs.evolve(pulse, top_mm=foot_mm - height_mm, foot_mm=foot_mm) for foot_mm in feet_mm]
    return single


def _as_two(pulse: PulseMark, column: Sequence[PulseMark]) -> list[PulseMark]:
    """The two pulses that touch each other in a mark, by the others of its column; none where it is one, or none."""
    others = [other for other in column if has_usual_size(other) and other.certainty >= LEAST_CERTAINTY]
    if len(others) < OTHERS or pulse.certainty < LEAST_CERTAINTY:
        return []
    usual_mm = float(np.median([other.height_mm for other in others]))
    alike = [other for other in others if abs(other.height_mm - usual_mm) <= AS_HIGH * usual_mm]
    lowest, highest = np.multiply(TWICE_AS_HIGH, usual_mm)
    if len(alike) < max(OTHERS, len(others) - 1) or not lowest <= pulse.height_mm <= highest:
        return []
    feet_mm = sorted(other.foot_mm for other in others)
    upper = attrs.evolve(pulse, foot_mm=pulse.top_mm + usual_mm)
    lower = attrs.evolve(pulse, top_mm=pulse.foot_mm - usual_mm)
    every_mm = sorted([*feet_mm, upper.foot_mm, lower.foot_mm])
    apart_mm = APART * float(np.median(np.diff(every_mm)))
    is_apart = all(
        _distance_mm(each.foot_mm, [*feet_mm, other.foot_mm]) >= apart_mm
        for each, other in ((upper, lower), (lower, upper))
    )
    return [upper, lower] if is_apart else []


def _is_of_a_column(pulse: PulseMark, of_rows: Sequence[PulseMark], num_rows: int) -> bool:
    """Whether pulses stand one below the other there: at most rows, or clearly; beats of two rows may stand so, too."""
    column = [other for other in of_rows if are_in_column(pulse, other)]
    median = float(np.median([other.certainty for other in column]))
    return len(column) > 1 and (len(column) > num_rows / 2 or median >= CLEARLY)


def weight_of(pulse: PulseMark) -> float:
    """How much a pulse is worth by its certainty; hardly anything for those that waves are taken for."""
    return pulse.certainty - DUBIOUS


def pulse_size_mm(pulses: Sequence[PulseMark]) -> tuple[float, float] | None:
    """Width and height of the pulses of a page, the median of all; None where there are none."""
    if not pulses:
        return None
    width_mm, height_mm = np.median([(pulse.width_mm, pulse.height_mm) for pulse in pulses], axis=0)
    return float(width_mm) - 2 * OVER_MM, float(height_mm) - 2 * OVER_MM


def size_on_unknown_paper_mm(pulses: Sequence[PulseMark], heights_mm: Sequence[float]) -> tuple[float, float] | None:
    """Width and height of the pulses of a page that may be smaller on paper than was thought; None without pulses.

    Where none is as large as pulses are, those count that are so on a page half as large.

    Args:
        pulses: what may be pulses.
        heights_mm: heights of the rows.
    """
    for share in SIZES_OF_PAPER:
        smaller = [pulse.scaled(share) for pulse in pulses]
        size_mm = pulse_size_mm(calibration_pulses(smaller, [share * y_mm for y_mm in heights_mm]))
        if size_mm is not None:
            return size_mm[0] / share, size_mm[1] / share
    return None


def pulse_heights_mm(pulses: Sequence[PulseMark]) -> list[float]:
    """Height of every pulse, as `pulse_size_mm` has that of most."""
    return [pulse.height_mm - 2 * OVER_MM for pulse in pulses]


def without_pulses(spans: Sequence[TraceSpan], pulses: Sequence[PulseMark]) -> list[TraceSpan]:
    """What of the rows of a page has a trace, without pulses at either end.

    A trace that begins behind the middle of a pulse is left as it was read: it knows its beginning better. Several of
    those tell how far from their pulses all rows begin. A pulse of one row alone is drawn over its trace where the
    other rows begin before it.

    Args:
        spans: what of the rows seems to have a trace.
        pulses: the calibration pulses of the page.
    """
    beside = [(span, pulse) for span in spans for pulse in pulses if abs(pulse.foot_mm - span.y_mm) <= BESIDE_MM]
    before_mm = _bare_mm([span.first_mm - pulse.right_mm for span, pulse in beside if middle_mm(pulse) < span.first_mm])
    behind_mm = _bare_mm([pulse.left_mm - span.last_mm for span, pulse in beside if middle_mm(pulse) > span.last_mm])

    with_pulses = [span for span, _ in beside]
    others_mm = [span.first_mm for span in spans if span not in with_pulses]

    def is_over_the_trace(pulse: PulseMark) -> bool:
        return len(others_mm) == len(spans) - 1 > 1 and max(others_mm) < pulse.left_mm - OVER_TRACE_MM

    def cut(span: TraceSpan) -> TraceSpan:
        rest = span
        for _, pulse in (each for each in beside if each[0] is span):
            place = (middle_mm(pulse) - rest.first_mm) / max(rest.length_mm, 1e-6)
            if 0 <= place <= AT_AN_END and not is_over_the_trace(pulse):
                rest = attrs.evolve(rest, first_mm=pulse.right_mm + before_mm)
            elif 1 - AT_AN_END <= place <= 1:
                rest = attrs.evolve(rest, last_mm=pulse.left_mm - behind_mm)
        return rest

    return [cut(span) for span in spans]


def _bare_mm(apart_mm: Sequence[float]) -> float:
    """How far traces stand from their pulses, as several rows say; 0 where fewer do."""
    near = [each for each in apart_mm if 0 <= each <= FOOT_MM]
    return float(np.median(near)) if len(near) > 1 else 0.0


def has_usual_size(pulse: PulseMark) -> bool:
    """Whether a pulse may be so high and wide."""
    return HEIGHTS_MM[0] <= pulse.height_mm <= HEIGHTS_MM[1] and WIDTHS_MM[0] <= pulse.width_mm <= WIDTHS_MM[1]


def _distance_mm(y_mm: float, heights_mm: Sequence[float]) -> float:
    return min((abs(y_mm - height_mm) for height_mm in heights_mm), default=np.inf)


def are_in_column(one: PulseMark, other: PulseMark) -> bool:
    """Whether two pulses stand one below the other."""
    return abs(middle_mm(one) - middle_mm(other)) <= COLUMN_MM


def columns_of_pulses(pulses: Sequence[PulseMark]) -> list[list[PulseMark]]:
    """Pulses that stand one below the other together, from left to right."""
    return in_chains(pulses, middle_mm, COLUMN_MM)


def pulse_lines_mm(pulses: Sequence[PulseMark]) -> list[np.ndarray]:
    """Places of the right edges and heights of the feet of pulses that stand one below the other: (pulses, 2) each."""
    return [np.array([(pulse.right_mm, pulse.foot_mm) for pulse in column]) for column in columns_of_pulses(pulses)]


def middle_mm(pulse: PulseMark) -> float:
    """Place of the middle of a pulse."""
    return (pulse.left_mm + pulse.right_mm) / 2
