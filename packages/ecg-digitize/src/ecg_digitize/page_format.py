"""Pages as a format of records: whatever reads records reads a photo, a scan or a PDF that it is given by name."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NoReturn

import attrs

from ecg_core.errors import DataError, EcgError
from ecg_core.record import Record
from ecg_digitize.pages.files import load_pages
from ecg_digitize.reader import digitize

QUALITY = "digitization"
"""Where the record's metadata say how far it can be trusted."""

log = logging.getLogger(__name__)


class PageFormat:
    """Reads a file of one page by the digitizer that suits it; a doubtful one is told, a refused one is an error."""

    def read(self, path: Path) -> Record:
        """The record of a page, its quality in the metadata under ``digitization``.

        Raises:
            DataError: the file is no picture, is damaged, has several pages, or shows nothing that could be read.
        """
        pages = load_pages(path)
        page = next(pages)
        if page.name != path.stem:
            raise DataError(f"{path}: it has several pages; `ecg digitize {path}` makes a record of each")
        try:
            found = digitize(page)
        except EcgError as error:
            raise DataError(f"{path}: {error}") from error
        if found.verdict == "refused":
            raise DataError(f"{path}: refused: {'; '.join(found.warnings)}")
        if found.verdict != "good":
            log.warning("%s: read, but %s: %s", path, found.verdict, "; ".join(found.warnings))
        metadata = {**found.record.metadata, QUALITY: found.quality.to_plain()}
        return attrs.evolve(found.record, name=path.stem, metadata=metadata)

    def write(self, record: Record, path: Path) -> NoReturn:
        """Pages are drawn, not written.

        Raises:
            DataError: always.
        """
        raise DataError(f"{path}: a page of a record is drawn by `ecg render`, not written as a format")
