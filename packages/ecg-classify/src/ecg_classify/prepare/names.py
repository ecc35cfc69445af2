"""Names of prepared recordings, which follow from their paths and are the same whenever they are asked for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import PurePath, PurePosixPath

from ecg_classify.labels.mapping import FILE_NAME
from ecg_core.execution.sources import absolute
from ecg_core.formats import find_records

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def find_locations(roots: Sequence[str], kept: Mapping[str, str] | None = None) -> dict[str, str]:
    """Names of all records below some folders, by where they lie; a table of labels among them is none.

    A name is the folder's and the path in it, with what no file name may hold made ``_``; of two that would be the
    same, in capitals or not, the second gets ``-2``.

    Args:
        roots: files, or local or remote folders.
        kept: names of earlier records by their absolute paths or URLs: those keep theirs, and nobody else gets it.

    Raises:
        DataError: a folder is not there, or cannot be listed.
    """
    kept = kept or {}
    names: dict[str, str] = {}
    taken = {name.casefold() for name in kept.values()}
    for root in roots:
        for location in map(str, find_records(root)):
            if location not in names and PurePath(location).name != FILE_NAME:
                plain = _plain(root, location)
                free = (name for name in _numbered(plain) if name.casefold() not in taken)
                names[location] = kept.get(absolute(location)) or next(free)
                taken.add(names[location].casefold())
    return names


def source_of(location: str, roots: Sequence[str]) -> str:
    """Name of the folder that a record was found below, its data set mostly; of one named itself, its own folder."""
    path, *folders = (PurePosixPath(posixpath.normpath(_slashed(absolute(each)))) for each in (location, *roots))
    return next((folder for folder in folders if folder in path.parents), path.parent).name


def _slashed(text: str) -> str:
    return text.replace("\\", "/").rstrip("/")


def _plain(root: str, location: str) -> str:
    folder, path = _slashed(root), _slashed(location)
    inside = path.removeprefix(folder).strip("/")
    parts = PurePosixPath(PurePosixPath(folder).name, inside).with_suffix("").parts
    return "-".join(_UNFIT.sub("_", part).strip("_") for part in parts) or "record"


def _numbered(name: str) -> Iterable[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))
