"""MATLAB files of the PhysioNet/CinC challenges: ``val`` (leads, samples) in a ``.mat`` beside a WFDB header."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ecg_core.errors import DataError
from ecg_core.formats.files import naming, require_file
from ecg_core.formats.header import SUFFIX as HEADER_SUFFIX
from ecg_core.formats.header import Header, in_units, read_header, record_of
from ecg_core.formats.writing import INVALID_STEP, write_signals
from ecg_core.record import Record

SUFFIX = ".mat"
VARIABLE = "val"
BYTES_BEFORE_SAMPLES = 24
"""A version 4 file begins with 20 bytes of header and the 4 of ``val\\0``, hence the ``16+24`` of the challenges."""

_NUMBERS = {"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "single", "double"}


class MatFormat:
    """Reads ``val`` of MATLAB files up to version 7 by the header beside it; writes version 4 with a header."""

    def companions(self, path: Path) -> list[str]:
        """The header."""
        return [path.with_suffix(HEADER_SUFFIX).name]

    def read(self, path: Path) -> Record:
        """The record of a ``.mat``; rate, gains and lead names come from the header.

        Raises:
            DataError: either file is missing or malformed, they do not agree, or nothing was recorded.
        """
        require_file(path)
        header_path = path.with_suffix(HEADER_SUFFIX)
        require_file(header_path, f"{path.name} holds numbers only; their rate, gain and leads stand in its header")
        header = read_header(header_path)
        if header.file_names != [path.name]:
            raise DataError(f"{header_path}: describes {', '.join(header.file_names)}, not {path.name}")
        return read_described(header)

    def write(self, record: Record, path: Path) -> list[Path]:
        """Write ``.hea`` and ``.mat``; `wfdb.rdrecord` and `scipy.io.loadmat` read them.

        Raises:
            DataError: the file's name, a lead's name or the rate cannot stand in a header.
        """
        return write_signals(record, path, suffix=SUFFIX, byte_offset=BYTES_BEFORE_SAMPLES, save=_save)


def read_described(header: Header) -> Record:
    """The record of a header whose signals are in one ``.mat``.

    Raises:
        DataError: there are more files than one, or the file is missing, malformed or of another shape.
    """
    if len(header.file_names) > 1:
        raise DataError(f"{header.path}: a .mat holds all leads of a record; found {', '.join(header.file_names)}")
    path = header.path.with_name(header.file_names[0])
    require_file(path, f"{header.path.name} says that it holds the signal")
    return record_of(header, in_units(header, _load(path, header)))


def _load(path: Path, header: Header) -> np.ndarray:
    """``val`` as float64, NaN for invalid samples; its kind and shape are looked at before it is loaded."""
    from scipy.io import loadmat, whosmat

    with naming(path, "reading the MATLAB file"):
        variables = {name: (shape, kind) for name, shape, kind in whosmat(str(path), appendmat=False)}
        if VARIABLE not in variables:
            raise DataError(f"{path}: no variable {VARIABLE!r}; found {', '.join(variables) or 'none'}")
        shape, kind = variables[VARIABLE]
        _check(path, header, shape, kind)
        values = loadmat(str(path), variable_names=[VARIABLE], appendmat=False)[VARIABLE]
        return np.where(values == INVALID_STEP, np.nan, values.astype(np.float64))


def _check(path: Path, header: Header, shape: tuple[int, ...], kind: str) -> None:
    if kind not in _NUMBERS:
        raise DataError(f"{path}: {VARIABLE} should hold numbers, found {kind}")
    leads, samples = len(header.signals), header.num_samples or shape[-1]
    if shape != (leads, samples):
        raise DataError(
            f"{path}: {header.path.name} says {leads} leads of {samples} samples; {VARIABLE} has the shape {shape}"
        )


def _save(steps: np.ndarray, path: Path) -> None:
    from scipy.io import savemat

    savemat(str(path), {VARIABLE: steps.astype("<i2")}, appendmat=False, format="4")
