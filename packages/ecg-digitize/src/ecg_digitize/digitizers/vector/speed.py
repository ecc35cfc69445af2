"""Speed and gain of a drawn page: what is given, printed, or shown by the pulses, and whether these agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from ecg_core.paper import PULSE_MV, PULSE_S, USUAL_GAINS_MM_PER_MV, USUAL_SPEEDS_MM_PER_S
from ecg_digitize.digitizers.print_scale import CERTAIN, NEARLY, PrintScale, PrintSettings, ScaleSource
from ecg_digitize.digitizers.structure.evidence import PrintedScale
from ecg_digitize.digitizers.structure.scale import SPEED_PRIOR, ScaleEvidence, weigh_scale
from ecg_digitize.digitizers.vector.printed import Seconds, Statements
from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.digitizers.vector.traces import Pulse

SAME = 0.03
UNCERTAIN = 0.5
"""How certain a speed or gain is that something on the page contradicts."""
PULSE_SPEEDS_MM_PER_S = (25.0, 50.0)
"""Speeds that a pulse's width is trusted to tell: some pulses are half as wide as usual at 25 mm/s, none is wider."""


@attrs.frozen
class Settings:
    """Speed and gain.

    Attributes:
        scale: speed and gain of the page.
        chest_gain_mm_per_mv: gain of the chest leads.
        notes: what a user should know as well.
        is_confirmed: whether the pulses or the seconds that are printed show that the scale of the page holds.
    """

    scale: PrintScale
    chest_gain_mm_per_mv: float
    notes: tuple[str, ...]
    is_confirmed: bool


def find_settings(
    told: PrintSettings,
    said: Statements,
    pulses: Sequence[Pulse],
    seconds: Sequence[Seconds],
    grid: Scale,
    shown: ScaleEvidence,
) -> Settings:
    """Speed and gain: as given, else as printed, else as the seconds or pulses show, else what all the rest shows.

    Lengths of columns and rows, beats and complexes are weighed as on a page that is read as a picture. What is printed
    is in doubt where they say otherwise.

    Args:
        told: what the user gave.
        said: what the page says in words.
        pulses: calibration pulses.
        seconds: seconds that are printed along the rows.
        grid: pixels a millimetre.
        shown: what else of the page tells its scale.
    """
    width_mm, height_mm = pulse_mm(pulses, grid) or (0.0, 0.0)
    by_seconds = float(np.median([each.apart_mm for each in seconds])) if seconds else None
    speed, speed_from = _first_known(
        25.0,
        given=told.speed_mm_per_s,
        printed=_only(said.speeds_mm_per_s) or _usual(by_seconds or 0.0, USUAL_SPEEDS_MM_PER_S),
        pulse=_usual(width_mm / PULSE_S, PULSE_SPEEDS_MM_PER_S),
    )
    gain, gain_from = _first_known(
        10.0,
        given=told.gain_mm_per_mv,
        printed=_only(said.gains_mm_per_mv),
        pulse=_usual(height_mm / PULSE_MV, USUAL_GAINS_MM_PER_MV),
    )
    weighed = weigh_scale(_with_print(shown, speed, speed_from, width_mm, height_mm), PrintSettings())
    if speed_from == "assumed":
        speed, speed_from = weighed.speed_mm_per_s, weighed.speed_from
    speed_doubts = (
        *_speed_disagreements(speed, speed_from, said, by_seconds),
        *_implausible(speed, speed_from, weighed),
        *_unread(speed_from, said.speed_is_printed, f"the paper speed is printed, and not understood; {speed:g} mm/s"),
    )
    gain_doubts = (
        *_gain_disagreements(gain, gain_from, said, height_mm),
        *_unread(gain_from, said.gain_is_printed, f"the gain is printed, and not understood; {gain:g} mm/mV"),
    )
    scale = PrintScale(
        speed_mm_per_s=speed,
        speed_from=speed_from,
        speed_certainty=UNCERTAIN if speed_doubts else 1.0,
        gain_mm_per_mv=gain,
        gain_from=gain_from,
        gain_certainty=UNCERTAIN if gain_doubts else 1.0,
        disagreeing=(*speed_doubts, *gain_doubts),
    )
    chest = said.chest_gain_mm_per_mv if gain_from != "given" else None
    return Settings(
        scale=scale,
        chest_gain_mm_per_mv=chest or gain,
        notes=tuple(_notes(scale, chest)),
        is_confirmed=_agrees(by_seconds, speed) or _agrees(height_mm / PULSE_MV, gain),
    )


def _with_print(
    shown: ScaleEvidence, speed: float, source: ScaleSource, pulse_width_mm: float, pulse_height_mm: float
) -> ScaleEvidence:
    """What tells the scale, with the pulse and what was printed of the speed."""
    printed = (PrintedScale("speed", speed),) if source == "printed" else ()
    pulse = (pulse_width_mm, pulse_height_mm) if pulse_width_mm and pulse_height_mm else None
    return attrs.evolve(shown, printed=printed, pulse_mm=pulse)


def _implausible(speed: float, source: ScaleSource, weighed: PrintScale) -> Iterator[str]:
    """What makes a usual speed uncertain by all that was seen."""
    if source == "given" or speed not in SPEED_PRIOR:
        return
    if weighed.speed_mm_per_s != speed or weighed.speed_certainty < CERTAIN:
        told = [text for text in weighed.disagreeing if text.endswith("mm/s")]
        other = f"; {weighed.speed_mm_per_s:g} mm/s is likelier" if weighed.speed_mm_per_s != speed else ""
        yield f"{speed:g} mm/s is not what the lengths and beats of this page show{other}"
        yield from told


def _unread(source: ScaleSource, is_printed: bool, text: str) -> Iterator[str]:
    if source == "assumed" and is_printed:
        yield f"{text} is taken for granted"


def _first_known(
    usual: float, *, given: float | None, printed: float | None, pulse: float | None
) -> tuple[float, ScaleSource]:
    """A speed or gain by whatever tells it best, and what that is."""
    if given is not None:
        return given, "given"
    if printed is not None:
        return printed, "printed"
    return (usual, "assumed") if pulse is None else (pulse, "pulse")


def pulse_mm(pulses: Sequence[Pulse], grid: Scale) -> tuple[float, float] | None:
    """Width and height that most of the pulses have."""
    if not pulses:
        return None
    width_px, height_px = np.median([(pulse.width_px, pulse.height_px) for pulse in pulses], axis=0)
    return float(width_px / grid.across_px_per_mm), float(height_px / grid.down_px_per_mm)


def _usual(found: float, usual: Sequence[float]) -> float | None:
    return next((value for value in usual if abs(found / value - 1) <= NEARLY), None)


def _only(values: Sequence[float]) -> float | None:
    return values[0] if len(values) == 1 else None


def _agrees(found: float | None, expected: float) -> bool:
    return bool(found) and abs((found or 0.0) / expected - 1) <= SAME


def _speed_disagreements(
    speed: float, source: ScaleSource, said: Statements, by_seconds: float | None
) -> Iterator[str]:
    if _contradicts(said.speeds_mm_per_s, speed):
        yield f"{_listed(said.speeds_mm_per_s)} mm/s is printed, and {speed:g} mm/s {source}"
    if by_seconds and not _agrees(by_seconds, speed):
        yield f"the seconds printed along the rows are {by_seconds:.1f} mm apart, not {speed:g} mm"


def _gain_disagreements(gain: float, source: ScaleSource, said: Statements, pulse_height_mm: float) -> Iterator[str]:
    if _contradicts(said.gains_mm_per_mv, gain):
        yield f"{_listed(said.gains_mm_per_mv)} mm/mV is printed, and {gain:g} mm/mV {source}"
    if pulse_height_mm and source != "given" and abs(pulse_height_mm / (gain * PULSE_MV) - 1) > NEARLY:
        yield f"the calibration pulse is {pulse_height_mm:.1f} mm tall, not {gain * PULSE_MV:g} mm"


def _contradicts(printed: Sequence[float], value: float) -> bool:
    return any(not _agrees(each, value) for each in printed)


def _notes(scale: PrintScale, chest: float | None) -> Iterator[str]:
    yield from scale.notes()
    if chest is not None and chest != scale.gain_mm_per_mv:
        yield f"the chest leads are printed at {chest:g} mm/mV, the others at {scale.gain_mm_per_mv:g} mm/mV"


def _listed(values: Sequence[float]) -> str:
    return " and ".join(f"{value:g}" for value in values)
