"""Speed and gain weighed from what is seen: what the makers of pages really print."""

from __future__ import annotations

import attrs
import pytest

from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.structure.evidence import PrintedScale
from ecg_digitize.digitizers.structure.scale import ScaleEvidence, weigh_scale

ASKED = PrintSettings()


@pytest.mark.parametrize("width_mm", [1.6, 1.7, 2.5, 3.1, 3.3, 4.0, 5.0])
def test_narrow_pulses_do_not_halve_the_speed(width_mm: float) -> None:
    """EDAN prints 3.3 mm at 25 mm/s, Schiller 2.5; columns of 62.5 mm last 2.5 s."""
    scale = weigh_scale(ScaleEvidence(column_mm=62.5, row_mm=250, pulse_mm=(width_mm, 10)), ASKED)
    assert (scale.speed_mm_per_s, scale.gain_mm_per_mv) == (25, 10)
    assert not scale.doubts()


@pytest.mark.parametrize(("width_mm", "is_told"), [(4.5, True), (5.4, True), (5.9, False)])
def test_a_pulse_wider_than_the_standard_makes_an_unread_speed_uncertain(width_mm: float, is_told: bool) -> None:
    """At 50 mm/s the edge of the paper cuts pulses of 10 mm; columns of 3 s are as good as those of 1.5 s."""
    seen = ScaleEvidence(column_mm=74.3, pulse_mm=(width_mm, 20.0), beat_mm=20.4, complex_mm=2.0)
    assert (not weigh_scale(seen, ASKED).doubts()) == is_told


def test_columns_of_125_mm_and_a_wide_pulse_are_50_mm_per_s() -> None:
    scale = weigh_scale(ScaleEvidence(column_mm=125, row_mm=500, pulse_mm=(10, 10), beat_mm=42), ASKED)
    assert scale.speed_mm_per_s == 50


def test_rows_of_250_mm_are_5_s_where_print_and_pulse_and_beats_say_so() -> None:
    """CardioSoft's six rows at 50 mm/s: nothing but their length would say 25."""
    scale = weigh_scale(
        ScaleEvidence(printed=[PrintedScale("speed", 50.0, 0.9)], row_mm=250, pulse_mm=(10.0, 10.0), beat_mm=45.0),
        ASKED,
    )
    assert scale.speed_mm_per_s == 50
    assert scale.speed_from == "printed"


def test_beats_of_30_a_minute_are_told_as_a_doubt() -> None:
    scale = weigh_scale(ScaleEvidence(row_mm=250, beat_mm=50.0), ASKED)
    assert scale.speed_certainty < 0.9
    assert any("--speed" in doubt for doubt in scale.doubts())


def test_a_speed_by_beats_alone_that_wide_complexes_contradict_is_told() -> None:
    """Rows of 11.5 s at 74 beats a minute, or of 5.8 s at 149."""
    seen = ScaleEvidence(row_mm=288.0, beat_mm=20.1, complex_mm=2.06, pulse_mm=(2.3, 4.9))
    scale = weigh_scale(seen, ASKED)
    assert scale.speed_from == "beats"
    assert any("paper speed" in doubt for doubt in scale.doubts())
    narrow = weigh_scale(attrs.evolve(seen, complex_mm=1.3), ASKED)
    assert narrow.doubts() == []


def test_a_speed_by_the_pulses_width_alone_that_beats_contradict_is_told() -> None:
    """Narrow pulses are printed at any speed, and columns of 87 mm are as unusual at 25 mm/s as at 50."""
    scale = weigh_scale(ScaleEvidence(column_mm=87.0, pulse_mm=(4.2, 10.0), beat_mm=34.0), PrintSettings())
    assert scale.speed_mm_per_s == 25
    assert any("beats" in text for text in scale.disagreeing)
    assert any("25 mm/s is uncertain" in doubt for doubt in scale.doubts())
    assert not weigh_scale(ScaleEvidence(column_mm=87.0, pulse_mm=(4.2, 10.0), beat_mm=22.0), PrintSettings()).doubts()


def test_slow_beats_in_columns_of_the_usual_length_are_told_as_a_doubt() -> None:
    """Four columns of 1.25 s at 50 mm/s are as long as those of 2.5 s at 25; a pulse or print would tell."""
    assert weigh_scale(ScaleEvidence(column_mm=62.5, row_mm=250, beat_mm=45.0), ASKED).doubts()
    told = weigh_scale(ScaleEvidence(column_mm=62.5, row_mm=250, beat_mm=45.0, pulse_mm=(10, 10)), ASKED)
    assert told.speed_mm_per_s == 50
    gain = PrintedScale("gain", 10.0, 0.95)
    assert not weigh_scale(ScaleEvidence(printed=[gain], column_mm=62.5, row_mm=250, beat_mm=30.0), ASKED).doubts()


def test_what_is_printed_wins_over_an_unusual_pulse_and_the_pulse_is_told() -> None:
    scale = weigh_scale(
        ScaleEvidence(printed=[PrintedScale("gain", 10.0, 0.95)], column_mm=62.5, pulse_mm=(5, 10)), ASKED
    )
    assert (scale.gain_mm_per_mv, scale.gain_from) == (10, "printed")
    assert weigh_scale(ScaleEvidence(column_mm=62.5, pulse_mm=(5, 20)), ASKED).gain_mm_per_mv == 20
    torn = weigh_scale(ScaleEvidence(printed=[PrintedScale("gain", 20.0, 0.95)], pulse_mm=(5, 10)), ASKED)
    assert torn.disagreeing


def test_what_the_user_tells_is_not_weighed() -> None:
    scale = weigh_scale(
        ScaleEvidence(column_mm=62.5, pulse_mm=(5, 10)), PrintSettings(speed_mm_per_s=50, gain_mm_per_mv=5)
    )
    assert (scale.speed_mm_per_s, scale.speed_from) == (50, "given")
    assert (scale.gain_mm_per_mv, scale.gain_from) == (5, "given")
    assert not scale.doubts()
    assert not scale.notes()


def test_what_nothing_tells_is_assumed_and_a_doubt_until_the_user_tells_it() -> None:
    scale = weigh_scale(ScaleEvidence(), ASKED)
    assert (scale.speed_from, scale.gain_from) == ("assumed", "assumed")
    assert ["25 mm/s" in scale.doubts()[0], "10 mm/mV" in scale.doubts()[1]] == [True, True]
    told = PrintSettings(speed_mm_per_s=25.0, gain_mm_per_mv=10.0)
    assert weigh_scale(ScaleEvidence(), told).doubts() == []


@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("off", [0.88, 0.95, 1.0, 1.08, 1.18])
def test_pulses_drawn_or_read_a_little_too_tall_or_low_tell_the_gain(gain: float, off: float) -> None:
    scale = weigh_scale(ScaleEvidence(column_mm=62.5, pulse_mm=(5, gain * off)), ASKED)
    assert (scale.gain_mm_per_mv, scale.gain_from) == (gain, "pulse")


def test_a_pulse_whose_top_is_cut_off_is_no_smaller_gain() -> None:
    assert weigh_scale(ScaleEvidence(column_mm=62.5, pulse_mm=(5, 7.6)), ASKED).gain_mm_per_mv == 10


def test_rows_of_a_length_that_no_maker_prints_are_told_by_how_wide_the_complexes_are() -> None:
    """Four columns of 1.45 s at 50 mm/s, or of 2.9 s at 25: complexes of 90 ms are 4.5 mm wide, or 2.3."""
    slow = weigh_scale(ScaleEvidence(column_mm=72.5, row_mm=290, beat_mm=40.0, complex_mm=1.3), ASKED)
    fast = weigh_scale(ScaleEvidence(column_mm=72.5, row_mm=290, beat_mm=40.0, complex_mm=2.5), ASKED)
    assert (slow.speed_mm_per_s, fast.speed_mm_per_s) == (25, 50)


def test_wide_complexes_do_not_outweigh_columns_of_the_usual_length() -> None:
    """A bundle branch block, or a ventricular rhythm."""
    scale = weigh_scale(ScaleEvidence(column_mm=62.5, row_mm=250, beat_mm=20.0, complex_mm=3.0), ASKED)
    assert scale.speed_mm_per_s == 25


def test_what_beats_and_complexes_say_together_is_where_the_speed_is_known_from() -> None:
    """Complexes a little wide say hardly anything; at 50 mm/s the heart would beat 200 times a minute."""
    scale = weigh_scale(ScaleEvidence(column_mm=72.5, row_mm=290, beat_mm=15.0, complex_mm=1.9), ASKED)
    assert (scale.speed_mm_per_s, scale.speed_from) == (25, "beats")


def test_pulses_that_differ_in_height_leave_the_gain_in_doubt() -> None:
    """Two whole ones of 10 mm and four that other rows hide in part: their median would be one of 5 mm/mV."""
    differing = ScaleEvidence(pulse_mm=(5, 6.1), pulse_heights_mm=[9.8, 9.9, 5.1, 5.5, 6.0, 6.3])
    assert weigh_scale(differing, ASKED).doubts()
    alike = ScaleEvidence(pulse_mm=(5, 5.2), pulse_heights_mm=[5.0, 5.1, 5.2, 5.2, 5.4])
    assert weigh_scale(alike, ASKED).gain_mm_per_mv == 5
    assert not weigh_scale(alike, ASKED).doubts()


def test_pulses_under_names_are_uneven_and_tell_no_rare_gain_for_certain() -> None:
    """Of pulses of 10 mm what is below the names that lie over them, between 4 and 5 mm; a page of 5 mm/mV has even
    ones."""
    heights_mm = [4.4, 5.0, 4.0, 3.8, 4.5, 4.2, 4.2]
    seen = ScaleEvidence(column_mm=62.5, pulse_mm=(2.3, 4.2), pulse_heights_mm=heights_mm)
    assert any("gain" in doubt for doubt in weigh_scale(seen, ASKED).doubts())
    even = weigh_scale(attrs.evolve(seen, pulse_heights_mm=[4.7, 4.8, 5.0, 4.8, 4.9, 4.7, 4.8]), ASKED)
    assert (even.gain_mm_per_mv, even.doubts()) == (5, [])


def test_one_pulse_of_many_that_is_hidden_in_part_casts_no_doubt() -> None:
    seen = ScaleEvidence(pulse_mm=(5, 20), pulse_heights_mm=[20.0, 19.6, 20.3, 12.0, 20.1, 19.9])
    scale = weigh_scale(seen, ASKED)
    assert (scale.gain_mm_per_mv, scale.gain_from, scale.doubts()) == (20, "pulse", [])


def test_a_print_that_says_otherwise_than_the_pulses_is_told_as_a_doubt() -> None:
    printed = [PrintedScale("gain", 5.0, 0.99)]
    torn = weigh_scale(
        ScaleEvidence(printed=printed, pulse_mm=(5.0, 9.8), pulse_heights_mm=(9.9, 9.7)), PrintSettings()
    )
    assert torn.gain_mm_per_mv == 10
    assert any("a gain of 10 mm/mV is uncertain" in doubt for doubt in torn.doubts())
    assert any('the print "5 mm/mV"' in doubt for doubt in torn.doubts())
    alike = weigh_scale(ScaleEvidence(printed=printed, pulse_mm=(5.0, 4.9), pulse_heights_mm=(4.9,)), PrintSettings())
    assert alike.gain_mm_per_mv == 5
    assert not [doubt for doubt in alike.doubts() if "gain" in doubt]


def test_what_only_has_the_shape_of_a_pulse_tells_no_rare_gain() -> None:
    """Waves may have it, too."""
    by_shape = weigh_scale(ScaleEvidence(pulse_mm=(2.5, 5.0), pulse_kind="by shape"), PrintSettings())
    assert by_shape.gain_certainty < 0.9
    seen = weigh_scale(ScaleEvidence(pulse_mm=(2.5, 5.0)), PrintSettings())
    assert seen.gain_mm_per_mv == 5
    assert seen.gain_certainty > 0.95
    alone = weigh_scale(ScaleEvidence(pulse_mm=(2.5, 5.0), pulse_kind="alone"), PrintSettings())
    assert alone.gain_mm_per_mv == 5
    assert by_shape.gain_certainty < alone.gain_certainty < seen.gain_certainty
    usual = weigh_scale(ScaleEvidence(pulse_mm=(2.5, 10.0), pulse_kind="by shape"), PrintSettings())
    assert usual.gain_from == "pulse"
    assert usual.gain_certainty > 0.95


def test_pulses_that_were_seen_unclearly_do_not_vouch_for_the_usual_gain() -> None:
    """Names one below the other happened to look like pulses of 10 mm, on a page of 5 mm/mV without pulses."""
    unclear = weigh_scale(ScaleEvidence(pulse_mm=(1.5, 10.1), pulse_kind="unclear"), PrintSettings())
    assert unclear.gain_mm_per_mv == 10
    assert any("a gain of 10 mm/mV is taken for granted" in doubt for doubt in unclear.doubts())
    printed = ScaleEvidence(printed=[PrintedScale("gain", 5.0, 0.99)], pulse_mm=(1.5, 10.1), pulse_kind="unclear")
    assert weigh_scale(printed, PrintSettings()).gain_mm_per_mv == 5


def test_one_pulse_of_a_page_of_another_height_does_not_outweigh_a_printed_gain() -> None:
    """Half of it may be a name, or a beat is taken for it; pulses of several rows are not all misread."""
    printed = [PrintedScale("gain", 5.0, 0.9999)]
    seen = ScaleEvidence(printed=printed, pulse_mm=(4.2, 10.1), pulse_kind="alone")
    alone = weigh_scale(seen, PrintSettings())
    assert alone.gain_mm_per_mv == 5
    assert any("gain" in doubt for doubt in alone.doubts())
    assert weigh_scale(attrs.evolve(seen, pulse_kind="at rows"), PrintSettings()).gain_mm_per_mv == 10


def test_what_is_too_wide_for_a_pulse_at_the_printed_speed_says_nothing_against_a_printed_gain() -> None:
    """Words and the edge of a sheet are taken for pulses; a pulse of the usual width counts."""
    printed = [PrintedScale("speed", 25.0, 0.9999), PrintedScale("gain", 20.0, 0.999)]
    seen = ScaleEvidence(printed=printed, row_mm=250.0, pulse_mm=(8.6, 8.2), pulse_kind="alone")
    assert weigh_scale(seen, ASKED).gain_mm_per_mv == 20.0
    assert not any("gain" in doubt for doubt in weigh_scale(seen, ASKED).doubts())
    usual = weigh_scale(attrs.evolve(seen, pulse_mm=(5.0, 10.0), pulse_kind="at rows"), ASKED)
    assert any("gain" in doubt for doubt in usual.doubts())


def test_a_speed_that_was_read_surely_wins_over_what_is_merely_plausible_and_stays_told() -> None:
    """Rows of 5.8 s of a heart that beats 153 times a minute in narrow complexes, or of 11.6 s at 76."""
    printed = [PrintedScale("speed", 50.0, 0.99996)]
    seen = ScaleEvidence(printed=printed, row_mm=289.4, pulse_mm=(2.9, 12.1), beat_mm=19.6, complex_mm=1.31)
    scale = weigh_scale(seen, ASKED)
    assert (scale.speed_mm_per_s, scale.speed_from) == (50, "printed")
    assert any("50 mm/s is uncertain" in doubt for doubt in scale.doubts())
    unsure = attrs.evolve(seen, printed=[PrintedScale("speed", 50.0, 0.95)])
    assert weigh_scale(unsure, ASKED).speed_mm_per_s == 25


def test_pulses_of_which_only_the_lower_half_was_seen_do_not_halve_a_large_printed_gain() -> None:
    """Pulses of 20 mm reach over names and rows above; nothing makes those of 5 mm/mV twice as high."""
    printed = [PrintedScale("gain", 20.0, 0.99999)]
    seen = ScaleEvidence(printed=printed, pulse_mm=(1.5, 10.7), pulse_heights_mm=[11.1, 10.9, 10.3, 10.6])
    scale = weigh_scale(seen, ASKED)
    assert scale.gain_mm_per_mv == 20
    assert any("a gain of 20 mm/mV is uncertain" in doubt for doubt in scale.doubts())
    unprinted = weigh_scale(attrs.evolve(seen, printed=[]), ASKED)
    assert unprinted.gain_mm_per_mv == 10
    assert unprinted.gain_certainty > 0.99
    low = weigh_scale(attrs.evolve(seen, printed=[PrintedScale("gain", 5.0, 0.99999)]), ASKED)
    assert low.gain_mm_per_mv == 10


def test_two_columns_of_125_mm_last_5_s_unless_pulses_and_beats_say_otherwise() -> None:
    """Rows of 10 s, as those of four columns are, with pulses of the standard's width; or of 5 s at 50 mm/s."""
    seen = ScaleEvidence(column_mm=124.9, row_mm=250.0, pulse_mm=(4.6, 9.3), beat_mm=28.3, complex_mm=2.9)
    assert weigh_scale(seen, ASKED).speed_mm_per_s == 25
    of_more = weigh_scale(attrs.evolve(seen, row_mm=500.0), ASKED)
    assert of_more.speed_mm_per_s == 50
    wide = attrs.evolve(seen, pulse_mm=(10.0, 9.3), beat_mm=45.0)
    assert weigh_scale(wide, ASKED).speed_mm_per_s == 50


def test_a_large_printed_gain_stays_told_where_pulses_seen_in_part_say_another_one() -> None:
    printed = [PrintedScale("gain", 20.0, 0.99999)]
    seen = ScaleEvidence(printed=printed, pulse_mm=(4.1, 8.7), pulse_heights_mm=[10.2, 7.1])
    scale = weigh_scale(seen, ASKED)
    assert scale.gain_mm_per_mv == 20
    assert any("a gain of 20 mm/mV is uncertain" in doubt for doubt in scale.doubts())
