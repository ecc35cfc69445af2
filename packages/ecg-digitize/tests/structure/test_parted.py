"""Columns that do not touch."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.digitizers.structure.evidence import BarMark, PulseMark
from ecg_digitize.digitizers.structure.parted import (
    PartedColumns,
    columns_between_bars,
    columns_between_gaps,
    columns_between_narrow_gaps,
    columns_between_pulses,
    columns_by_names,
    columns_of_usual_length,
)
from ecg_digitize.digitizers.structure.time_axis import Stretch, whole_span


def pulses_at(left_mm: float) -> list[PulseMark]:
    return [PulseMark(left_mm, left_mm + 5, y_mm - 10, y_mm + 0.5, 0.85) for y_mm in (40.0, 70.0, 100.0)]


def test_pulses_of_their_own_part_the_columns() -> None:
    found = columns_between_pulses(
        [*pulses_at(12), *pulses_at(120)], num_columns=2, num_rows=3, zero_mm=18.0, row_mm=200.0
    )
    assert found is not None
    assert found.lengths_mm == pytest.approx((101.5, 92.5))
    assert found.gap_mm == pytest.approx(6.0)
    assert found.row_mm == pytest.approx(200)


def test_columns_without_pulses_of_their_own_are_not_parted() -> None:
    for seen, columns in ((pulses_at(12), 2), ([*pulses_at(12), pulses_at(120)[0]], 2), (pulses_at(120), 4)):
        assert columns_between_pulses(seen, num_columns=columns, num_rows=3, zero_mm=18.0, row_mm=200.0) is None


def row_of(zero_mm: float, lengths_mm: list[float], gap_mm: float) -> list[Stretch]:
    starts_mm = zero_mm + np.cumsum([0.0, *(length_mm + gap_mm for length_mm in lengths_mm[:-1])])
    return [(float(start), float(start + length)) for start, length in zip(starts_mm, lengths_mm, strict=True)]


@given(
    zero_mm=st.floats(5, 30),
    lengths_mm=st.lists(st.floats(48, 75), min_size=2, max_size=4),
    gap_mm=st.floats(2.2, 9),
    jitter_mm=st.floats(0, 0.4),
)
def test_bare_paper_parts_columns_of_any_length(
    zero_mm: float, lengths_mm: list[float], gap_mm: float, jitter_mm: float
) -> None:
    own = row_of(zero_mm, lengths_mm, gap_mm)
    word = (zero_mm - 4.5, zero_mm - 0.5)
    late = [(first_mm + jitter_mm, last_mm) for first_mm, last_mm in own]
    torn = own[:-1]  # a row whose last lead was not read
    count = len(lengths_mm)
    found = columns_between_gaps([own, [word, *late], own, torn], num_columns=count, pitch_mm=62.5, zero_mm=zero_mm)
    assert found is not None
    assert found.lengths_mm == pytest.approx(lengths_mm, abs=0.5)
    assert found.gap_mm == pytest.approx(gap_mm, abs=0.5)


def test_strokes_that_were_not_read_part_no_columns() -> None:
    torn = [row_of(10, [at, 250 - at - 3], 3.0) for at in (60.0, 110.0, 170.0)]
    assert columns_between_gaps(torn, num_columns=2, pitch_mm=125, zero_mm=10) is None
    touching = [row_of(10, [62.5] * 4, 0.8)] * 3
    assert columns_between_gaps(touching, num_columns=4, pitch_mm=62.5, zero_mm=10) is None


@pytest.mark.parametrize(
    ("length_mm", "gap_mm", "are_apart"),
    [
        (125.0, 1.7, True),  # 5 s, and paper that takes no time or shows the same seconds anew
        (62.5, 1.0, True),
        (62.5, 0.5, False),  # a trace that was not read for a moment
        (61.4, 1.1, False),  # 2.5 s with the paper behind: a bar between columns that touch
        (70.0, 1.5, False),  # nothing tells bare paper from a bar
    ],
)
def test_narrow_paper_parts_columns_that_are_as_long_as_makers_have_them(
    length_mm: float, gap_mm: float, are_apart: bool
) -> None:
    own = row_of(20, [length_mm] * 2, gap_mm)
    found = columns_between_narrow_gaps([own] * 3, num_columns=2, pitch_mm=length_mm + gap_mm, zero_mm=20)
    assert (found is not None) == are_apart
    assert found is None or found.lengths_mm == pytest.approx((length_mm, length_mm))
    assert found is None or found.gap_mm == pytest.approx(gap_mm)


def test_gaps_of_rows_that_begin_elsewhere_part_no_columns() -> None:
    """A zero beyond the first column would leave it less than no length."""
    rows = [row_of(32, [62.0] * 4, 8.0)] * 3
    assert columns_between_gaps(rows, num_columns=4, pitch_mm=70.0, zero_mm=102.0) is None


def test_a_row_goes_from_its_first_lead_to_its_last_one() -> None:
    parts = row_of(20, [60.0, 60.0, 60.0, 60.0], 3.0)
    word, speck = (3.0, 12.0), (275.0, 279.0)
    span = whole_span([word, *parts, speck], 50.0, 62.5)
    assert span is not None
    assert (span.first_mm, span.last_mm) == (20.0, pytest.approx(269.0))


def test_where_no_column_is_known_a_row_is_the_longest_stretch_and_others_nearly_as_long() -> None:
    span = whole_span([(3.0, 12.0), (20.0, 200.0), (210.0, 250.0)], 50.0, None)
    assert span is not None
    assert (span.first_mm, span.last_mm) == (20.0, 200.0)
    torn = whole_span([(3.0, 12.0), (17.0, 174.0), (178.4, 259.8)], 50.0, None)
    assert torn is not None
    assert (torn.first_mm, torn.last_mm) == (17.0, 259.8)
    assert whole_span([], 50.0, None) is None


LEVELS_MM = (40.0, 70.0, 100.0)


def bars_at(x_mm: float, above_mm: float = 3.0, below_mm: float = 3.0) -> list[BarMark]:
    return [BarMark(x_mm + 0.1 * number, y_mm - above_mm, y_mm + below_mm) for number, y_mm in enumerate(LEVELS_MM)]


@given(
    lengths_mm=st.lists(st.floats(40, 75), min_size=3, max_size=5),
    lines=st.booleans(),
    named=st.booleans(),
    name_mm=st.floats(1.5, 3),
)
def test_bars_part_columns_of_unequal_length(lengths_mm: list[float], lines: bool, named: bool, name_mm: float) -> None:
    """Whether they stand at every row or run through all, and beside the bars of names or not."""
    row_mm, places = sum(lengths_mm), (18 + np.cumsum(lengths_mm)[:-1]).tolist()
    bars = [
        bar for x_mm in places for bar in ([BarMark(x_mm, 20, 110)] if lines else bars_at(x_mm, above_mm=5, below_mm=5))
    ]
    names = [bar for x_mm in [18.0, *places] for bar in bars_at(x_mm + name_mm, above_mm=5, below_mm=-1)]
    found = columns_between_bars(
        [*bars, *(names if named else ())],
        names_mm=[18 + name_mm, *np.add(places, name_mm + 1)],
        levels_mm=LEVELS_MM,
        zero_mm=18.0,
        row_mm=row_mm,
    )
    apart = np.ptp(lengths_mm[:-1]) / np.mean(lengths_mm[:-1])
    last = lengths_mm[-1] / np.mean(lengths_mm[:-1])
    if apart < 0.07 and last > 0.93:
        assert found is None
    elif apart > 0.09 or last < 0.91:
        assert found is not None
        assert found.lengths_mm == pytest.approx(lengths_mm, abs=0.4)
        assert found.row_mm == pytest.approx(row_mm)
        assert not found.have_pulses


@pytest.mark.parametrize(("row_mm", "is_cut"), [(246.0, True), (259.0, False), (266.0, False)])
def test_two_columns_of_which_the_picture_cuts_off_the_second_are_as_long_as_the_first(
    row_mm: float, is_cut: bool
) -> None:
    """A row that is longer may end in a pulse."""
    found = columns_between_bars(
        bars_at(18 + 130.5, 5, 5), names_mm=(21, 154), levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=row_mm
    )
    assert (found is not None) == is_cut
    assert found is None or found.lengths_mm == pytest.approx((130.5, row_mm - 130.5), abs=0.4)


def test_two_columns_may_be_of_quite_another_length() -> None:
    found = columns_between_bars(
        bars_at(18 + 104.0, 5, 5), names_mm=(21, 125), levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=265.0
    )
    assert found is not None
    assert found.lengths_mm == pytest.approx((104.0, 161.0), abs=0.4)


def test_complexes_of_all_rows_beside_a_bar_do_not_move_it() -> None:
    complexes = bars_at(75.5, above_mm=6, below_mm=4)
    bars = [*complexes, *(bar for x_mm in (78, 138, 198) for bar in bars_at(x_mm, above_mm=4, below_mm=4))]
    assert (
        columns_between_bars(bars, names_mm=(20, 80, 140, 200), levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=240.0) is None
    )


def test_bars_that_stand_otherwise_than_the_names_are_none() -> None:
    bars = [bar for x_mm in (75, 180, 205) for bar in bars_at(x_mm, above_mm=5, below_mm=5)]
    for names_mm, found in (((20, 80, 140, 200), False), ((20, 75, 181, 207), True)):
        parted = columns_between_bars(bars, names_mm=names_mm, levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=240.0)
        assert (parted is not None) == found


def test_bars_of_which_some_are_missing_or_that_cross_few_rows_part_nothing() -> None:
    for bars in ([], bars_at(70)[:1], [*bars_at(60), *bars_at(100), *bars_at(130), *bars_at(170)]):
        assert (
            columns_between_bars(bars, names_mm=(20, 74, 134, 184), levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=220.0)
            is None
        )


@pytest.mark.parametrize(
    ("names_mm", "are_parted"),
    [
        ((20, 82, 162), True),
        ((20, None, 162), True),
        ((24, 90, 172), True),
        ((24, 90, 178), False),
        ((20, 60, 162), False),
        ((20, None, 105), False),
    ],
)
def test_bars_part_no_columns_in_which_the_names_do_not_stand(
    names_mm: tuple[float | None, ...], are_parted: bool
) -> None:
    """Steep waves of several rows may stand one below the other."""
    bars = [*bars_at(80.0), *bars_at(160.0)]
    found = columns_between_bars(bars, names_mm=names_mm, levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=250.0)
    assert (found is not None) == are_parted


def test_a_line_that_traces_and_names_break_crosses_the_rows_between_its_pieces() -> None:
    line = [
        BarMark(80.0, 30.0, 37.0),
        BarMark(80.1, 45.0, 66.0),
        BarMark(79.9, 74.0, 96.0),
        BarMark(80.0, 104.0, 110.0),
    ]
    assert columns_between_bars(line, names_mm=[None] * 2, levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=250.0) is None
    lines = [*line, *(attrs.evolve(bar, x_mm=bar.x_mm + 100) for bar in line)]
    found = columns_between_bars(lines, names_mm=[None] * 3, levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=250.0)
    assert found is not None
    assert found.lengths_mm == pytest.approx([62, 100, 88], abs=0.1)
    ticks = [bar for x_mm in (80.0, 180.0) for bar in (BarMark(x_mm, 30.0, 37.0), BarMark(x_mm, 104.0, 110.0))]
    assert columns_between_bars(ticks, names_mm=[None] * 3, levels_mm=LEVELS_MM, zero_mm=18.0, row_mm=250.0) is None


@given(
    column_s=st.sampled_from([2.5, 5.0]),
    gap_mm=st.floats(4.0, 8.0),
    off_mm=st.floats(-0.3, 0.3),
    num_columns=st.integers(2, 4),
)
def test_paper_between_columns_of_a_usual_length_takes_no_time(
    column_s: float, gap_mm: float, off_mm: float, num_columns: int
) -> None:
    """They are as long as makers have them then, and stand where they did."""
    length_mm = 25 * column_s + off_mm
    found = PartedColumns((length_mm,) * num_columns, gap_mm, have_pulses=False).end_to_end(25.0)
    assert found is not None
    assert found.lengths_mm == pytest.approx([25 * column_s] * num_columns)
    assert found.lengths_mm[0] + found.gap_mm == pytest.approx(length_mm + gap_mm)


def test_a_step_read_as_a_part_of_an_outer_column_does_not_hide_that_columns_are_whole() -> None:
    """Those between others are 2.5 s long; the first and the last are read 1.7 mm too long, and 2 too short."""
    found = PartedColumns((64.2, 62.5, 62.7, 60.5), 2.9, have_pulses=False).end_to_end(25.0)
    assert found is not None
    assert found.lengths_mm == pytest.approx([62.5] * 4)
    assert PartedColumns((64.2, 65.5, 65.7, 60.5), 2.9, have_pulses=False).end_to_end(25.0) is None


@pytest.mark.parametrize(
    ("lengths_mm", "gap_mm", "have_pulses"),
    [
        ((59.5, 59.5, 59.5, 59.5), 3.0, False),  # 2.5 s with the paper behind: a part of each lead was left out
        ((120.0, 120.0), 5.0, False),
        ((66.0, 66.0, 66.0, 66.0), 5.0, False),  # neither with nor without it
        ((62.5, 62.5), 8.0, True),  # a pulse stands there
        ((55.0, 70.0), 5.0, False),  # only their mean is usual
        ((62.5, 62.5), 0.5, False),  # no paper to speak of, but a bar
    ],
)
def test_else_time_goes_on_between_the_columns(lengths_mm: tuple[float, ...], gap_mm: float, have_pulses: bool) -> None:
    assert PartedColumns(lengths_mm, gap_mm, have_pulses=have_pulses).end_to_end(25.0) is None


def test_usual_columns_may_stand_a_little_apart_as_their_names_do_in_rows_so_much_longer() -> None:
    found = columns_of_usual_length(258.0, num_columns=4, pitch_mm=64.6, mm_per_s=25.0)
    assert found is not None
    assert found.lengths_mm == (62.5,) * 4
    assert found.gap_mm == pytest.approx(8.0 / 3)
    assert found.row_mm == pytest.approx(258.0)


@pytest.mark.parametrize(
    ("row_mm", "pitch_mm"),
    [
        pytest.param(250.5, 62.6, id="hardly longer"),
        pytest.param(258.0, 62.5, id="names stand as columns that touch"),
        pytest.param(270.0, 69.2, id="too far apart"),
        pytest.param(240.0, 60.0, id="shorter"),
    ],
)
def test_else_they_touch(row_mm: float, pitch_mm: float) -> None:
    assert columns_of_usual_length(row_mm, num_columns=4, pitch_mm=pitch_mm, mm_per_s=25.0) is None


def test_names_that_stand_unevenly_tell_columns_of_unequal_length() -> None:
    """As makers print them: a long first column; the last one is as long as the row goes on."""
    found = columns_by_names([17.0, 82.0, 130.0, 177.5, 228.0, 270.6], 300.0)
    assert found is not None
    assert found.lengths_mm == pytest.approx((65.0, 48.0, 47.5, 50.5, 42.6, 46.4))
    assert found.by_names
    assert found.row_mm == pytest.approx(300.0)


def test_names_that_begin_one_below_the_other_tell_columns_that_are_a_little_unequal() -> None:
    names_mm = [47.7, 97.8, 139.1, 184.7, 227.7, 277.0]
    found = columns_by_names(names_mm, 270.0, are_aligned=True)
    assert found is not None
    assert found.lengths_mm[:5] == pytest.approx((50.1, 41.3, 45.6, 43.0, 49.3))
    assert columns_by_names(names_mm, 270.0) is None, "names that begin anywhere may stand so, too"
    assert columns_by_names([20.0, 85.2, 147.5, 207.7], 250.0, are_aligned=True) is None, "hardly uneven, as on a photo"


@pytest.mark.parametrize(
    "names_mm",
    [
        [17.0, 80.0, 142.0, 205.0],  # even
        [17.0, 85.0, 143.0, 208.0],  # as names of different width stand
        [17.0, None, 130.0, 205.0],  # one is not known
        [17.0, 150.0],  # two columns say nothing of being uneven
        [35.5, 83.8, 150.5, 216.7],  # even but for the first, which is none, for the others stand as equal columns do
        [17.0, 130.0, 190.0, 280.0],  # hardly anything is left for the last one
    ],
)
def test_other_names_say_nothing_of_how_long_columns_are(names_mm: list[float | None]) -> None:
    assert columns_by_names(names_mm, 266.0) is None
