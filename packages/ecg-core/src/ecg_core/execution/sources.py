"""What tells whether the files that something was made from are still the same."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ecg_core.paths import is_remote


def absolute(location: str) -> str:
    """A file by its absolute path; a URL as it is."""
    return location if is_remote(location) else str(Path(location).absolute())


def state_of(files: Iterable[str]) -> str:
    """Size and time of change of some files, as a text that differs where any of them was changed.

    Of a URL, and of what is no file, nothing is known but where it lies.
    """
    return " ".join(map(_state_of_file, files))


def _state_of_file(location: str) -> str:
    if is_remote(location):
        return "remote"
    try:
        status = Path(location).stat()
    except OSError:
        return "absent"
    return f"{status.st_size}@{status.st_mtime_ns}"
