"""MATLAB files of the PhysioNet/CinC challenges: ``val`` (leads, samples) in a ``.mat`` beside a WFDB header."""

from __future__ import annotations

import zlib
from os import SEEK_CUR
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from ecg_core.errors import DataError, shown_names
from ecg_core.formats.files import naming, require_file
from ecg_core.formats.header import SUFFIX as HEADER_SUFFIX
from ecg_core.formats.header import Header, in_units, read_header, record_of
from ecg_core.formats.limits import MAX_TEXT_BYTES, MAX_VALUES, require_bytes, require_values
from ecg_core.formats.writing import write_signals
from ecg_core.record import Record

SUFFIX = ".mat"
VARIABLE = "val"
BYTES_BEFORE_SAMPLES = 24
"""A version 4 file begins with 20 bytes of header and the 4 of ``val\\0``, hence the ``16+24`` of the challenges."""

BYTES_OF_HEAD = 128
PACKED = 15
"""Kind of an element that is compressed, in a file of version 5."""
MAX_BYTES = 8 * MAX_VALUES + MAX_TEXT_BYTES
PIECE_BYTES = 2**20

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
            raise DataError(f"{header_path}: describes {shown_names(header.file_names)}, not {path.name}")
        return read_described(header)

    def write(self, record: Record, path: Path) -> list[Path]:
        """Write ``.hea`` and ``.mat``; `wfdb.rdrecord` and `scipy.io.loadmat` read them.

        Raises:
            DataError: the file's name or a lead's name cannot stand in a header.
        """
        return write_signals(record, path, suffix=SUFFIX, byte_offset=BYTES_BEFORE_SAMPLES, save=_save)


def read_described(header: Header) -> Record:
    """The record of a header whose signals are in one ``.mat``.

    Raises:
        DataError: there are more files than one, or the file is missing, malformed or of another shape.
    """
    if len(header.file_names) > 1:
        raise DataError(f"{header.path}: a .mat holds all leads of a record; found {shown_names(header.file_names)}")
    path = header.path.with_name(header.file_names[0])
    require_file(path, f"{header.path.name} says that it holds the signal")
    values = _load(path, header)
    return record_of(header, lambda number: in_units(header.signals[number], values[number]))


def _load(path: Path, header: Header) -> np.ndarray:
    """``val``; its kind and shape, and how much is packed in the file, are looked at before it is loaded."""
    from scipy.io import loadmat, whosmat

    with naming(path, "reading the MATLAB file"):
        _require_bounded(path)
        variables = {name: (shape, kind) for name, shape, kind in whosmat(str(path), appendmat=False)}
        if VARIABLE not in variables:
            raise DataError(f"{path}: no variable {VARIABLE!r}; found {shown_names(variables) or 'none'}")
        shape, kind = variables[VARIABLE]
        _check(path, header, shape, kind)
        return np.asarray(loadmat(str(path), variable_names=[VARIABLE], appendmat=False)[VARIABLE])


def _require_bounded(path: Path) -> None:
    """Raise a DataError where the packed elements of a file of version 5 hold more than a record does.

    scipy believes the sizes that stand in them.
    """
    with path.open("rb") as file:
        begin = file.read(BYTES_OF_HEAD)
        order: Literal["little", "big"] = "little" if begin[-2:] == b"IM" else "big"
        if begin[-2:] not in (b"IM", b"MI"):
            return
        unpacked = 0
        while len(tag := file.read(8)) == 8:
            kind, size = (int.from_bytes(part, order) for part in (tag[:4], tag[4:]))
            if kind != PACKED:
                file.seek(size, SEEK_CUR)
                continue
            unpacked += _unpacked_bytes(file, size, most=MAX_BYTES - unpacked)
            require_bytes(path, unpacked, MAX_BYTES, "what is packed in it")


def _unpacked_bytes(file: BinaryIO, size: int, most: int) -> int:
    """Bytes that a packed element holds, counted no further than past the most that are allowed; nothing is kept."""
    unpacker, end, counted = zlib.decompressobj(), file.tell() + size, 0
    while counted <= most and not unpacker.eof:
        piece = unpacker.unconsumed_tail or file.read(min(PIECE_BYTES, end - file.tell()))
        if not piece:
            break
        counted += len(unpacker.decompress(piece, PIECE_BYTES))
    file.seek(end)
    return counted


def _check(path: Path, header: Header, shape: tuple[int, ...], kind: str) -> None:
    require_values(path, len(header.signals), shape[-1] if shape else 0)
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
