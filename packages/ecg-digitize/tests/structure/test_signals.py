"""What signals tell: the lead of a long row, and how far apart beats stand."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_digitize.digitizers.structure.beats import are_beats, beat_distance_mm, steepness
from ecg_digitize.digitizers.structure.long_rows import STEP_MM, ShortPrint, match_signal
from ecg_digitize.digitizers.structure.same_seconds import rhythm_goes_on, show_beginning, show_same_seconds

RECORD = synthesize_record(seed=3, heart_rate_bpm=72)
COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))


def printed(lead: str, first_s: float, last_s: float, lag_mm: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Places and heights at 25 mm/s and 10 mm/mV."""
    x_mm = np.arange(first_s * 25, last_s * 25, STEP_MM)
    time_s = np.arange(RECORD.num_samples) / RECORD.sampling_rate_hz
    return x_mm, 10 * np.interp((x_mm - lag_mm) / 25, time_s, RECORD.lead_mv(lead))


SHORTS = [
    ShortPrint(lead, *printed(lead, 2.5 * column, 2.5 * column + 2.5))
    for column, leads in enumerate(COLUMNS)
    for lead in leads
]


@pytest.mark.parametrize("lead", ["II", "V1", "V5"])
@pytest.mark.parametrize("lag_mm", [0.0, 0.6])
def test_a_long_row_is_the_lead_that_it_runs_alike_with(lead: str, lag_mm: float) -> None:
    match = match_signal(*printed(lead, 0, 10, lag_mm), SHORTS)
    assert match.lead == lead
    assert match.differences[lead] < 0.1


def test_a_baseline_that_leaps_in_two_leads_makes_them_no_more_alike() -> None:
    """It is most of their size then, but nothing of their beats."""
    x_mm, height_mm = printed("II", 0, 10)
    leaps = [
        attrs.evolve(short, height_mm=short.height_mm + leap(short.x_mm)) for short in SHORTS if short.lead != "II"
    ]
    own = [short for short in SHORTS if short.lead == "II"]
    assert match_signal(x_mm, height_mm + leap(x_mm), [*own, *leaps]).lead == "II"


def leap(x_mm: np.ndarray) -> np.ndarray:
    """A baseline that rises in the middle of the second column."""
    return np.where(x_mm > 93.75, 30.0, 0.0)


def test_a_lead_that_is_printed_nowhere_else_is_no_other() -> None:
    without = [short for short in SHORTS if short.lead != "V1"]
    assert match_signal(*printed("V1", 0, 10), without).lead is None


def test_too_little_of_a_row_says_nothing() -> None:
    x_mm, height_mm = printed("II", 0, 10)
    height_mm[100:] = np.nan
    match = match_signal(x_mm, height_mm, SHORTS)
    assert match.lead is None
    assert not match.differences


@pytest.mark.parametrize("per_minute", [40, 60, 75, 110, 150])
def test_beats_stand_as_far_apart_as_the_heart_beats(per_minute: int) -> None:
    record = synthesize_record(seed=5, heart_rate_bpm=per_minute)
    time_s = np.arange(record.num_samples) / record.sampling_rate_hz
    rows = [10 * np.interp(np.arange(0, 250, STEP_MM) / 25, time_s, record.lead_mv(lead)) for lead in ("I", "II", "V2")]
    rows[1][300:340] = np.nan
    found = beat_distance_mm(rows, STEP_MM)
    assert found is not None
    assert 60 * 25 / found == pytest.approx(per_minute, rel=0.05)


def test_without_beats_there_is_no_distance() -> None:
    assert beat_distance_mm([np.zeros(1000), np.full(1000, np.nan)], STEP_MM) is None
    assert beat_distance_mm([], STEP_MM) is None


def columns_of(starts_s: list[float], length_s: float, per_minute: float) -> list[np.ndarray]:
    record = synthesize_record(seed=9, heart_rate_bpm=per_minute, duration_s=12)
    time_s = np.arange(record.num_samples) / record.sampling_rate_hz
    columns = []
    for start_s, leads in zip(starts_s, (("I", "II"), ("V1", "V2"), ("V4", "V5")), strict=False):
        x_s = start_s + np.arange(0, length_s * 25, STEP_MM) / 25
        rows = [steepness(10 * np.interp(x_s, time_s, record.lead_mv(lead)), STEP_MM) for lead in leads]
        column = np.sum(rows, axis=0)
        columns.append(column / column.max())
    return columns


@pytest.mark.parametrize("per_minute", [55, 68, 83, 97])
def test_columns_of_the_same_seconds_have_their_beats_at_the_same_places(per_minute: int) -> None:
    assert show_same_seconds(columns_of([0.0, 0.0], 4.1, per_minute), STEP_MM)
    assert not show_same_seconds(columns_of([0.0, 4.1], 4.1, per_minute), STEP_MM)


def test_columns_that_follow_each_other_by_whole_beats_follow_each_other() -> None:
    """At 60 a minute the beats of columns of 3 s stand at the same places, too, but the rhythm goes on."""
    assert not show_same_seconds(columns_of([0.0, 3.0, 6.0], 3.0, 60), STEP_MM)


def bumps(*at_mm: float, length_mm: float = 100.0) -> np.ndarray:
    x_mm = np.arange(0, length_mm, STEP_MM)
    return np.exp(-(((x_mm[:, None] - np.array(at_mm)) / 0.8) ** 2)).sum(axis=1)


def test_intervals_that_return_in_every_column_are_of_the_same_seconds() -> None:
    """Whole beats fit into a column, so the rhythm seems to go on; nothing tells it where all intervals are alike."""
    varied = bumps(10, 29, 51, 70, 90)
    regular = bumps(10, 30, 50, 70, 90)
    assert show_same_seconds([varied, varied, varied], STEP_MM) is True
    assert show_same_seconds([varied, bumps(10, 30.4, 49.6, 71, 90), regular], STEP_MM) is False
    assert show_same_seconds([regular, regular, regular], STEP_MM) is None


def test_a_beat_that_one_column_lacks_makes_no_interval_that_returns() -> None:
    """The rhythm goes on, and nine beats fit into a column: the gap that the missed one leaves is as wide in both."""
    rng = np.random.default_rng(4)
    one, other = (4 + 125 / 9 * np.arange(9) + rng.normal(0, 0.1, 9) for _ in range(2))
    missed = bumps(*np.delete(other, 4), length_mm=125)
    assert show_same_seconds([bumps(*one, length_mm=125), missed], STEP_MM) is None


def test_wide_complexes_that_are_steep_on_either_side_may_return_with_a_premature_one() -> None:
    """Two of nine beats were found elsewhere in the second column; the rhythm does not go on over its beginning."""
    one = bumps(2.4, 18.2, 30.5, 42.4, 58.4, 72.4, 86.6, 100.1, 116.2, length_mm=125)
    other = bumps(2.3, 16.5, 30.4, 42.1, 58.3, 72.4, 86.5, 100.4, 114.4, length_mm=125)
    assert show_same_seconds([one, other], STEP_MM) is True
    regular = bumps(2.3, 16.5, 30.4, 44.3, 58.3, 72.4, 86.5, 100.4, 114.4, length_mm=125)
    assert show_same_seconds([one, regular], STEP_MM) is not True, "the premature one is in one column alone"
    goes_on = [np.pad(column, (0, round(3 / STEP_MM))) for column in (one, other)]
    assert show_same_seconds(goes_on, STEP_MM) is not True


def test_a_step_where_a_column_begins_does_not_tell_that_it_shows_other_seconds() -> None:
    """Two beats a column, and a bar between the columns that looks like one more."""
    assert show_same_seconds([bumps(30, 73), bumps(30, 73)], STEP_MM) is True
    assert show_same_seconds([bumps(30, 73), bumps(0.9, 30.6, 72.5)], STEP_MM) is None
    assert show_same_seconds([bumps(30, 73), bumps(0.9, 16, 59)], STEP_MM) is False


def test_what_comes_too_early_for_a_beat_of_an_even_rhythm_is_a_step_where_a_column_begins() -> None:
    """Intervals of 27 mm in columns of 145: were time to go on, the next beat would stand 1.4 intervals behind."""
    even = np.array([12.5, 39.2, 66.5, 93.9, 120.6])
    assert show_same_seconds([bumps(*even, length_mm=145), bumps(0.9, *even, length_mm=145)], STEP_MM) is True
    assert show_same_seconds([bumps(*even, length_mm=145), bumps(0.9, *even + 12, length_mm=145)], STEP_MM) is False


def test_noise_of_low_leads_does_not_hide_beats_that_stand_alike_in_all_columns() -> None:
    """Waves and noise look like beats in the first columns; the others are clear, and 26 mm fit 2.8 times into 72."""
    noisy, clear = bumps(33, 47, 59, 66.5, length_mm=72), bumps(33.2, 59.3, length_mm=72)
    assert show_same_seconds([noisy, noisy, clear, clear], STEP_MM) is True
    nearly = bumps(33.6, 59.6, length_mm=72)
    assert show_same_seconds([noisy, noisy, noisy, nearly], STEP_MM) is False, "one may stand so by chance"
    alone = [bumps(34, 71, 95.6, length_mm=145), bumps(34, 95.6, length_mm=145)]
    assert show_same_seconds(alone, STEP_MM) is True, "to a quarter of a millimetre beats do not by chance"
    goes_on = [bumps(*own, length_mm=78) for own in ((33, 45, 59, 70), (33, 59), (33, 59))]
    assert show_same_seconds(goes_on, STEP_MM) is False, "whole beats fit into a column, some of which were missed"


def test_long_columns_of_a_page_that_is_not_quite_flat_may_show_the_same_seconds() -> None:
    """The second column is stretched by a hundredth; a rhythm that goes on over its end tells that they do not."""
    one, stretched = (bumps(*np.multiply(share, (22, 72, 129)), length_mm=146) for share in (1.0, 1.01))
    assert show_same_seconds([one, stretched], STEP_MM) is None
    assert show_same_seconds([one, bumps(25.0, 75.0, 132.0, length_mm=146)], STEP_MM) is False
    stepped = bumps(*np.multiply(1.01, (22, 72, 129)), 145.3, length_mm=146)
    assert show_same_seconds([one, stepped], STEP_MM) is None, "the step to the next lead is no beat"
    regular = bumps(20, 70, 120, length_mm=150), bumps(21.2, 71.2, 121.2, length_mm=150)
    assert show_same_seconds(regular, STEP_MM) is False


def test_an_even_rhythm_that_is_put_off_where_each_column_ends_begins_anew() -> None:
    """Columns of 99 mm show five beats 20 mm apart; were time to go on, those of the second would stand 1 mm right."""
    one, onwards = bumps(8, 28, 48, 68, 88, length_mm=99), bumps(9, 29, 49, 69, 89, length_mm=99)
    assert show_same_seconds([one, one], STEP_MM) is True
    assert not show_same_seconds([one, onwards], STEP_MM)
    nearly = bumps(8.4, 28, 48, 68, 88, length_mm=99)
    assert show_same_seconds([one, nearly], STEP_MM) is None


def test_an_even_rhythm_that_goes_on_over_no_end_of_a_column_does_not_say_that_time_goes_on() -> None:
    """Beats of wide complexes 13.6 mm apart in columns of 50 mm; time that went on would have them 4.4 mm right."""
    one, other, last = (2.9, 16.8, 30.1, 43.8), (1.6, 15.2, 28.9, 42.5), (2.8, 16.4, 30.0, 43.6)
    assert show_same_seconds([bumps(*own, length_mm=50) for own in (one, other, last)], STEP_MM) is None
    onwards = [bumps(*(start + at for at in (0, 13.6, 27.2, 40.8)), length_mm=50) for start in (2.8, 7.2, 11.6)]
    assert show_same_seconds(onwards, STEP_MM) is False
    uneven = [bumps(*own, length_mm=50) for own in ((2.9, 18.3, 30.1, 43.8), (1.6, 17.0, 28.9, 42.5), last)]
    assert show_same_seconds(uneven, STEP_MM) is False


def test_a_rhythm_that_is_put_off_by_more_than_it_differs_begins_anew() -> None:
    """Seven beats 19 to 20 mm apart in columns of 134 mm stand alike to a third of a millimetre; were time to go on,
    those of the second column would stand 2.4 mm right. It is not denied where the rhythm differs as much."""
    one, other = (14.4, 33.5, 52.8, 71.8, 92.0, 112.0, 131.4), (14.4, 33.5, 52.8, 72.2, 91.7, 111.9, 131.4)
    assert show_same_seconds([bumps(*own, length_mm=134) for own in (one, other)], STEP_MM) is True
    uneven = (14.4, 33.5, 54.2, 73.2, 93.9, 112.7, 131.4), (14.4, 33.5, 54.2, 73.6, 93.6, 112.7, 131.4)
    assert show_same_seconds([bumps(*own, length_mm=134) for own in uneven], STEP_MM) is not False
    onwards = tuple(at + 2.4 for at in other[:-1])
    assert show_same_seconds([bumps(*own, length_mm=134) for own in (one, onwards)], STEP_MM) is False


def test_a_beat_or_none_says_nothing() -> None:
    assert not show_same_seconds([np.zeros(500), np.zeros(500)], STEP_MM)


@pytest.mark.parametrize("per_minute", [55, 60, 75, 97])
def test_columns_with_pulses_of_their_own_may_be_of_whole_beats(per_minute: int) -> None:
    """At 60 a minute a column of 3 s ends with a whole beat; the rhythm seems to go on over the pulse behind it."""
    one, other = columns_of([0.0, 0.0], 3.0, per_minute)
    late = np.concatenate((np.zeros(round(1.0 / STEP_MM)), other))[: len(one)]
    assert show_same_seconds([one, late], STEP_MM, apart=True)


def test_spikes_that_some_leads_alone_show_make_no_other_seconds() -> None:
    one, other = columns_of([0.0, 0.0], 4.1, 60)
    beats = np.flatnonzero((one > 0.35) & (np.gradient(one) > 0))
    spiked = one.copy()
    for at in beats[:: round(20 / STEP_MM)]:
        spiked[max(at - round(8 / STEP_MM), 0)] = 1.0
    other[-3:] = 1.0  # what is left of a frame
    assert show_same_seconds([spiked, other], STEP_MM, apart=True)


@pytest.mark.parametrize("per_minute", [55, 68, 83, 97])
def test_columns_with_pulses_of_their_own_may_follow_each_other(per_minute: int) -> None:
    assert not show_same_seconds(columns_of([0.0, 4.6], 4.1, per_minute), STEP_MM, apart=True)


@pytest.mark.parametrize("gap_s", [0.1, 0.2])
@pytest.mark.parametrize("goes_on", [True, False])
def test_the_rhythm_tells_whether_time_goes_on_between_columns(gap_s: float, goes_on: bool) -> None:
    """It fits in both ways only where whole beats fit into the paper between them, which is too narrow for one."""
    starts_s = [0.0, 4.0 + gap_s] if goes_on else [0.0, 4.0]
    columns = columns_of(starts_s, 4.0, 75)
    along, end_to_end = ([0, round(25 * second_s / STEP_MM)] for second_s in (4.0 + gap_s, 4.0))
    assert rhythm_goes_on(columns, along, end_to_end, STEP_MM) is goes_on
    assert rhythm_goes_on(columns, end_to_end, along, STEP_MM) is not goes_on


def test_a_rhythm_that_is_not_even_or_fits_nowhere_does_not_tell_it() -> None:
    starts = [0, round(105 / STEP_MM)], [0, round(100 / STEP_MM)]
    uneven = [bumps(5, 24, 52, 70, 95), bumps(8, 32, 49, 75, 91)]
    assert rhythm_goes_on(uneven, *starts, STEP_MM) is None
    anew = [bumps(5, 25, 45, 65, 85), bumps(12, 32, 52, 72, 92)]  # 7 or 12 mm after when a beat is due
    assert rhythm_goes_on(anew, *starts, STEP_MM) is None
    assert rhythm_goes_on([bumps(5, 25), bumps(5, 25)], *starts, STEP_MM) is None, "too few beats"


def test_intervals_that_are_even_within_each_column_alone_do_not_tell_it() -> None:
    """Atrial fibrillation in columns of 62.5 mm, 6 mm apart: two intervals of a column are alike, others are not."""
    beats_mm = (19.0, 42.5), (1.8, 21.8, 44.0), (4.4, 25.4, 48.6), (3.9, 30.9, 54.5)
    columns = [bumps(*own, length_mm=62.5) for own in beats_mm]
    along, end_to_end = ([round(column * mm / STEP_MM) for column in range(4)] for mm in (68.5, 62.5))
    assert rhythm_goes_on(columns, along, end_to_end, STEP_MM) is None


def test_two_beats_each_in_many_columns_tell_whether_time_goes_on() -> None:
    """A step at the beginning of the third column is no beat, and one beat of the last column comes early."""
    columns = [bumps(*own, length_mm=52) for own in ((17, 43), (16, 42), (0.2, 15, 41), (14, 40), (22, 48))]
    along, end_to_end = ([round(column * mm / STEP_MM) for column in range(5)] for mm in (53.0, 50.0))
    assert rhythm_goes_on(columns, along, end_to_end, STEP_MM) is True
    assert rhythm_goes_on(columns, end_to_end, along, STEP_MM) is False


def test_a_few_waves_taken_for_beats_do_not_hide_whether_the_rhythm_goes_on() -> None:
    """One between two beats of the third column, and one beat of the last that comes late, in a rhythm of 13.4 mm."""
    beats_mm = (
        (12.2, 25.5, 38.8, 52.1),
        (13.8, 27.0, 40.4, 53.6),
        (15.1, 20.6, 28.6, 42.1, 55.9),
        (4.0, 17.8, 34.1, 47.5),
    )
    columns = [bumps(*own, length_mm=62.5) for own in beats_mm]
    along, end_to_end = ([round(column * mm / STEP_MM) for column in range(4)] for mm in (65.1, 62.5))
    assert rhythm_goes_on(columns, along, end_to_end, STEP_MM) is True
    assert rhythm_goes_on(columns, end_to_end, along, STEP_MM) is False
    some = [bumps(*own, length_mm=62.5) for own in ((9, 22.5, 36, 52), beats_mm[1], (3, 16, 33, 41, 57), beats_mm[3])]
    assert rhythm_goes_on(some, along, end_to_end, STEP_MM) is None, "too many are off"


@pytest.mark.parametrize("per_minute", [55, 60, 72, 97])
@pytest.mark.parametrize("late_mm", [0.0, 0.8])
def test_a_long_row_tells_which_seconds_the_columns_show(per_minute: int, late_mm: float) -> None:
    length_s, starts_s = 2.9, [0.0, 2.9, 5.8]
    (long_row,) = columns_of([0.0], 8.7, per_minute)
    long_row = np.concatenate((np.zeros(round(late_mm / STEP_MM)), long_row))
    starts = [round(25 * each / STEP_MM) for each in starts_s]
    assert show_beginning(columns_of([0.0, 0.0, 0.0], length_s, per_minute), starts, long_row, STEP_MM)
    assert show_beginning(columns_of(starts_s, length_s, per_minute), starts, long_row, STEP_MM) is False


def test_a_long_row_whose_every_beat_is_alike_does_not_tell_it_where_whole_beats_fit_into_a_column() -> None:
    long_row = bumps(*np.arange(10.0, 300.0, 25.0), length_mm=300)
    columns = [bumps(10, 35, 60, 85)] * 3
    starts = [round(each / STEP_MM) for each in (0, 100, 200)]
    assert show_beginning(columns, starts, long_row, STEP_MM) is None
    assert show_beginning(columns, [0, starts[1] + 60, starts[2] + 60], long_row, STEP_MM) is True


def test_columns_that_do_not_run_like_the_long_row_at_all_follow_each_other() -> None:
    (long_row,) = columns_of([0.0], 8.7, 72)
    noise = [np.random.default_rng(seed).uniform(0, 1, 500) for seed in range(3)]
    assert not show_beginning(noise, [0, 580, 1160], long_row, STEP_MM)


@pytest.mark.parametrize(
    ("distances_mm", "is_rhythm"),
    [
        ([22, 13, 29, 18, 52, 8, 53, 9, 16, 43, 12, 9], False),  # wide complexes no steeper than noise
        ([22, 14, 19, 31, 17, 25, 20, 28, 16], True),  # atrial fibrillation
        ([20, 20, 40, 20, 41, 20, 20, 40], True),  # every third beat is missed
        ([20.0], False),
    ],
)
def test_what_lies_anywhere_is_no_rhythm(distances_mm: list[float], is_rhythm: bool) -> None:
    assert are_beats(distances_mm) == is_rhythm
