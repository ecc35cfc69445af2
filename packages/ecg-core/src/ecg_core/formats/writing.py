"""Writing a signal as 16-bit steps beside a WFDB header."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError
from ecg_core.formats.comments import comments_from_metadata
from ecg_core.formats.files import require_printable
from ecg_core.formats.header import SUFFIX
from ecg_core.record import Record

INVALID_STEP = -32768
MAX_STEP = 32767
STEPS_PER_MV = 1000.0

if TYPE_CHECKING:
    import wfdb

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
        DataError: the file's name, a lead's name or the rate cannot stand in a header.
    """
    header_path, data_path = path.with_suffix(SUFFIX), path.with_suffix(suffix)
    _check(record, header_path)
    steps, gains = to_steps(record.signal_mv)
    with atomic_path(header_path) as header, atomic_path(data_path) as data:
        save(steps, data)
        _write_header(_describe(record, data_path.name, steps, gains, byte_offset), header)
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


def _check(record: Record, path: Path) -> None:
    if not _NAME.fullmatch(path.stem):
        proper = re.sub(r"[^-A-Za-z0-9_]+", "_", path.stem)
        raise DataError(
            f"{path}: a WFDB record's name holds only letters, digits, - and _; found {path.stem!r}; try {proper!r}"
        )
    require_printable(record.lead_names, path, ascii_only=True)
    if "e" in repr(record.sampling_rate_hz):
        raise DataError(f"{path}: a rate of {record.sampling_rate_hz} Hz cannot stand in a WFDB header")
    if not record.num_leads or not record.num_samples:
        raise DataError(f"{path}: an empty record: {record.num_leads} leads of {record.num_samples} samples")


def _describe(record: Record, data_name: str, steps: np.ndarray, gains: list[float], byte_offset: int) -> wfdb.Record:
    """The header as wfdb's own object."""
    import wfdb

    leads = record.num_leads
    description = wfdb.Record(
        record_name=Path(data_name).stem,
        fs=record.sampling_rate_hz,
        units=["mV"] * leads,
        sig_name=list(record.lead_names),
        d_signal=steps.T.astype(np.int64),
        file_name=[data_name] * leads,
        fmt=["16"] * leads,
        byte_offset=[byte_offset or None] * leads,
        adc_gain=gains,
        baseline=[0] * leads,
        comments=comments_from_metadata(record.metadata),
    )
    description.set_d_features()
    description.set_defaults()
    return description


def _write_header(description: wfdb.Record, path: Path) -> None:
    """Write a header to a path of any name; wfdb itself always calls it after the record."""
    with TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        description.wrheader(write_dir=folder)
        Path(folder, f"{description.record_name}{SUFFIX}").replace(path)
