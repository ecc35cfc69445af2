"""NumPy archives with signal, rate and lead names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError, shown_names
from ecg_core.formats.comments import COMMENTS
from ecg_core.formats.files import make_record, naming, require_file
from ecg_core.formats.limits import MAX_TEXT_BYTES, MAX_VALUES, require_bytes, require_values
from ecg_core.record import Record

REQUIRED = ("signal_mv", "sampling_rate_hz", "lead_names")
"""Arrays without which a file is no record; ``name`` and ``metadata`` (a JSON object as text) may be there too."""


KNOWN = {*REQUIRED, "name", "metadata"}
BYTES_OF_HEAD = 2**14
"""Of an array, before its values."""


class NpzFormat:
    """Reads and writes ``.npz``; keeps everything of a record, its signal bit by bit."""

    def read(self, path: Path) -> Record:
        """The record of an archive; nothing in it is unpickled.

        Raises:
            DataError: the file is missing or damaged, or lacks an array, or nothing was recorded.
        """
        require_file(path)
        if not is_zipfile(path):
            raise DataError(f"{path}: no NumPy archive, or cut short; numpy.savez makes one")
        with naming(path, "reading the archive"), path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            _check_keys(path, list(archive))
            _check_sizes(path, archive)
            optional = {"name": _text(path, "name", archive["name"])} if "name" in archive else {}
            return make_record(
                path,
                signal_mv=_signal(path, archive["signal_mv"]),
                sampling_rate_hz=_scalar(path, archive["sampling_rate_hz"]),
                lead_names=_names(path, archive["lead_names"]),
                metadata=_metadata(path, archive["metadata"]) if "metadata" in archive else {},
                **optional,
            )

    def write(self, record: Record, path: Path) -> list[Path]:
        """Write one compressed archive."""
        with atomic_path(path) as aside, aside.open("wb") as file:
            np.savez_compressed(
                file,
                signal_mv=record.signal_mv,
                sampling_rate_hz=np.float64(record.sampling_rate_hz),
                lead_names=np.array(record.lead_names, dtype=str),
                name=np.array(record.name, dtype=str),
                metadata=np.array(json.dumps(_with_text_keys(record.metadata), default=_plain), dtype=str),
            )
        return [path]


def _check_keys(path: Path, found: list[str]) -> None:
    missing = [key for key in REQUIRED if key not in found]
    if missing:
        raise DataError(f"{path}: no {', '.join(missing)} in it; found {shown_names(found) or 'nothing'}")


def _check_sizes(path: Path, archive: Any) -> None:
    """Look at how large the arrays are before any is unpacked."""
    for info in archive.zip.infolist():
        key = info.filename.removesuffix(".npy")
        most = 8 * MAX_VALUES if key == "signal_mv" else MAX_TEXT_BYTES
        if key in KNOWN:
            require_bytes(path, info.file_size, most + BYTES_OF_HEAD, key)


def _signal(path: Path, signal: np.ndarray) -> np.ndarray:
    if signal.ndim != 2 or signal.dtype.kind not in "iuf":
        raise DataError(
            f"{path}: signal_mv should be numbers of the shape (leads, samples), found {signal.shape} of {signal.dtype}"
        )
    require_values(path, *signal.shape)
    with np.errstate(over="ignore"):  # Record refuses what overflows by name
        return signal.astype(np.float32)


def _text(path: Path, key: str, text: np.ndarray) -> str:
    if text.ndim or text.dtype.kind != "U":
        raise DataError(f"{path}: {key} should be a text, found {text.dtype} of shape {text.shape}")
    return str(text)


def _scalar(path: Path, rate: np.ndarray) -> float:
    if rate.size != 1 or rate.dtype.kind not in "iuf":
        raise DataError(f"{path}: sampling_rate_hz should be one number, found {rate.dtype} of shape {rate.shape}")
    return float(rate.item())


def _names(path: Path, names: np.ndarray) -> list[str]:
    if names.ndim != 1 or names.dtype.kind != "U":
        raise DataError(f"{path}: lead_names should be a list of texts, found {names.dtype} of shape {names.shape}")
    return [str(name) for name in names]


def _metadata(path: Path, text: np.ndarray) -> dict[str, Any]:
    metadata = json.loads(_text(path, "metadata", text))
    if not isinstance(metadata, dict):
        raise DataError(f"{path}: metadata should be a JSON object, found {type(metadata).__name__}")
    if isinstance(comments := metadata.get(COMMENTS), list):
        metadata[COMMENTS] = tuple(comments)
    return metadata


def _with_text_keys(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    """Metadata as JSON can hold it, which knows texts as keys."""
    return {
        str(key): _with_text_keys(value) if isinstance(value, Mapping) else value for key, value in metadata.items()
    }


def _plain(value: Any) -> Any:
    """A value that JSON can hold, in place of one that it cannot."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return list(value) if isinstance(value, set | frozenset) else str(value)
