"""Names of output files: one a page, fit for WFDB, and never the same for two inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from itertools import count
from pathlib import Path

_REFUSED_BY_WFDB = re.compile(r"[^A-Za-z0-9_-]+")
_PAGE_NUMBER = re.compile(r"-p\d+$")


def assign_stems(files: Iterable[Path], kept: Mapping[str, str] | None = None) -> dict[Path, str]:
    """A stem for each file, in order.

    Characters that WFDB refuses in a record's name become ``_``. A file whose stem is taken, in capitals or not, gets
    ``-2``, ``-3`` … So does one that the pages of another file could take: ``a-p1.png`` beside ``a.pdf``.

    Args:
        files: in the order in which they choose.
        kept: stems of earlier files by their absolute paths: those files keep theirs, and nobody else gets it.
    """
    kept = kept or {}
    taken = {stem.casefold() for stem in kept.values()}
    documents = {_document(stem) for stem in taken}  # what is taken, without the number of a page
    stems = {}
    for file in files:
        stem = kept.get(str(file.absolute())) or _free_stem(file, taken, documents)
        stems[file] = stem
        taken.add(stem.casefold())
        documents.add(_document(stem.casefold()))
    return stems


def _free_stem(file: Path, taken: Set[str], documents: Set[str]) -> str:
    plain = _REFUSED_BY_WFDB.sub("_", file.stem).strip("_") or "page"
    candidates = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(each for each in candidates if not _clashes(each.casefold(), taken, documents))


def _clashes(stem: str, taken: Set[str], documents: Set[str]) -> bool:
    is_page_of_taken = _document(stem) != stem and _document(stem) in taken
    return stem in taken or is_page_of_taken or stem in documents


def _document(stem: str) -> str:
    return _PAGE_NUMBER.sub("", stem)
