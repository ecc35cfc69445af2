"""The lines of a WFDB header, as header(5) of the WFDB Applications Guide describes them.

physionet.org/physiotools/wag/header-5.htm. The wfdb package takes 5 ms a header, and reads some wrong ones as something
else; here what does not fit the description is an error.
"""

from __future__ import annotations

import re

import attrs

from ecg_core.errors import DataError

DEFAULT_RATE_HZ = 250.0
DEFAULT_GAIN = 200.0
DEFAULT_UNIT = "mV"

_MV_PER_UNIT = {"mv": 1.0, "uv": 1e-3, "nv": 1e-6, "v": 1e3}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RATE = re.compile(rf"({_NUMBER})(?:/{_NUMBER}(?:\({_NUMBER}\))?)?")
_FORMAT = re.compile(r"(?P<format>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?")
_GAIN = re.compile(rf"(?P<gain>{_NUMBER})(?:\((?P<baseline>[-+]?\d+)\))?(?:/(?P<unit>\S+))?")
_INTEGER = re.compile(r"[-+]?\d+")
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
        raise DataError(f"the first line should say name, number of leads, rate and length; found {line!r}")
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
        raise DataError(f"a lead's line should say file, format, gain and more; found {line!r}")
    numbers, lead = _numbers_and_name(rest)
    baseline = of_gain["baseline"] or (numbers[1] if len(numbers) > 1 else "0")
    return SignalLine(
        lead=lead or f"signal {index}",
        file_name=file_name,
        format=of_format["format"],
        samples_per_frame=int(of_format["per_frame"] or 1) or 1,
        skew=int(of_format["skew"] or 0),
        byte_offset=int(of_format["offset"] or 0),
        gain=float(of_gain["gain"]) or DEFAULT_GAIN,
        baseline=int(baseline),
        unit=of_gain["unit"] or DEFAULT_UNIT,
    )


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
