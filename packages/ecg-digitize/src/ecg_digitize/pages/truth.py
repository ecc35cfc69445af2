"""Which recording a page was printed from: by name, or by a list of pairs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ecg_core.errors import DataError
from ecg_core.formats import find_records

PAIR_COLUMNS = ("page", "truth")
RATE_SUFFIXES = ("", "_hr", "_lr")
_PRINT_NUMBER = re.compile(r"-\d+$")


def match_truth(pages: Iterable[Path], truth: Path, pairs: Path | None = None) -> dict[Path, Path]:
    """The recording of each page.

    A page belongs to the record with its own stem, or with its stem less a number of the print (``00012_hr-0.jpg`` to
    ``00012_hr.hea``), each also with ``_hr`` or ``_lr`` appended. ``pairs`` overrules that.

    Args:
        pages: picture files.
        truth: a folder of records.
        pairs: CSV with the columns ``page`` and ``truth``, stems or file names.

    Raises:
        DataError: a page has no recording, or ``pairs`` is not as it should be.
    """
    records = {path.stem: path for path in map(Path, find_records(truth))}
    named = dict(_read_pairs(pairs)) if pairs else {}
    return {page: _record_of(page, records, named, truth) for page in pages}


def _record_of(page: Path, records: Mapping[str, Path], named: Mapping[str, str], truth: Path) -> Path:
    candidates = [named[page.stem]] if page.stem in named else list(_possible_stems(page.stem))
    for stem in candidates:
        if stem in records:
            return records[stem]
    raise DataError(
        f"{page}: no recording to compare with; looked in {truth} for {', '.join(candidates)}. "
        "A CSV with the columns page,truth says which belongs to which: pairs=FILE"
    )


def _possible_stems(stem: str) -> Iterator[str]:
    for base in dict.fromkeys((stem, _PRINT_NUMBER.sub("", stem))):
        yield from (f"{base}{suffix}" for suffix in RATE_SUFFIXES)


def _read_pairs(file: Path) -> Iterator[tuple[str, str]]:
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: the list of pairs cannot be read ({error})") from error
    for number, row in enumerate(rows, start=2):
        page, truth = (row.get(column) for column in PAIR_COLUMNS)
        if not page or not truth:
            raise DataError(f"{file}, line {number}: expected the columns {' and '.join(PAIR_COLUMNS)}, found {row}")
        yield Path(page).stem, Path(truth).stem
