"""Steps that readers and writers of all formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ecg_core.errors import DataError, one_line, shortened, shown, shown_name
from ecg_core.formats.limits import MAX_MV
from ecg_core.record import Record


def require_file(path: Path, hint: str = "") -> None:
    """Raise a DataError unless ``path`` is a file."""
    if path.is_file():
        return
    what = "a folder, not a file" if path.is_dir() else "no such file"
    raise DataError(f"{path}: {what}{'; ' + hint if hint else ''}")


@contextmanager
def naming(path: Path, doing: str) -> Iterator[None]:
    """Turn whatever a library raises over a damaged file into a DataError that names it; a DataError passes through.

    Args:
        path: the file.
        doing: what is being done, ``reading the header`` say.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{path}: {doing} failed: {shortened(one_line(error))}") from error


def make_record(path: Path, **fields: Any) -> Record:
    """A record named after its file.

    Raises:
        DataError: the fields do not fit together, no amplifier gives such a voltage, or nothing at all was recorded;
            the message names the file.
    """
    try:
        record = Record(**{"name": path.stem} | fields)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    if (strange := np.abs(record.signal_mv) > MAX_MV).any():
        lead, sample = (int(axis[0]) for axis in np.nonzero(strange))
        raise DataError(
            f"{path}: sample {sample} of lead {shown_name(record.lead_names[lead])} is "
            f"{record.signal_mv[lead, sample]:.3g} mV; are its gain and unit right?"
        )
    if not np.isfinite(record.signal_mv).any():
        raise DataError(
            f"{path}: no sample was recorded: all {record.num_samples} samples of {record.num_leads} leads are empty"
        )
    return record


def require_printable(names: Iterable[str], path: Path, *, forbidden: str = "", ascii_only: bool = False) -> None:
    """Raise a DataError for a lead name that a text format cannot give back as it is."""
    for name in names:
        strange = not name or not name.isprintable() or any(character in name for character in forbidden)
        if strange or (ascii_only and not name.isascii()):
            raise DataError(f"{path}: the lead name {shown(name)} cannot be written in this format; rename the lead")
