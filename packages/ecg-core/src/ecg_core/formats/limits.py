"""How large a record may be, whatever its format: what is larger is refused before it is loaded.

A file of a few kilobytes may unpack to gigabytes, and a header may claim anything. docs/reference/formats.md states
the numbers.
"""

from __future__ import annotations

from pathlib import Path

from ecg_core.errors import DataError

MAX_VALUES = 2**26
"""Samples of all leads: three hours of twelve leads at 500 Hz, a day of two at 360; read in less than 2 GB."""
MAX_MV = 1e9
"""A million volts: what is larger comes of a gain that is none, and its sums would not end."""
MAX_LEADS = 1024
"""More than body surface maps have."""
MAX_TABLE_BYTES = 2**27
"""Of a file of text with samples."""
MAX_TEXT_BYTES = 2**22
"""Of a header, of the comments above a table, and of names and metadata in an archive."""
MAX_LINE = 2**16
"""Characters of a line of text, numbers of 1024 leads among them."""


def require_values(path: Path, leads: int, samples: int) -> None:
    """Raise a DataError where a file says that it holds more than a record may."""
    if leads > MAX_LEADS:
        raise DataError(f"{path}: {leads} leads; a record has at most {MAX_LEADS}")
    if leads * samples > MAX_VALUES:
        raise DataError(
            f"{path}: {leads} leads of {_count(samples)} samples; a record has at most {MAX_VALUES} values in all, so "
            "cut it into pieces first"
        )


def require_bytes(path: Path, found: int, most: int, what: str) -> None:
    """Raise a DataError where a file, or something in it, is larger than a record needs.

    Args:
        path: the file.
        found: size in bytes.
        most: largest size allowed.
        what: is measured, ``the header`` say.
    """
    if found > most:
        raise DataError(f"{path}: {what} takes {found} bytes; at most {most} are read")


def _count(number: int) -> str:
    return str(number) if number < 10**18 else "more than 10^18"
