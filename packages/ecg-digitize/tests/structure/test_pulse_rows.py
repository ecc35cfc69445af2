"""Rows that pulses tell: of traces that wander, of traces that names tell nothing of, and of lines of words none."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import pytest

from ecg_digitize.digitizers.structure.evidence import InkRow, PulseMark
from ecg_digitize.digitizers.structure.pulse_rows import rows_by_pulses

LEVELS_MM = (40.0, 60.0, 80.0, 100.0)


def ink(y_mm: float, *, coverage: float = 0.97, strength: float = 0.15, length_mm: float = 250.0) -> InkRow:
    return InkRow(y_mm, strength, 20.0, 20.0 + length_mm, coverage, 0.5)


def pulses(levels_mm: Sequence[float] = LEVELS_MM, *, left_mm: float = 12.0, certainty: float = 0.9) -> list[PulseMark]:
    return [PulseMark(left_mm, left_mm + 5, level - 10, level + 0.3, certainty) for level in levels_mm]


def found(rows: Sequence[InkRow], marks: Sequence[PulseMark]) -> list[InkRow]:
    """Rows by pulses on a page with some ink everywhere."""
    return rows_by_pulses(rows, marks, lambda y_mm: ink(y_mm, coverage=0.5, strength=0.03))


def test_rows_of_ink_have_the_pulses_that_stand_at_them() -> None:
    rows = [ink(level + 1) for level in LEVELS_MM]
    told = found(rows, pulses())
    assert [row.y_mm for row in told] == [row.y_mm for row in rows]
    assert [row.level_mm for row in told] == pytest.approx(LEVELS_MM)
    assert all(row.has_pulse for row in told)


def test_a_row_that_wanders_so_much_that_its_ink_is_nowhere_dense_stands_where_its_pulse_does() -> None:
    rows = [ink(40), ink(66, coverage=0.5), ink(100)]
    told = found(rows, pulses())
    assert [row.level_mm for row in told] == pytest.approx(LEVELS_MM)
    assert [row.y_mm for row in told] == pytest.approx([40, 66, 80, 100])


def test_marks_at_which_hardly_a_trace_stands_are_no_pulses() -> None:
    """Words above the traces and a frame below them were taken for two: beside those the traces look like frames."""
    rows = [attrs.evolve(ink(level), first_mm=12.0, last_mm=296.0) for level in LEVELS_MM]
    frame = attrs.evolve(ink(150, length_mm=290.0), waves=0.01)
    marks = pulses((15.0, 150.0))
    assert found([*rows, frame], marks) == [*rows, frame]


def test_pulses_of_which_the_foot_was_not_seen_do_not_make_rows_of_the_names_above_the_traces() -> None:
    """Pulses of 20 mm that end at the traces look half as high: their feet seem to lie at the names."""
    names = [attrs.evolve(ink(level - 9, coverage=0.3), joined=0.0) for level in LEVELS_MM]
    traces = list(map(ink, LEVELS_MM))
    rows = sorted([*names, *traces], key=lambda row: row.y_mm)
    assert found(rows, pulses([level - 9 for level in LEVELS_MM])) == rows
    assert [row.has_pulse for row in found(rows, pulses())] == [True] * len(traces)


def test_lines_of_words_above_and_below_are_no_rows() -> None:
    words = [ink(20, coverage=0.6), attrs.evolve(ink(120), first_mm=28.0, last_mm=262.0, joined=0.0)]
    told = found([words[0], *map(ink, LEVELS_MM), words[1]], pulses())
    assert [row.y_mm for row in told] == list(LEVELS_MM)


def test_between_two_rows_with_pulses_that_are_as_near_as_rows_are_there_is_none() -> None:
    """A trace that wanders up has most of its ink half-way to the row above; farther apart one may have no pulse."""
    levels = (40.0, 60.0, 80.0, 100.0, 120.0)
    told = found([ink(40), ink(50), *map(ink, levels[1:])], pulses(levels))
    assert [row.y_mm for row in told] == list(levels)
    farther = (levels[0] - 40.0, *levels)
    without = levels[0] - 20.0
    told = found(sorted([ink(without), *map(ink, farther)], key=lambda row: row.y_mm), pulses(farther))
    assert [row.y_mm for row in told] == [0.0, without, *levels]


@pytest.mark.parametrize(
    ("certainty", "left_mm", "height_mm", "clear_mm", "is_row"),
    [
        (0.66, 12.0, 7.0, LEVELS_MM, True),
        (0.5, 12.0, 7.0, LEVELS_MM, False),
        (0.66, 60.0, 7.0, LEVELS_MM, False),  # beats of the row
        (0.66, 12.0, 4.0, LEVELS_MM, False),
        (0.66, 12.0, 7.0, LEVELS_MM[1:], False),  # of few pulses nothing is told
    ],
)
def test_a_row_of_scattered_ink_with_an_unclear_pulse_below_several_clear_ones_is_one(
    certainty: float, left_mm: float, height_mm: float, clear_mm: Sequence[float], *, is_row: bool
) -> None:
    scattered = ink(122, coverage=0.6)
    unclear = PulseMark(left_mm, left_mm + 5, 120 - height_mm, 120, certainty)
    told = found([*map(ink, clear_mm), scattered], [*pulses(clear_mm), unclear])
    assert [row.y_mm for row in told] == [*clear_mm, *([122] if is_row else [])]


def test_the_line_of_a_frame_is_no_row() -> None:
    frame = attrs.evolve(ink(120), first_mm=10.0, last_mm=280.0)
    assert [row.y_mm for row in found([*map(ink, LEVELS_MM), frame], pulses())] == list(LEVELS_MM)


def test_a_row_whose_pulse_was_not_seen_stays() -> None:
    told = found([ink(level) for level in LEVELS_MM], pulses((40, 80, 100)))
    assert [row.has_pulse for row in told] == [True, False, True, True]


def test_a_row_far_from_the_only_pulses_that_were_seen_stays() -> None:
    told = found([ink(level) for level in LEVELS_MM], pulses((40, 80)))
    assert [row.y_mm for row in told] == list(LEVELS_MM)


def test_a_row_that_is_as_broken_as_those_with_pulses_stays() -> None:
    told = found([ink(level, coverage=0.75) for level in LEVELS_MM], pulses((40, 60, 80)))
    assert [row.y_mm for row in told] == list(LEVELS_MM)


def test_a_row_of_which_the_second_half_is_faint_stays() -> None:
    told = found([*map(ink, LEVELS_MM[:3]), ink(100, length_mm=150)], pulses((40, 60, 80)))
    assert [row.y_mm for row in told] == list(LEVELS_MM)


def test_a_second_line_of_ink_beside_a_row_with_a_pulse_is_of_the_same_trace() -> None:
    told = found([ink(40), ink(47), *map(ink, LEVELS_MM[1:])], pulses())
    assert [row.y_mm for row in told] == list(LEVELS_MM)


@pytest.mark.parametrize(
    "marks",
    [
        pulses((40,)),  # one alone may stand anywhere
        pulses(left_mm=140),  # beats of several rows
        pulses(certainty=0.72),  # waves
        [attrs.evolve(pulse, foot_mm=pulse.top_mm + 2) for pulse in pulses()],
    ],
)
def test_what_is_no_column_of_pulses_at_an_end_of_the_rows_says_nothing(marks: list[PulseMark]) -> None:
    rows = [ink(20, coverage=0.6), *map(ink, LEVELS_MM)]
    assert found(rows, marks) == rows


def test_a_pulse_without_any_ink_beside_it_makes_no_row() -> None:
    told = rows_by_pulses([ink(level) for level in LEVELS_MM[:3]], pulses(), lambda _y_mm: None)
    assert [row.y_mm for row in told] == list(LEVELS_MM[:3])


def test_a_blot_between_two_pulses_is_no_row_where_the_ink_beside_it_is_short() -> None:
    blot = PulseMark(12, 16, 63, 70.3, 0.73)

    def ink_at(y_mm: float) -> InkRow | None:
        return attrs.evolve(ink(y_mm), strength=0.0, first_mm=11, last_mm=34)

    told = rows_by_pulses([ink(level) for level in LEVELS_MM], [*pulses(), blot], ink_at)
    assert [row.y_mm for row in told] == list(LEVELS_MM)


def test_a_piece_of_a_frame_nearer_to_a_row_than_rows_are_is_no_pulse_of_one_more() -> None:
    """Waves of all rows around are the ink beside it, and as long as the rows."""
    piece = PulseMark(12, 17, 66, 74.0, 0.72)
    told = found([ink(level) for level in LEVELS_MM], [*pulses(), piece])
    assert [row.y_mm for row in told] == list(LEVELS_MM)


@pytest.mark.parametrize(("waves", "first_mm", "is_row"), [(0.01, 14.0, False), (0.01, 19.0, True), (0.4, 14.0, True)])
def test_the_corner_of_a_frame_is_no_pulse_of_a_row(waves: float, first_mm: float, *, is_row: bool) -> None:
    """A lead that was off runs as straight, but begins where the others do."""
    corner = PulseMark(12, 15, 113.2, 120.3, 0.76)

    def ink_at(y_mm: float) -> InkRow | None:
        return attrs.evolve(ink(y_mm), waves=waves, first_mm=first_mm, last_mm=276.0)

    told = rows_by_pulses([ink(level) for level in LEVELS_MM], [*pulses(), corner], ink_at)
    assert [row.y_mm for row in told] == pytest.approx([*LEVELS_MM, *([120] if is_row else [])])


def test_pulses_at_the_right_end_tell_rows_as_well() -> None:
    told = found([ink(40), ink(60), ink(100)], pulses(left_mm=265))
    assert [row.level_mm for row in told] == pytest.approx(LEVELS_MM)


def test_pulses_that_touch_each_other_and_are_seen_as_one_stand_at_every_row_beside_them() -> None:
    stack = PulseMark(12, 17, 30, 80.3, 0.9)
    told = found([ink(20, coverage=0.6), *map(ink, LEVELS_MM)], [stack, *pulses((100,))])
    assert [row.level_mm for row in told] == pytest.approx(LEVELS_MM)
    assert all(row.has_pulse for row in told)


def test_pulses_that_are_seen_as_one_do_not_stand_at_letters_too_near_to_a_trace() -> None:
    """Words on the edge of a panel below the last trace, or what was written by hand above it."""
    stack = PulseMark(12, 17, 30, 113.8, 0.9)
    edge = attrs.evolve(ink(LEVELS_MM[-1] + 8), joined=0.55)
    hand = attrs.evolve(ink(LEVELS_MM[-1] - 7, length_mm=90.0), joined=1.0)
    for letters in (edge, hand):
        rows = sorted([*map(ink, LEVELS_MM), letters], key=lambda row: row.y_mm)
        assert [row.y_mm for row in found(rows, [stack])] == list(LEVELS_MM)
