"""Pages whose recordings are known: beside them, or in folders of the digitization competition's form."""

from __future__ import annotations

import csv
from pathlib import Path

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.formats import read_record
from ecg_core.record import Record
from ecg_digitize.pages.files import find_page_files, is_page
from ecg_digitize.pages.truth import match_truth

INDEX = "train.csv"
USUAL_DURATION_S = 10.0
HOW_TO_GET = (
    "The competition's data come by `ecg run render.kaggle_subset --out FOLDER` or from "
    "https://www.kaggle.com/competitions/physionet-ecg-image-digitization/data; any folder of pages with their "
    "recordings will do as well, see docs/guide/digitize.md"
)


@attrs.frozen
class KnownPage:
    """A page file and its recording.

    Attributes:
        picture: the page.
        truth: file of the recording.
        rate_hz: of a recording that does not state its own; None where it does.
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
        pairs: as of `ecg_digitize.pages.truth.match_truth`.

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
    """Tables of the records; in the folder or in its subfolder ``train``."""
    for root in (folder, folder / "train"):
        if found := sorted(table for table in root.glob("*/*.csv") if table.stem == table.parent.name):
            return found
    return []


def _rates(folder: Path) -> dict[str, float]:
    """Sampling rate of each record, of the competition's table where it is there.

    Raises:
        DataError: it is no such table.
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
    """Of a page of ten seconds."""
    with table.open("rb") as lines:
        return float(np.round((sum(1 for _ in lines) - 1) / USUAL_DURATION_S))
