"""Paper speed and gain of a page, weighed from all that tells them; none is believed alone.

A pulse is 5 mm wide at 25 mm/s by the standard, and from 1.6 to 5 mm as makers print it: its width says little, its
height says the gain. Columns last 2.5 s mostly, rows 10 s. Printed words say it best where they were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

import attrs
import numpy as np

from ecg_core.paper import PULSE_MV
from ecg_digitize.digitizers.print_scale import PrintScale, PrintSettings, ScaleSource
from ecg_digitize.digitizers.structure.evidence import PrintedScale
from ecg_digitize.digitizers.structure.pulses import are_uneven

SPEED_PRIOR: Mapping[float, float] = {25.0: 0.0, 50.0: -2.0, 12.5: -4.0, 100.0: -6.0}
GAIN_PRIOR: Mapping[float, float] = {10.0: 0.0, 5.0: -3.5, 20.0: -3.5, 2.5: -6.0, 40.0: -6.0}
"""Logarithms of how likely a setting is, by the likeliest, before anything was read."""

LEAST_READ, MOST_READ = 0.05, 0.9997
"""However certainly a number with its unit was read, it may be another one: of 1400 that were read on drawn pages with
more than 0.5, none was; half a one is taken for granted."""

IMPLAUSIBLE = -4.0
NEAR = 0.03
"""Durations that differ by such a part are the same."""

COLUMN_PLAUSIBLE: Mapping[float, float] = {
    2.5: 0.0,
    5.0: -0.7,
    3.0: -1.0,
    10 / 3: -1.0,
    1.25: -1.0,  # four columns of the standard page at 50 mm/s
    4.0: -1.2,
    2.0: -1.5,
    6.0: -1.5,
}
OF_TWO_COLUMNS: Mapping[float, float] = {**COLUMN_PLAUSIBLE, 5.0: 0.0, 2.5: -0.7}
"""Rows of two columns last 10 s as those of four do: of 37 such drawn pages 20 had columns of 5 s, three of 2.5 s."""

ROW_PLAUSIBLE: Mapping[float, float] = {10.0: 0.0, 12.0: -1.0, 8.0: -1.0, 7.5: -1.0, 6.0: -1.0, 5.0: -1.2}
COLUMN_RANGE_S, ROW_RANGE_S, UNUSUAL = (1.2, 6.5), (4.0, 13.0), -2.0

RATES = ((45.0, 130.0, 0.0), (38.0, 180.0, -1.5), (32.0, 220.0, -2.5))
"""How likely a heart rate is: from, to a minute, and the logarithm; the first that fits counts."""

COMPLEX_MM, COMPLEX_SPREAD = 1.33, 0.2
COMPLEX_POWER, OTHER_COMPLEX = 0.9, -3.0
WIDE, WIDER, WIDE_SPREAD = 0.15, 0.45, 0.3
"""Width of the steep part of a QRS complex at 25 mm/s in the mean, and the spread of its logarithm; a pen is as wide
at every speed, so it grows with this power of it. A part of people have wider ones, by so much (logarithm), with a
spread of their own. Set by hand, from 250 recordings of PTB-XL and a few pages as they were read. Of 51 drawn pages at
50 mm/s one has complexes narrower than 0.65 of the usual ones: no width is less likely than `OTHER_COMPLEX`."""

PulseKind = Literal["at rows", "alone", "by shape", "unclear"]
"""Pulses whose feet lie at the levels of rows, seen clearly; one of a whole page, which may be another mark or have a
name within it; what only has the shape of one, as waves may have, too; or some seen unclearly, which tell nothing:
names one below the other look so."""

HEIGHT_SPREAD, ONE_OTHER_HEIGHT = 0.1, -10.0
OTHER_HEIGHT: Mapping[PulseKind, float] = {"at rows": -8.0, "alone": -4.5, "by shape": -3.0, "unclear": 0.0}
"""By such a part a pulse is drawn or read too tall or too low, mostly; how likely one of them is of quite another
height; and how likely all pulses of a page are, by what they are taken for."""

TALL_MM_PER_MV, CUT_TALL = 20.0, -4.0
"""How likely all pulses of so large a gain, or a larger one, are seen too low: they reach over names and other rows,
and of some only the lower half is seen. Of 42 drawn pages of 20 mm/mV two had such ones, of 139 of 10 mm/mV none."""

NO_PULSE, BEYOND_DOUBT = -1.0, 0.95
"""How likely something is of any height that is no pulse; and how certain a speed is at which none is so wide."""

OTHER_UNEVEN, LEAST_UNEVEN = -4.5, 4
"""How likely so many pulses that differ in height, or more, are of quite another one."""

WIDTH_NEAR, WIDER_NEAR, TOO_WIDE = 0.3, 0.12, -3.0
"""A pulse that is drawn or read so much too narrow is one of the standard; and how likely one is that is wider by more
than the second: the edge of the paper, which cuts pulses of 50 mm/s, makes them narrower, nothing makes them wider."""

CONTRADICTED = 0.5
HARDLY_TELL = ("pulse", "beats", "assumed")
"""A setting is no more certain where a number with its unit was read that says another one, nor a large gain where the
pulses say another one; nor where anything says another one, and only the pulse's width or the beats say this one, which
do not tell it by themselves."""

DECISIVE = 1.0
"""What tells one setting from the others by so much, in nats, is named as where it is known from."""


@attrs.frozen(kw_only=True)
class ScaleEvidence:
    """What tells speed and gain.

    Attributes:
        printed: the speeds and gains that are printed in words.
        column_mm: length of a column of a row with several; None where rows have one alone.
        row_mm: length of a whole row.
        pulse_mm: width and height of the calibration pulses; None where there are none.
        pulse_heights_mm: height of every one of them, where they were measured one by one.
        pulse_kind: what they are taken for.
        beat_mm: distance of two beats; None where too few were seen.
        complex_mm: width of the QRS complexes, as `ecg_digitize.digitizers.structure.beats` measures it; None likewise.
    """

    printed: Sequence[PrintedScale] = ()
    column_mm: float | None = None
    row_mm: float | None = None
    pulse_mm: tuple[float, float] | None = None
    pulse_heights_mm: Sequence[float] = ()
    pulse_kind: PulseKind = "at rows"
    beat_mm: float | None = None
    complex_mm: float | None = None


def weigh_scale(seen: ScaleEvidence, settings: PrintSettings) -> PrintScale:
    """Speed and gain as the user told them, else as what was seen tells them.

    Args:
        seen: what was seen.
        settings: what the user told.
    """
    speed = _weigh(SPEED_PRIOR, _speed_terms(seen), settings.speed_mm_per_s)
    gain = _weigh(GAIN_PRIOR, _gain_terms(seen, speed), settings.gain_mm_per_mv)
    return PrintScale(
        speed_mm_per_s=speed.value,
        speed_from=speed.source,
        speed_certainty=speed.certainty,
        gain_mm_per_mv=gain.value,
        gain_from=gain.source,
        gain_certainty=gain.certainty,
        disagreeing=(
            *(f"{text} says {value:g} mm/s" for text, value in speed.disagreeing),
            *(f"{text} says {value:g} mm/mV" for text, value in gain.disagreeing),
        ),
    )


@attrs.frozen
class _Term:
    """One thing that speaks for some settings: who says it, its words, and how likely each setting is by it; and
    from which setting on none is certain that it speaks against, however much speaks for that."""

    source: ScaleSource
    text: str
    likely: Callable[[float], float]
    doubts_from: float = np.inf


@attrs.frozen
class _Weighed:
    value: float
    source: ScaleSource
    certainty: float
    disagreeing: tuple[tuple[str, float], ...]


def _speed_terms(seen: ScaleEvidence) -> list[_Term]:
    terms = [_printed(each, "mm/s") for each in seen.printed if each.kind == "speed"]
    if seen.column_mm is not None:
        length_mm = seen.column_mm
        usual_s = OF_TWO_COLUMNS if _has_two_columns(length_mm, seen.row_mm) else COLUMN_PLAUSIBLE
        terms.append(
            _Term(
                "columns",
                f"the columns' length of {length_mm:.1f} mm",
                lambda speed: _plausible(length_mm / speed, usual_s, COLUMN_RANGE_S),
            )
        )
    elif seen.row_mm is not None:
        row_mm = seen.row_mm
        terms.append(
            _Term(
                "rows",
                f"the rows' length of {row_mm:.1f} mm",
                lambda speed: _plausible(row_mm / speed, ROW_PLAUSIBLE, ROW_RANGE_S),
            )
        )
    if seen.pulse_mm is not None:
        width_mm = seen.pulse_mm[0]
        terms.append(_Term("pulse", f"the pulse's width of {width_mm:.1f} mm", partial(_width_likely, width_mm)))
    if seen.beat_mm is not None:
        text = f"the beats' distance of {seen.beat_mm:.0f} mm"
        terms.append(_Term("beats", text, partial(_rate_likely, seen.beat_mm)))
    if seen.complex_mm is not None:
        text = f"the complexes' width of {seen.complex_mm:.1f} mm"
        terms.append(_Term("beats", text, partial(_complex_likely, seen.complex_mm)))
    return terms


def _gain_terms(seen: ScaleEvidence, speed: _Weighed) -> list[_Term]:
    terms = [_printed(each, "mm/mV") for each in seen.printed if each.kind == "gain"]
    if seen.pulse_mm is not None:
        heights_mm = seen.pulse_heights_mm or (seen.pulse_mm[1],)
        text = f"the pulse's height of {seen.pulse_mm[1]:.1f} mm"
        differ = len(heights_mm) >= LEAST_UNEVEN and are_uneven(heights_mm)
        floor = max(OTHER_HEIGHT[seen.pulse_kind], OTHER_UNEVEN if differ else -np.inf)
        if _is_no_pulse(seen.pulse_mm[0], speed):
            floor = NO_PULSE
        likely = partial(_heights_likely, heights_mm, floor=floor)
        doubts_from = TALL_MM_PER_MV if seen.pulse_kind == "at rows" and floor < NO_PULSE else np.inf
        terms.append(_Term("pulse", text, likely, doubts_from=doubts_from))
    return terms


def _has_two_columns(column_mm: float, row_mm: float | None) -> bool:
    return row_mm is not None and round(row_mm / column_mm) == 2


def _is_no_pulse(width_mm: float, speed: _Weighed) -> bool:
    """Whether something is too wide for a pulse at a speed that is beyond doubt."""
    is_wide = _width_likely(width_mm, speed.value) == IMPLAUSIBLE
    return is_wide and speed.source in ("given", "printed") and speed.certainty >= BEYOND_DOUBT


def _printed(scale: PrintedScale, unit: str) -> _Term:
    certainty = float(np.clip(scale.certainty, LEAST_READ, MOST_READ))

    def likely(value: float) -> float:
        return float(np.log(certainty if value == scale.value else (1 - certainty) / 2))

    return _Term("printed", f'the print "{scale.value:g} {unit}"', likely, doubts_from=0.0)


def _plausible(duration_s: float, usual: Mapping[float, float], within_s: tuple[float, float]) -> float:
    near = [worth for each_s, worth in usual.items() if abs(duration_s / each_s - 1) <= NEAR]
    if near:
        return max(near)
    return UNUSUAL if within_s[0] <= duration_s <= within_s[1] else IMPLAUSIBLE


def _width_likely(width_mm: float, speed_mm_per_s: float) -> float:
    """How likely a pulse is so wide: as the standard has it, or narrower, as many print it; hardly wider."""
    standard = width_mm / (0.2 * speed_mm_per_s)
    if standard > 1 + WIDTH_NEAR:
        return IMPLAUSIBLE
    if standard > 1 + WIDER_NEAR:
        return TOO_WIDE
    return 0.0 if standard >= 1 - WIDTH_NEAR else -1.0


def _heights_likely(heights_mm: Sequence[float], gain_mm_per_mv: float, *, floor: float) -> float:
    """How likely pulses are so high, in the mean; nothing is less likely than the floor.

    What hides or prolongs one pulse often does so with others, so that many say no more than one. Where they differ,
    each speaks for the gain that it fits, and none for certain. Tall ones are cut more often.
    """
    if gain_mm_per_mv >= TALL_MM_PER_MV and max(heights_mm) < PULSE_MV * gain_mm_per_mv:
        floor = max(floor, CUT_TALL)
    off = np.log(np.asarray(heights_mm) / (PULSE_MV * gain_mm_per_mv)) / HEIGHT_SPREAD
    return max(float(np.maximum(-off * off / 2, ONE_OTHER_HEIGHT).mean()), floor)


def _rate_likely(beat_mm: float, speed_mm_per_s: float) -> float:
    """How likely beats stand so far apart: hearts beat 45 to 130 times a minute mostly."""
    per_minute = 60 * speed_mm_per_s / beat_mm
    return next((worth for lowest, highest, worth in RATES if lowest <= per_minute <= highest), IMPLAUSIBLE)


def _complex_likely(complex_mm: float, speed_mm_per_s: float) -> float:
    """How likely complexes are so wide."""
    usual_mm = COMPLEX_MM * (speed_mm_per_s / 25.0) ** COMPLEX_POWER
    off = np.log(complex_mm / usual_mm)
    narrow = (1 - WIDE) * np.exp(-((off / COMPLEX_SPREAD) ** 2) / 2) / COMPLEX_SPREAD
    wide = WIDE * np.exp(-(((off - WIDER) / WIDE_SPREAD) ** 2) / 2) / WIDE_SPREAD
    return float(max(np.log(narrow + wide + 1e-9), OTHER_COMPLEX))


def _margin(terms: Sequence[_Term], best: float, values: Iterable[float]) -> float:
    """By how much some terms together speak for a setting rather than for the likeliest other one."""
    likely = {value: sum(term.likely(value) for term in terms) for value in values}
    return likely[best] - max(worth for value, worth in likely.items() if value != best)


def _weigh(prior: Mapping[float, float], terms: Sequence[_Term], given: float | None) -> _Weighed:
    """The likeliest setting, how certain it is, where it is known from, and what says otherwise."""
    if given is not None:
        return _Weighed(given, "given", 1.0, ())
    total = {value: worth + sum(term.likely(value) for term in terms) for value, worth in prior.items()}
    best = max(total, key=lambda value: total[value])
    certainty = 1.0 / float(sum(np.exp(worth - total[best]) for worth in total.values()))
    source: ScaleSource = "assumed"
    margins = {
        source: _margin([term for term in terms if term.source == source], best, prior)
        for source in {term.source for term in terms}
    }
    for name in ("printed", "columns", "rows", "pulse", "beats"):
        if margins.get(name, -np.inf) >= min(DECISIVE, max(margins.values(), default=0.0)) > 0:
            source = name
            break
    disagreeing = []
    for term in terms:
        favourite = max(prior, key=lambda value: (term.likely(value), prior[value]))
        if term.likely(favourite) - term.likely(best) > DECISIVE:
            disagreeing.append((term.text, favourite))
            if best >= term.doubts_from:
                certainty = min(certainty, CONTRADICTED)
    if disagreeing and source in HARDLY_TELL:
        certainty = min(certainty, CONTRADICTED)
    return _Weighed(best, source, certainty, tuple(disagreeing))
