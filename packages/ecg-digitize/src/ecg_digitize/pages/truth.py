"""Which recording a page was printed from: by name, by a list of pairs, or by the folders of the competition."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from ecg_core.errors import DataError
from ecg_core.formats import find_records, read_record
from ecg_core.record import Record
from ecg_digitize.pages.files import find_page_files, is_page

PAIR_COLUMNS = ("page", "truth")
RATE_SUFFIXES = ("", "_hr", "_lr")
_PRINT_NUMBER = re.compile(r"-\d+$")

INDEX = "train.csv"
USUAL_DURATION_S = 10.0
"""Duration of the competition's recordings; their sampling rate is told by it where no table tells it."""

HOW_TO_GET = (
    "The competition's data come by `ecg run render.kaggle_subset --out FOLDER` or from "
    "https://www.kaggle.com/competitions/physionet-ecg-image-digitization/data; any folder of pages with their "
    "recordings will do as well, see docs/guide/digitize.md"
)


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


@attrs.frozen
class KnownPage:
    """A page file whose recording is known.

    Attributes:
        picture: file of the page.
        truth: file of the recording.
        rate_hz: sampling rate of a recording that does not state its own; None where it does.
    """

    picture: Path
    truth: Path
    rate_hz: float | None = None

    def read_truth(self) -> Record:
        """The recording; errors as of `ecg_core.read_record`."""
        return read_record(self.truth, sampling_rate_hz=self.rate_hz) if self.rate_hz else read_record(self.truth)


def find_known_pages(folder: Path, truth: Path | None = None, pairs: Path | None = None) -> list[KnownPage]:
    """Every page of a folder.

    Args:
        folder: of pages; or in the competition's form, ``<id>/<id>-0001.png`` … with ``<id>/<id>.csv``, and a
            ``train.csv`` with the columns ``id`` and ``fs`` in it or above it.
        truth: folder of the recordings of other pages, by default the same.
        pairs: as of `match_truth`.

    Raises:
        DataError: there is no such folder, nothing in it, or a page without a recording.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder; looked in {folder.absolute()}. {HOW_TO_GET}")
    if records := _competition_records(folder):
        rates = _rates(folder)
        return [
            KnownPage(picture, table, rates.get(table.stem) or _rate_of(table))
            for table in records
            for picture in sorted(table.parent.glob(f"{table.stem}-*"))
            if is_page(picture)
        ]
    try:
        files = find_page_files([folder])
    except DataError as error:
        raise DataError(f"{error}, nor <id>/<id>.csv with <id>/<id>-0001.png. {HOW_TO_GET}") from error
    return [KnownPage(page, record) for page, record in match_truth(files, truth or folder, pairs).items()]


def _competition_records(folder: Path) -> list[Path]:
    """The tables of the competition's records, in the folder or in its subfolder ``train``."""
    for root in (folder, folder / "train"):
        if found := sorted(table for table in root.glob("*/*.csv") if table.stem == table.parent.name):
            return found
    return []


def _rates(folder: Path) -> dict[str, float]:
    """Sampling rate of each record by the competition's table; empty where there is none.

    Raises:
        DataError: the file is no such table.
    """
    for index in (folder / INDEX, folder.parent / INDEX):
        if index.is_file():
            try:
                with index.open(newline="", encoding="utf-8") as lines:
                    return {row["id"]: float(row["fs"]) for row in csv.DictReader(lines)}
            except (KeyError, ValueError, TypeError, UnicodeDecodeError, csv.Error) as error:
                raise DataError(f"{index}: no table with the columns id and fs ({error!r})") from error
    return {}


def _rate_of(table: Path) -> float:
    """Sampling rate of a recording of ten seconds, by the number of its lines."""
    with table.open("rb") as lines:
        return float(round((sum(1 for _ in lines) - 1) / USUAL_DURATION_S))
