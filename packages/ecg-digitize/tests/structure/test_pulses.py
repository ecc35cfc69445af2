from __future__ import annotations

import attrs
import pytest

from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.pulses import (
    OVER_MM,
    calibration_pulses,
    pulse_heights_mm,
    pulse_size_mm,
    pulses_between_columns,
    size_on_unknown_paper_mm,
    unstacked,
    without_pulses,
)
from ecg_digitize.digitizers.structure.time_axis import TraceSpan

ROWS = (40.0, 70.0, 100.0)


def pulses(left_mm: float, width_mm: float = 5.0, height_mm: float = 10.0, certainty: float = 0.85) -> list[PulseMark]:
    return [PulseMark(left_mm, left_mm + width_mm, y_mm - height_mm, y_mm + 0.5, certainty) for y_mm in ROWS]


def test_complexes_taken_for_pulses_stand_alone_and_are_left_out() -> None:
    wrong = [PulseMark(90, 92.5, 55, 71, 0.75), PulseMark(150, 153, 92, 101, 0.72), PulseMark(200, 230, 30, 41, 0.9)]
    assert calibration_pulses([*wrong, *pulses(12)], ROWS) == pulses(12)


def test_one_pulse_a_page_may_stand_anywhere() -> None:
    one = PulseMark(8, 18, 105, 115, 0.85)
    assert calibration_pulses([one, PulseMark(90, 92.5, 55, 71, 0.75)], ROWS) == [one]
    assert calibration_pulses([PulseMark(90, 92.5, 55, 71, 0.75)], ROWS) == []


def test_one_clear_pulse_counts_more_than_two_waves_that_happen_to_stand_one_below_the_other() -> None:
    one = PulseMark(8, 13, 105, 115, 0.9)
    waves = [PulseMark(187, 190, 64, 70, 0.74), PulseMark(187, 190.4, 34, 40, 0.74)]
    assert calibration_pulses([one, *waves], ROWS) == [one]


def test_one_clear_pulse_counts_more_than_steps_of_any_height_at_the_ends_of_rows() -> None:
    levels_mm = (40.0, 75.0, 110.0, 145.0)
    one = PulseMark(18, 23.2, 125, 145, 0.96)
    sizes = zip(levels_mm, (10.7, 17.6, 13.0, 12.1), (0.78, 0.85, 0.89, 0.89), strict=True)
    steps = [PulseMark(272, 275.6, y_mm - height_mm, y_mm, certainty) for y_mm, height_mm, certainty in sizes]
    assert calibration_pulses([one, *steps], levels_mm) == [one]
    alike = [attrs.evolve(step, top_mm=step.foot_mm - 10.0) for step in steps]
    assert calibration_pulses([one, *alike], levels_mm) == alike


@pytest.mark.parametrize("size", [(3.3, 10.0), (5.0, 5.0), (10.0, 20.0)])
def test_the_size_is_that_of_most(size: tuple[float, float]) -> None:
    found = pulse_size_mm([*pulses(12, *size), PulseMark(12, 19, 90, 101, 0.8)])
    assert found == pytest.approx((size[0] - 2 * OVER_MM, size[1] + 0.5 - 2 * OVER_MM), abs=0.3)
    assert pulse_size_mm([]) is None


def test_pulses_at_either_end_are_no_signal() -> None:
    span = TraceSpan(70, 12, 262)
    assert without_pulses([span], pulses(13))[0].first_mm == pytest.approx(18)
    assert without_pulses([span], pulses(256))[0].last_mm == pytest.approx(256)
    assert without_pulses([TraceSpan(70, 17.7, 262)], pulses(13))[0].first_mm == 17.7
    assert without_pulses([span], pulses(70))[0] == span  # the pulse of the second of four columns


def test_rows_that_show_bare_paper_behind_their_pulse_tell_where_all_begin() -> None:
    """The name of a lead may stand there, so that pulse and trace seem to hang together."""
    joined, apart = TraceSpan(ROWS[0], 12, 262), [TraceSpan(y_mm, 21, 262) for y_mm in ROWS[1:]]
    assert [span.first_mm for span in without_pulses([joined, *apart], pulses(13))] == pytest.approx([21] * len(ROWS))
    assert without_pulses([joined, apart[0]], pulses(13))[0].first_mm == pytest.approx(18)


def test_a_pulse_that_is_drawn_over_the_first_of_several_rows_is_before_none() -> None:
    rows = [TraceSpan(y_mm, 12, 262) for y_mm in ROWS]
    one = pulses(15)[:1]
    assert without_pulses(rows, one) == rows
    before = [rows[0], *(TraceSpan(y_mm, 20, 262) for y_mm in ROWS[1:])]
    assert without_pulses(before, one)[0].first_mm == pytest.approx(20)
    assert without_pulses(rows, pulses(15))[0].first_mm == pytest.approx(20), "every row has one"


def test_a_pulse_between_two_leads_and_one_of_another_row_change_no_end() -> None:
    span = TraceSpan(70, 12, 262)
    assert without_pulses([span], pulses(130)) == [span]
    assert without_pulses([TraceSpan(55, 12, 262)], pulses(13)) == [TraceSpan(55, 12, 262)]


def test_pulses_that_touch_are_one_at_each_row_as_high_as_the_uppermost() -> None:
    stack = PulseMark(12, 17, ROWS[0] - 10, ROWS[-1] + OVER_MM, 0.9)
    found = calibration_pulses([stack], ROWS)
    assert [pulse.foot_mm for pulse in found] == pytest.approx([y_mm + OVER_MM for y_mm in ROWS])
    assert [pulse.height_mm for pulse in found] == pytest.approx([10 + OVER_MM] * len(ROWS))


def test_what_is_taken_for_a_pulse_elsewhere_says_nothing_of_pulses_that_touch() -> None:
    stack = PulseMark(12, 17, ROWS[0] - 20, ROWS[-1] + OVER_MM, 0.9)
    elsewhere = [PulseMark(12, 17, 2.0, 10.0, 0.8), PulseMark(250, 254, ROWS[1] - 5, ROWS[1], 0.8)]
    found = [pulse for pulse in calibration_pulses([stack, *elsewhere], ROWS) if pulse.left_mm == 12]
    assert [pulse.height_mm for pulse in found] == pytest.approx([20 + OVER_MM] * len(ROWS))
    at_a_row = PulseMark(12, 17, ROWS[0] - 10, ROWS[0], 0.9)
    stack = PulseMark(12, 17, ROWS[1] - 10, ROWS[-1] + OVER_MM, 0.9)
    found = calibration_pulses([at_a_row, stack], ROWS)
    assert [pulse.height_mm for pulse in found] == pytest.approx([10.0] * len(ROWS))


def test_the_line_of_a_frame_that_cuts_pulses_of_several_rows_is_none() -> None:
    """It is seen from one row to another one, so that its height is the distance of rows."""
    rows = (23.0, 35.0, 46.4, 55.2, 68.5)
    line = PulseMark(3.8, 12.8, rows[0] - 1, rows[-1], 0.85)
    assert calibration_pulses([line], rows) == []
    alone = PulseMark(3.8, 12.8, rows[0] - 11, rows[0], 0.85)
    found = calibration_pulses([alone, line], rows)
    assert [pulse.height_mm for pulse in found] == pytest.approx([11.0] * len(rows)), "that of the one that is whole"


def test_two_pulses_that_touch_are_told_by_the_others_of_their_column_and_one_of_twice_the_gain_is_none() -> None:
    def at(*feet_mm: float, height_mm: float = 10.0) -> list[PulseMark]:
        return [PulseMark(12, 17, foot_mm - height_mm, foot_mm, 0.9) for foot_mm in feet_mm]

    two = PulseMark(12, 17, 33 - 10, 45, 0.9)  # at the second and the third of rows 13 mm apart
    others = at(20, 58, 71, 84)
    found = unstacked([two, *others], [20, 39, 58, 71, 84])
    assert sorted(pulse.foot_mm for pulse in found) == [20, 33, 45, 58, 71, 84]
    assert {pulse.height_mm for pulse in found} == {10}
    assert len(unstacked([two, *at(20, 57, 70)], [20, 57, 70])) == 5  # it makes a large gap of few others
    assert unstacked([two, *others[:2]], []) == [two, *others[:2]]  # too few to tell
    twice_the_gain = [*at(20, 45, 70, 95), *at(120, height_mm=20.0)]
    assert unstacked(twice_the_gain, []) == twice_the_gain
    of_chest_leads = [*at(20, 45, 70), *at(103, 141, 179, height_mm=20.0)]
    assert unstacked(of_chest_leads, []) == of_chest_leads


def test_pulses_that_were_seen_in_part_tell_where_columns_part_but_not_the_gain() -> None:
    """Words hide what was above; those of the first column are whole."""
    whole = pulses(100)
    hidden = [attrs.evolve(pulse, top_mm=pulse.top_mm + 4 * (number > 0)) for number, pulse in enumerate(pulses(160))]
    waves = [attrs.evolve(pulses(130)[1], certainty=0.72)]
    marks = [*whole, *hidden, *waves]
    assert not set(hidden[1:]) & set(calibration_pulses(marks, ROWS))
    assert pulses_between_columns(marks, ROWS) == sorted([*whole, *hidden], key=lambda pulse: pulse.top_mm)


def test_the_height_of_every_pulse_is_that_of_its_ink() -> None:
    pulses = [PulseMark(0.0, 5.6, 0.0, height_mm + 0.6) for height_mm in (10.0, 5.0)]
    assert pulse_heights_mm(pulses) == pytest.approx([10.0, 5.0])
    assert pulse_heights_mm([]) == []


def test_steps_at_the_end_of_some_rows_are_no_pulses_where_every_row_has_one_of_another_height() -> None:
    steps = [PulseMark(256, 260, ROWS[0] - 8, ROWS[0] + 0.5, 0.85), PulseMark(256, 260, ROWS[1] - 5, ROWS[1], 0.8)]
    assert calibration_pulses([*pulses(12), *steps], ROWS) == pulses(12)
    assert calibration_pulses([*pulses(12), *pulses(256)], ROWS) == [*pulses(12), *pulses(256)]
    some = pulses(12)[:2]
    assert calibration_pulses([*some, *steps], ROWS) == [*some, *steps]


def test_a_pulse_that_a_name_cuts_is_whole_again() -> None:
    of_two_rows = [PulseMark(12.6, 15.1, 21.1, 27.2, 0.82), PulseMark(13.0, 15.2, 41.0, 47.5, 0.84)]
    foot = PulseMark(10.1, 15.2, 52.9, 60.9, 0.8)
    assert calibration_pulses([*of_two_rows, foot], [26.9, 60.6]) == [PulseMark(10.1, 15.2, 41.0, 60.9, 0.84)]
    assert len(calibration_pulses([of_two_rows[1], foot], [47.5, 60.6])) == 2, "each at its own row"


def test_a_piece_of_a_pulse_that_a_name_crosses_is_none() -> None:
    pieces = [PulseMark(12, 17, ROWS[1] - 3.5, ROWS[1] + 0.3, 0.8), PulseMark(12, 17, ROWS[2] - 4, ROWS[2], 0.75)]
    whole = pulses(12)[:1]
    assert calibration_pulses([*whole, *pieces], ROWS) == whole
    of_chest_leads = [PulseMark(12, 17, y_mm - 5, y_mm + 0.5, 0.85) for y_mm in ROWS[1:]]
    assert calibration_pulses([*whole, *of_chest_leads], ROWS) == [*whole, *of_chest_leads]


def test_a_pulse_that_a_name_prolongs_is_not_two() -> None:
    """Its name below makes it 1.7 times as high as the others; two rows are never so near to each other."""
    heights_mm = [45.0, 60.0, 75.0, 90.0, 108.0, 123.0]
    pulses = [PulseMark(15.0, 20.0, y_mm - 6.0, y_mm, 0.93) for y_mm in heights_mm]
    marks = [*pulses[:3], attrs.evolve(pulses[3], foot_mm=94.3), *pulses[4:]]
    assert unstacked(marks, heights_mm) == marks


def test_on_paper_of_unknown_size_pulses_may_seem_larger_than_any_and_touch() -> None:
    """Those of 20 mm/mV on a page that is thought half as large again as it is."""
    rows = (50.0, 82.0, 120.0, 152.0)
    stacks = [PulseMark(12, 20, foot_mm - 60.6, foot_mm + OVER_MM, 0.9) for foot_mm in (rows[1] - 2, rows[3] - 2)]
    assert calibration_pulses(stacks, rows) == []
    size_mm = size_on_unknown_paper_mm(stacks, rows)
    assert size_mm == pytest.approx((8 - 2 * OVER_MM, 30), abs=2.5)
    assert size_on_unknown_paper_mm(pulses(12), ROWS) == pulse_size_mm(pulses(12))
    assert size_on_unknown_paper_mm([], ROWS) is None
