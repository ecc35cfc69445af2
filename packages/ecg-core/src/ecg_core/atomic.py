"""Files that are either whole or absent: written aside, then renamed."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4


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
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _beside(target)
    try:
        yield aside
        if flush:
            _flush_tree(aside)
        _replace(aside, target)
    finally:
        _remove(aside)
    if flush:
        _flush(target.parent)


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


def _beside(target: Path) -> Path:
    """A hidden name in the folder of ``target`` with its suffixes; the same file system, so a rename is one step."""
    return target.with_name(f".{uuid4().hex[:12]}.tmp{''.join(target.suffixes)}")


def _replace(aside: Path, target: Path) -> None:
    """Rename over ``target``; a full folder cannot be renamed over, so the old one is first moved aside."""
    if not (aside.is_dir() and target.is_dir()):
        aside.replace(target)
        return
    old = _beside(target)
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
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
