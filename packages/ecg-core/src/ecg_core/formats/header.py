"""WFDB headers (``.hea``), which describe signal files of several kinds."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_core.errors import DataError, shown, shown_name, shown_names
from ecg_core.formats.comments import metadata_from_comments
from ecg_core.formats.files import make_record, naming, require_file
from ecg_core.formats.header_lines import SignalLine, parse_record_line, parse_signal_line, require_countable
from ecg_core.formats.limits import MAX_LINE, MAX_TEXT_BYTES, require_bytes, require_values
from ecg_core.record import Record

log = logging.getLogger(__name__)

SUFFIX = ".hea"
INVALID_STEP = -32768
"""The step of 16 bits that stands for no sample."""

_BYTES_PER_SAMPLE = {
    "8": 1.0,
    "16": 2.0,
    "24": 3.0,
    "32": 4.0,
    "61": 2.0,
    "80": 1.0,
    "160": 2.0,
    "212": 1.5,
    "310": 4 / 3,
    "311": 4 / 3,
}
_COMPRESSED = {"508", "516", "524"}
MAX_NAME = 255
"""Characters in the name of a file."""
_SEVERAL_SEGMENTS = re.compile(r"\S+/\d+\s")


@attrs.frozen(kw_only=True)
class Header:
    """A header of one segment.

    Attributes:
        path: of the header file.
        sampling_rate_hz: samples a second, the same for all signals.
        num_samples: of each signal; None if the header does not say.
        signals: in the order of the header.
        metadata: ``comments`` and the ``key: value`` pairs among them.
    """

    path: Path
    sampling_rate_hz: float
    num_samples: int | None
    signals: tuple[SignalLine, ...]
    metadata: dict[str, Any]

    @property
    def is_plain(self) -> bool:
        """Whether all signals stand sample by sample in one file of 16-bit numbers, as in most records."""
        return len(self.file_names) == 1 and all(
            (signal.format, signal.samples_per_frame, signal.skew) == ("16", 1, 0) for signal in self.signals
        )

    @property
    def file_names(self) -> list[str]:
        """The signal files, each once."""
        return list(dict.fromkeys(signal.file_name for signal in self.signals))

    def check_size(self, file_name: str) -> None:
        """Raise a DataError unless a signal file beside the header is there and long enough."""
        data = self.path.with_name(file_name)
        require_file(data, f"{self.path.name} says that it holds the signal")
        inside = [signal for signal in self.signals if signal.file_name == file_name]
        unknown = {signal.format for signal in inside} - _BYTES_PER_SAMPLE.keys() - _COMPRESSED
        if unknown:
            raise DataError(f"{self.path}: unknown sample format {', '.join(sorted(unknown))} of {file_name}")
        if inside[0].format in _COMPRESSED:
            if self.num_samples is None:
                raise DataError(f"{self.path}: says no number of samples, without which no compressed file is read")
            return
        if self.num_samples is None:
            frame_bytes = _BYTES_PER_SAMPLE[inside[0].format] * len(inside)
            require_values(self.path, len(self.signals), int(data.stat().st_size / frame_bytes))
            return
        samples = self.num_samples * len(inside)
        expected = inside[0].byte_offset + math.ceil(samples * _BYTES_PER_SAMPLE[inside[0].format])
        if (found := data.stat().st_size) < expected:
            raise DataError(
                f"{data}: too short: {self.path.name} says {self.num_samples} samples of {len(inside)} leads, "
                f"which take {expected} bytes; the file has {found}. Fetch it again."
            )


def read_header(path: Path) -> Header:
    """Read and check a header.

    Raises:
        DataError: it is missing or malformed, has several segments, several rates or no signals, or names a file
            outside its folder.
    """
    lines, comments = _lines(path)
    _check_lines(path, lines)
    try:
        for line in lines:
            require_countable(line)
        first = parse_record_line(lines[0])
        signals = tuple(parse_signal_line(line, index) for index, line in enumerate(lines[1:]))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    per_frame = _samples_per_frame(path, signals, first.frame_rate_hz)
    num_samples = first.num_frames * per_frame if first.num_frames else None
    require_values(path, len(signals), num_samples or 0)
    return Header(
        path=path,
        sampling_rate_hz=first.frame_rate_hz * per_frame,
        num_samples=num_samples,
        signals=signals,
        metadata=metadata_from_comments(comments),
    )


def record_of(header: Header, physical: Callable[[int], np.ndarray]) -> Record:
    """A record in mV from signals in the units of their header; signals that are no voltages are left out.

    Args:
        header: describes the signals.
        physical: gives the signal of a number, float64; NaN where nothing was recorded. One is made at a time, so that
            a long record takes little more memory than it needs in the end.

    Raises:
        DataError: none is a voltage, or nothing was recorded.
    """
    volts = [(row, signal) for row, signal in enumerate(header.signals) if signal.mv_per_unit]
    others = [f"{signal.lead} in {signal.unit}" for signal in header.signals if not signal.mv_per_unit]
    if not volts:
        raise DataError(f"{header.path}: no signal is in V, mV, uV or nV: {shown_names(others)}")
    if others:
        log.warning("%s: left out what is no voltage: %s", header.path, shown_names(others))
    with naming(header.path, "scaling the signal"), np.errstate(all="ignore"):  # Record refuses what overflows by name
        signal_mv = np.stack([(physical(row) * signal.mv_per_unit).astype(np.float32) for row, signal in volts])
    return make_record(
        header.path,
        signal_mv=signal_mv,
        sampling_rate_hz=header.sampling_rate_hz,
        lead_names=[signal.lead for _, signal in volts],
        metadata=header.metadata,
    )


def in_units(signal: SignalLine, steps: np.ndarray) -> np.ndarray:
    """A signal in its physical unit, float64, from steps; NaN for those that stand for no sample."""
    values = np.where(steps == INVALID_STEP, np.nan, steps)
    return np.asarray((values - signal.baseline) / signal.gain)


def signal_files(path: Path) -> list[str]:
    """Names of the signal files of a header, without looking at the rest of it; none if it cannot be read."""
    try:
        lines, _ = _lines(path)
    except DataError:
        return []
    return list(dict.fromkeys(line.split()[0] for line in lines[1:]))


def _lines(path: Path) -> tuple[list[str], list[str]]:
    """The lines of a header, and its comments."""
    require_file(path, "a WFDB record needs its header")
    require_bytes(path, path.stat().st_size, MAX_TEXT_BYTES, "the header")
    with naming(path, "reading the header"):
        text = path.read_bytes().decode("utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [line for line in lines if line[0] != "#"], [line for line in lines if line[0] == "#"]


def _check_lines(path: Path, lines: list[str]) -> None:
    if not lines:
        raise DataError(f"{path}: an empty header; the first line should say name, number of leads, rate and length")
    for line in lines:
        if not line.isascii():
            raise DataError(f"{path}: not plain ASCII outside the comments: {shown(line)}; write uV for µV")
        if len(line) > MAX_LINE:
            raise DataError(f"{path}: a line of {len(line)} characters; at most {MAX_LINE} are read")
    if _SEVERAL_SEGMENTS.match(lines[0]):
        raise DataError(f"{path}: a record of several segments; join them first, wfdb.rdrecord(..., m2s=True) does")
    for line in lines[1:]:
        name = line.split()[0]
        if any(character in name for character in "/\\:"):
            raise DataError(f"{path}: points outside its folder, at {shown(name)}; such a file is not read")
        if not name.isprintable() or len(name) > MAX_NAME:
            raise DataError(f"{path}: {shown(name)} is no name of a file")
    declared, found = [*lines[0].split(), "nothing"][1], len(lines) - 1
    if declared != str(found) or found == 0:
        raise DataError(
            f"{path}: the first line gives {shown_name(declared)} as the number of leads, but {found} leads follow"
        )


def _samples_per_frame(path: Path, signals: tuple[SignalLine, ...], frame_rate_hz: float) -> int:
    """Samples of each signal in a frame; the sampling rate is the frame rate of the header times this number."""
    counts = {signal.samples_per_frame for signal in signals}
    if len(counts) > 1:
        rates = shown_names(f"{signal.lead} {signal.samples_per_frame * frame_rate_hz:g} Hz" for signal in signals)
        raise DataError(f"{path}: the leads have different sampling rates: {rates}; resample them to one")
    return counts.pop()
