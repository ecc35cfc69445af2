"""Names of output files: one a page, fit for WFDB, and never the same for two inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count
from pathlib import Path

_REFUSED_BY_WFDB = re.compile(r"[^A-Za-z0-9_-]+")
_PAGE_NUMBER = re.compile(r"-p\d+$")


def assign_stems(files: Iterable[Path]) -> dict[Path, str]:
    """A stem for each file, in order.

    Characters that WFDB refuses in a record's name become ``_``. A file whose stem is taken, in capitals or not, gets
    ``-2``, ``-3`` … So does one that the pages of another file could take: ``a-p1.png`` beside ``a.pdf``.
    """
    taken: set[str] = set()
    stems = {}
    for file in files:
        plain = _REFUSED_BY_WFDB.sub("_", file.stem).strip("_") or "page"
        candidates = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
        stems[file] = next(stem for stem in candidates if not _clashes(stem.casefold(), taken))
        taken.add(stems[file].casefold())
    return stems


def _clashes(stem: str, taken: set[str]) -> bool:
    of_document = _PAGE_NUMBER.sub("", stem)
    is_page_of_taken = of_document != stem and of_document in taken
    return stem in taken or is_page_of_taken or any(_PAGE_NUMBER.sub("", other) == stem for other in taken)
