"""WFDB: a header (``.hea``) and a signal file (``.dat``), as on PhysioNet."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ecg_core.formats import mat
from ecg_core.formats.files import naming
from ecg_core.formats.header import SUFFIX, Header, in_units, read_header, record_of, signal_files
from ecg_core.formats.writing import write_signals
from ecg_core.record import Record


class WfdbFormat:
    """Reads any single-segment record whose leads share one rate; writes format 16 with steps of 1 µV."""

    def companions(self, path: Path) -> list[str]:
        """The signal files that a header names, or the header of a signal file."""
        return signal_files(path) if path.suffix.lower() == SUFFIX else [path.with_suffix(SUFFIX).name]

    def read(self, path: Path) -> Record:
        """The record of a header, or of the header beside a ``.dat``.

        Signals in µV, mV and V become mV, others are left out. Invalid samples become NaN, comments metadata.

        Raises:
            DataError: a file is missing, malformed or too short, or nothing was recorded in volts.
        """
        header = read_header(path if path.suffix.lower() == SUFFIX else path.with_suffix(SUFFIX))
        if any(name.lower().endswith(mat.SUFFIX) for name in header.file_names):
            return mat.read_described(header)
        for name in header.file_names:
            header.check_size(name)
        return _read_plain(header) if header.is_plain else _read_signals(header)

    def write(self, record: Record, path: Path) -> list[Path]:
        """Write ``.hea`` and ``.dat``.

        Raises:
            DataError: the file's name or a lead's name cannot stand in a header.
        """
        return write_signals(record, path, suffix=".dat", byte_offset=0, save=_save)


def _save(steps: np.ndarray, path: Path) -> None:
    path.write_bytes(steps.T.astype("<i2").tobytes())


def _read_plain(header: Header) -> Record:
    """The record of a plain file; wfdb would parse the header once more for it."""
    path, count = header.path.with_name(header.file_names[0]), len(header.signals)
    with naming(header.path, "reading the signal"):
        expected = -1 if header.num_samples is None else header.num_samples * count
        steps = np.fromfile(path, "<i2", expected, offset=header.signals[0].byte_offset)
        samples = len(steps) // count
        steps = steps[: samples * count].reshape(samples, count).T
    return record_of(header, lambda number: in_units(header.signals[number], steps[number]))


def _read_signals(header: Header) -> Record:
    """The record of files of any kind."""
    import wfdb

    with naming(header.path, "reading the signal"):
        parsed = wfdb.rdrecord(str(header.path.resolve().with_suffix("")), smooth_frames=False)
    return record_of(header, lambda number: np.asarray(parsed.e_p_signal[number]))
