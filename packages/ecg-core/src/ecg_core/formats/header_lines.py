"""The lines of a WFDB header, as header(5) of the WFDB Applications Guide describes them.

physionet.org/physiotools/wag/header-5.htm. The wfdb package takes 5 ms a header, and reads some wrong ones as something
else; here what does not fit the description is an error.
"""

from __future__ import annotations

import re

import attrs

from ecg_core.errors import DataError, shown, shown_name

DEFAULT_RATE_HZ = 250.0
DEFAULT_GAIN = 200.0
DEFAULT_UNIT = "mV"

_MV_PER_UNIT = {"mv": 1.0, "uv": 1e-3, "nv": 1e-6, "v": 1e3}
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_RATE = re.compile(rf"({_NUMBER})(?:/{_NUMBER}(?:\({_NUMBER}\))?)?")
_FORMAT = re.compile(r"(?P<format>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?")
_GAIN = re.compile(rf"(?P<gain>{_NUMBER})(?:\((?P<baseline>[-+]?\d+)\))?(?:/(?P<unit>\S+))?")
_INTEGER = re.compile(r"[-+]?\d+")
_ENDLESS = re.compile(r"\d{64}")
MAX_GAIN = 1e15
"""Steps in a unit; with more, what 32 bits hold is less than the noise of any amplifier in its smallest one."""
MAX_STEP = 2**31
"""Steps of converters are smaller than it."""
MAX_PER_FRAME, MAX_SKEW = 10_000, 1_000_000
"""Far more samples than any frame holds, or signals were ever shifted against each other."""
_NUMBERS_AFTER_GAIN = 5
"""Resolution and zero of the converter, first value, checksum, block size; then the name of the lead."""


@attrs.frozen(kw_only=True)
class RecordLine:
    """The first line of a header.

    Attributes:
        num_signals: as stated.
        frame_rate_hz: frames a second.
        num_frames: of each signal; None if the header does not say.
    """

    num_signals: int
    frame_rate_hz: float
    num_frames: int | None


@attrs.frozen(kw_only=True)
class SignalLine:
    """One signal of a header.

    Attributes:
        lead: its name.
        file_name: the file that holds it, beside the header.
        format: WFDB's number of the sample format.
        samples_per_frame: how many samples stand together.
        skew: by how many samples it lies later in the file than it was taken.
        byte_offset: where in the file the samples begin.
        gain: steps in a physical unit.
        baseline: step of physical zero.
        unit: physical unit as written.
    """

    lead: str
    file_name: str
    format: str
    samples_per_frame: int
    skew: int
    byte_offset: int
    gain: float
    baseline: int
    unit: str

    @property
    def mv_per_unit(self) -> float | None:
        """Millivolts in the unit; None if it is not one of voltage."""
        return _MV_PER_UNIT.get(self.unit.casefold())


def parse_record_line(line: str) -> RecordLine:
    """``name leads [rate[/counter rate[(counter)]] [samples [time [date]]]]``.

    Raises:
        DataError: it is something else.
    """
    name, count, rate, length = [*line.split(), "", "", "", ""][:4]
    found = _RATE.fullmatch(rate or f"{DEFAULT_RATE_HZ}")
    if not (re.fullmatch(r"[-\w]+", name) and count.isdecimal() and found and (length or "0").isdecimal()):
        raise DataError(f"the first line should say name, number of leads, rate and length; found {shown(line)}")
    return RecordLine(
        num_signals=int(count), frame_rate_hz=float(found[1]), num_frames=int(length) if length.strip("0") else None
    )


def parse_signal_line(line: str, index: int) -> SignalLine:
    """``file format[xper-frame][:skew][+offset] [gain[(baseline)][/unit] [… [name]]]``.

    Without a baseline it is the zero of the converter, which stands second after the gain.

    Args:
        line: of the header.
        index: number of the signal, for its name where it has none.

    Raises:
        DataError: it is something else.
    """
    file_name, kind, gain, rest = [*line.split(maxsplit=3), "", "", "", ""][:4]
    of_format, of_gain = _FORMAT.fullmatch(kind), _GAIN.fullmatch(gain or f"{DEFAULT_GAIN}")
    if not of_format or not of_gain:
        raise DataError(f"a lead's line should say file, format, gain and more; found {shown(line)}")
    numbers, lead = _numbers_and_name(rest)
    baseline = of_gain["baseline"] or (numbers[1] if len(numbers) > 1 else "0")
    signal = SignalLine(
        lead=lead or f"signal {index}",
        file_name=file_name,
        format=of_format["format"],
        samples_per_frame=int(of_format["per_frame"] or 1) or 1,
        skew=int(of_format["skew"] or 0),
        byte_offset=int(of_format["offset"] or 0),
        gain=_gain(of_gain["gain"]),
        baseline=int(baseline),
        unit=of_gain["unit"] or DEFAULT_UNIT,
    )
    _check(signal)
    return signal


def require_countable(line: str) -> None:
    """Raise a DataError for a line with a number of more digits than any has."""
    if _ENDLESS.search(line):
        raise DataError(f"a number of 64 digits or more in {shown(line)}")


def _gain(text: str) -> float:
    """Steps in a unit; zero stands for the default.

    Raises:
        DataError: no number that is written so can be one.
    """
    gain = float(text)
    if abs(gain) > MAX_GAIN or (gain == 0 and re.search("[1-9]", text.lower().partition("e")[0])):
        raise DataError(f"a gain of {shown_name(text)} steps in a unit; the largest is {MAX_GAIN:g}")
    return gain or DEFAULT_GAIN


def _check(signal: SignalLine) -> None:
    if abs(signal.baseline) >= MAX_STEP:
        raise DataError(f"{shown_name(signal.lead)}: {signal.baseline} as the step of zero does not fit 32 bits")
    if signal.samples_per_frame > MAX_PER_FRAME:
        raise DataError(
            f"{shown_name(signal.lead)}: {signal.samples_per_frame} samples a frame; at most {MAX_PER_FRAME}"
        )
    if signal.skew > MAX_SKEW:
        raise DataError(f"{shown_name(signal.lead)}: a skew of {signal.skew} samples; at most {MAX_SKEW}")


def _numbers_and_name(text: str) -> tuple[list[str], str]:
    """Split a text into the whole numbers that it begins with, at most five, and the rest."""
    numbers: list[str] = []
    while len(numbers) < _NUMBERS_AFTER_GAIN:
        word, _, rest = text.partition(" ")
        if not _INTEGER.fullmatch(word):
            break
        numbers.append(word)
        text = rest.strip()
    return numbers, text
