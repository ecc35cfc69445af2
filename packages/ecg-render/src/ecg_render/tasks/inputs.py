"""Which records the files, folders and URLs on a command line stand for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any, Protocol, TypeVar

import attrs

from ecg_core.context import Failure
from ecg_core.errors import DataError
from ecg_core.formats import find_records, read_record
from ecg_core.paths import is_remote, remote_name
from ecg_core.record import Record

log = logging.getLogger(__name__)


@attrs.frozen
class RecordSource:
    """A record to read.

    Attributes:
        location: its file or URL.
        key: what its results are called, without a suffix: its path within the folder that was named, so that equal
            names in different folders stay apart.
    """

    location: str
    key: str

    def read(self, *, sampling_rate_hz: float | None = None) -> Record:
        """The record.

        Args:
            sampling_rate_hz: of a CSV that does not state it; other formats always do.

        Raises:
            DataError: it is absent, damaged or of an unknown kind; the message names it.
        """
        if not is_remote(self.location) and not Path(self.location).exists():
            raise DataError(f"{self.location}: there is no such file or folder")
        is_table = PurePath(_file_name(self.location)).suffix.lower() == ".csv"
        options: dict[str, Any] = {"sampling_rate_hz": sampling_rate_hz} if sampling_rate_hz and is_table else {}
        return read_record(self.location, **options)


def find_sources(inputs: Iterable[str]) -> Iterator[RecordSource]:
    """Every record among files and folders, folders searched with all below them.

    What was named and is no folder is taken as it is, whether it exists or not: reading it will tell.

    Raises:
        DataError: a remote folder cannot be listed.
    """
    for text in inputs:
        if not _is_folder(text):
            yield RecordSource(text, PurePath(_file_name(text)).stem)
            continue
        locations = find_records(text)
        if not locations:
            log.warning("%s: no record in this folder", text)
        for location in locations:
            yield RecordSource(str(location), _key_within(text, str(location)))


class Source(Protocol):
    """Something to make from.

    Attributes:
        location: what a person calls it.
        key: what the results are called.
    """

    @property
    def location(self) -> str: ...
    @property
    def key(self) -> str: ...


SourceT = TypeVar("SourceT", bound=Source)


def distinct(sources: Sequence[SourceT], result: Callable[[SourceT], Any]) -> tuple[list[SourceT], list[Failure]]:
    """The first source of every key, and a failure for every later one, whose results would replace another's."""
    first: dict[str, SourceT] = {}
    failures = []
    for source in sources:
        earlier = first.setdefault(source.key, source)
        if earlier is not source:
            reason = (
                f"its results would be {result(source)} like those of {earlier.location}; give them different folders"
            )
            failures.append(Failure(source.location, reason))
    return list(first.values()), failures


def _file_name(text: str) -> str:
    return remote_name(text) if is_remote(text) else PurePath(text).name


def _is_folder(text: str) -> bool:
    """Whether to search it; a URL without a suffix is taken for a folder."""
    return not PurePath(_file_name(text)).suffix if is_remote(text) else Path(text).is_dir()


def _key_within(folder: str, location: str) -> str:
    if not is_remote(location):
        return Path(location).relative_to(folder).with_suffix("").as_posix()
    within = location.removeprefix(f"{folder.rstrip('/')}/")
    return PurePath(remote_name(location) if is_remote(within) else within).with_suffix("").as_posix()
