"""Files that are either whole or absent: written aside, then renamed.

What is written aside has a hidden name that tells the process that writes it, so that what a killed one left behind can
be told from what is being written now.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from ecg_core.errors import OutputError, one_line, why_not_written

_ASIDE = re.compile(r"\.[0-9a-f]{12}(\.(?P<process>\d+))?\.tmp(\.|$)")
"""Names that are written to aside; those of earlier releases tell no process."""

_QUERY_LIMITED_INFORMATION, _STILL_ACTIVE = 0x1000, 259
"""Of Windows."""


@contextmanager
def atomic_path(path: str | Path, *, flush: bool = True) -> Iterator[Path]:
    """A path beside ``path`` to write to; it takes the place of ``path`` when the block ends without an error.

    The temporary path does not exist yet and keeps the suffixes of ``path``, since many writers choose by them; make
    a file or a folder there. Missing parent folders are made. After an error the temporary path is removed and
    ``path`` is as it was. An existing file is replaced in one step; for an existing folder there is a short moment
    in which it has been moved aside.

    Args:
        path: what is to be written.
        flush: force it onto the disk before it takes its place. Without that a loss of power may leave it cut short,
            which is borne where there are many small files that can be told to be damaged, and made again.

    Raises:
        FileNotFoundError: the block wrote nothing at the temporary path.
        OutputError: the disk is full or read-only, or the name is too long.
    """
    target = Path(path)
    aside = name_aside(target)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield aside
            if flush:
                _flush_tree(aside)
            _replace(aside, target)
        finally:
            _remove(aside)
        if flush:
            _flush(target.parent)


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Tell what is wrong with the place where ``path`` is written, if it is that; ``path`` may be the folder of all.

    Raises:
        OutputError: the disk is full or read-only, or a name is too long.
    """
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        if not (reason := why_not_written(error)):
            raise
        named = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(path)
        is_of_another = not _is_part_of(Path(path), Path(named))
        raise OutputError(one_line(error) if is_of_another else f"{path} cannot be written: {reason}") from error


def atomic_write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 text file, whole or not at all; line ends stay as they are in ``text``.

    Bytes of a file's name that are no UTF-8, which Python holds as surrogates, are written escaped: ``\\udcff``.
    """
    with atomic_path(path) as aside:
        aside.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")


def atomic_write_csv(path: str | Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table in CSV with a line of names above it, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    atomic_write_text(path, text.getvalue())


def name_aside(target: Path) -> Path:
    """A hidden name in the folder of ``target`` with its suffixes; the same file system, so a rename is one step."""
    return target.with_name(f".{uuid4().hex[:12]}.{os.getpid()}.tmp{''.join(target.suffixes)}")


def _is_part_of(target: Path, file: Path) -> bool:
    """Whether a file is a target, lies in it, or is what is written aside for it."""
    return file.is_relative_to(target) or (file.parent == target.parent and _ASIDE.match(file.name) is not None)


def remove_leftovers(folder: Path, *, patience_s: float = 0.0) -> None:
    """Remove what a killed process was writing aside in a folder, not below it; nothing else, whatever its name.

    Call it where no other machine writes to the folder: of the processes of this machine those that live are known.

    Args:
        folder: where to look.
        patience_s: how long to wait for processes to end, where those that worked for a killed one may be ending.
    """
    deadline = time.monotonic() + patience_s
    for path in folder.glob(".*.tmp*"):
        found = _ASIDE.match(path.name)
        if found is None or path.is_symlink():
            continue
        process = int(found["process"] or 0)  # earlier releases told none
        while process and is_alive(process) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not process or not is_alive(process):
            _remove(path)


def is_alive(process: int) -> bool:
    """Whether a process of this machine is there and works; where that cannot be told, it is taken to."""
    if sys.platform == "win32":  # where `os.kill` ends a process, whatever the signal
        return _is_alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return not _has_ended(process)


def _has_ended(process: int) -> bool:
    """Whether a process is there in name alone, until its parent takes note of its end; Linux tells it."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[:1] in (["Z"], ["X"])


def _is_alive_on_windows(process: int) -> bool:
    import ctypes

    kernel, code = ctypes.windll.kernel32, ctypes.c_ulong()  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, process)
    if not handle:
        return False
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == _STILL_ACTIVE


def _replace(aside: Path, target: Path) -> None:
    """Rename over ``target``; a full folder cannot be renamed over, so the old one is first moved aside."""
    if not (aside.is_dir() and target.is_dir()):
        aside.replace(target)
        return
    old = name_aside(target)
    target.rename(old)
    try:
        aside.rename(target)
    except OSError:
        old.rename(target)
        raise
    _remove(old)


def _flush_tree(path: Path) -> None:
    """Force a file, or a folder and all it holds, onto the disk."""
    if path.is_dir():
        for child in path.rglob("*"):
            _flush(child)
    _flush(path)


def _flush(path: Path) -> None:
    """Force one file or folder onto the disk; Windows cannot open folders, and its renames need no such help."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
