"""Writing a signal as 16-bit steps beside a WFDB header."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError, shown_name
from ecg_core.formats.comments import comments_from_metadata
from ecg_core.formats.files import require_printable
from ecg_core.formats.header import INVALID_STEP, SUFFIX
from ecg_core.record import Record

MAX_STEP = 32767
STEPS_PER_MV = 1000.0
COARSE_STEPS_PER_MV, FEWEST_STEPS = 100.0, 3
"""Fewer steps in a millivolt, or in the largest value of a lead, show no waves."""

log = logging.getLogger(__name__)

_NAME = re.compile(r"[-A-Za-z0-9_]+")


def write_signals(
    record: Record, path: Path, *, suffix: str, byte_offset: int, save: Callable[[np.ndarray, Path], object]
) -> list[Path]:
    """Write a signal file and the header that describes it; returns both.

    Args:
        record: what to write.
        path: of either file; its suffix does not matter.
        suffix: of the signal file.
        byte_offset: where in it the samples begin.
        save: ``(steps, path)`` writes int16 steps, shape (leads, samples).

    Raises:
        DataError: the file's name or a lead's name cannot stand in a header.
    """
    header_path, data_path = path.with_suffix(SUFFIX), path.with_suffix(suffix)
    _check(record, header_path)
    steps, gains = to_steps(record.signal_mv)
    _tell_what_is_lost(record, steps, gains, data_path)
    with atomic_path(header_path) as header, atomic_path(data_path) as data:
        save(steps, data)
        text = _header(record, data_path.name, steps, gains, byte_offset)
        header.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    return [header_path, data_path]


def to_steps(signal_mv: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """A signal as 16-bit steps, NaN as WFDB's invalid sample.

    Args:
        signal_mv: shape (leads, samples).

    Returns:
        int16 steps of the same shape, and how many make a millivolt, lead by lead: 1000 (1 µV), or the largest
        smaller power of ten with which the lead fits.
    """
    peaks = np.nanmax(np.abs(signal_mv.astype(np.float64)), axis=1, initial=0.0)
    excess = np.ceil(np.log10(np.maximum(peaks * STEPS_PER_MV / MAX_STEP, 1.0)))
    gains = STEPS_PER_MV / 10.0**excess
    steps = np.rint(signal_mv * gains[:, None])
    return np.where(np.isnan(steps), INVALID_STEP, steps).astype(np.int16), gains.tolist()


def _tell_what_is_lost(record: Record, steps: np.ndarray, gains: list[float], path: Path) -> None:
    """Warn of leads that 16 bits hold roughly: a spike takes the range of all else, and what is tiny has no steps."""
    for lead, own, gain in zip(record.lead_names, steps, gains, strict=True):
        most = int(np.abs(own[own != INVALID_STEP].astype(np.int64)).max(initial=0))
        is_level = not np.any(record.lead_mv(lead)[own != INVALID_STEP])
        if gain < COARSE_STEPS_PER_MV or (most < FEWEST_STEPS and not is_level):
            log.warning(
                "%s: lead %s is written in steps of %g mV, its largest being %d of them; CSV and NumPy files hold more",
                path,
                shown_name(lead),
                1 / gain,
                most,
            )


def _check(record: Record, path: Path) -> None:
    if not _NAME.fullmatch(path.stem):
        proper = re.sub(r"[^-A-Za-z0-9_]+", "_", path.stem)
        raise DataError(
            f"{path}: a WFDB record's name holds only letters, digits, - and _; found {path.stem!r}; try {proper!r}"
        )
    require_printable(record.lead_names, path, ascii_only=True)
    if not record.num_leads or not record.num_samples:
        raise DataError(f"{path}: an empty record: {record.num_leads} leads of {record.num_samples} samples")


def _header(record: Record, data_name: str, steps: np.ndarray, gains: list[float], byte_offset: int) -> str:
    """The text of a header, as header(5) of the WFDB Applications Guide has it."""
    file_and_format = f"{data_name} 16{f'+{byte_offset}' if byte_offset else ''}"
    checksums = steps.sum(axis=1, dtype=np.int64).astype(np.int16)
    lines = [
        f"{Path(data_name).stem} {record.num_leads} {_plain(record.sampling_rate_hz)} {record.num_samples}",
        *(
            f"{file_and_format} {_plain(gain)}(0)/mV 16 0 {first} {checksum} 0 {lead}"
            for gain, first, checksum, lead in zip(gains, steps[:, 0], checksums, record.lead_names, strict=True)
        ),
        *(f"# {comment}" for comment in comments_from_metadata(record.metadata)),
    ]
    return "\n".join(lines) + "\n"


def _plain(number: float) -> str:
    """A number with all its digits, and no point where it is whole."""
    return repr(float(number)).removesuffix(".0")
