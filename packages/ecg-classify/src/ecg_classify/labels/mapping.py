"""Labels from a table, ``unified_label_mapping.csv``, whose records are found whatever their paths look like here."""

from __future__ import annotations

import csv
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import dropwhile
from pathlib import Path
from typing import Self

import attrs

from ecg_classify.classes import CLASSES
from ecg_core.errors import DataError

FILE_NAME = "unified_label_mapping.csv"
COLUMNS = ("dataset", "record_id", "mapped_label")
PATIENT = "patient_id"
"""A column that may be there too."""

SUFFIXES = (".hea", ".dat", ".mat", ".csv", ".npz", ".json", ".xml", ".edf")
_NUMBERED = re.compile(r"(?:hr|lr)?0*(\d+)(?:_hr|_lr)?")
"""PTB-XL calls a record ``00001_hr``, the PhysioNet challenges ``HR00001``, its table ``1``."""

_SEVERAL = re.compile(r"[+;]")
"""Separators between the classes of a recording that has several: ``MI+AF``."""

LEAST_NAME = 3
"""Letters that a data set's name must have to be looked for in others."""


@attrs.frozen(kw_only=True)
class MappedRecord:
    """A row of the table.

    Attributes:
        dataset: as written.
        parts: folders and name of the record, in small letters, without a suffix.
        labels: of `ecg_classify.classes.CLASSES`, in their order; mostly one.
        patient: empty where it is not known.
    """

    dataset: str
    parts: tuple[str, ...]
    labels: tuple[str, ...]
    patient: str = ""


@attrs.frozen(kw_only=True)
class LabelMapping:
    """Labels of records.

    Attributes:
        by_stem: rows whose records have one name, by that name.
        refused: what is wrong with rows that were left out, a text each.
    """

    by_stem: dict[str, list[MappedRecord]]
    refused: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """The table of a file; a row that cannot be used is told, and stops no other.

        Raises:
            DataError: it cannot be read, or lacks a column.
        """
        rows: list[MappedRecord] = []
        refused: list[str] = []
        for number, row in _rows(path):
            try:
                rows.append(_mapped(row))
            except DataError as error:
                refused.append(f"{path.name}, line {number}: {error}")
        return cls.of(rows, refused)

    @classmethod
    def of(cls, rows: Iterable[MappedRecord], refused: Sequence[str] = ()) -> Self:
        """A mapping of the given rows."""
        by_stem: dict[str, list[MappedRecord]] = defaultdict(list)
        for row in rows:
            by_stem[_stem(row.parts)].append(row)
        return cls(by_stem=dict(by_stem), refused=tuple(refused))

    def find(self, location: str) -> MappedRecord | None:
        """The row of a record by its path or URL here; None where no row, or no single one, fits.

        Rows of its name whose data set the path speaks of come first, then those that share most folders with it.
        """
        parts = _parts(_below(location))
        candidates = self.by_stem.get(_stem(parts), []) if parts else []
        if len({row.dataset for row in candidates}) > 1:
            candidates = [row for row in candidates if _is_of(row.dataset, parts)] or candidates
        shared = [_shared(row.parts, parts) for row in candidates]
        best = [row for row, count in zip(candidates, shared, strict=True) if count == max(shared)]
        return best[0] if len({row.labels for row in best}) == 1 else None


def _rows(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as a table in UTF-8: {error}") from error
    reader = csv.DictReader(text.splitlines())
    found = [name.strip() for name in reader.fieldnames or ()]
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise DataError(f"{path}: no column {', '.join(missing)}; found {', '.join(found) or 'none'}")
    reader.fieldnames = found
    for row in reader:
        yield reader.line_num, {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}


def _mapped(row: dict[str, str]) -> MappedRecord:
    given = {label.strip() for label in _SEVERAL.split(row["mapped_label"].upper())}
    if not given <= set(CLASSES):
        raise DataError(f"mapped_label is {row['mapped_label']!r}, which is none of {', '.join(CLASSES)}")
    parts = _parts(row["record_id"])
    if not parts:
        raise DataError("record_id is empty")
    return MappedRecord(
        dataset=row["dataset"],
        parts=parts,
        labels=tuple(label for label in CLASSES if label in given),
        patient=row.get(PATIENT, ""),
    )


def _below(location: str) -> str:
    """Where a record lies, without the folders above this one that the way to it begins with."""
    steps = posixpath.normpath(location.replace("\\", "/")).split("/")
    return "/".join(dropwhile(lambda step: step == "..", steps))


def _parts(path: str) -> tuple[str, ...]:
    """Folders and name of a path of any system, in small letters, without its suffix.

    Raises:
        DataError: it leads out of the folder that it begins in.
    """
    kept: list[str] = []
    for part in re.split(r"[/\\]+", path.strip().casefold()):
        if part == "..":
            if not kept:
                raise DataError(f"{path!r} leads out of the folder of the records")
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    if kept:
        kept[-1] = next((kept[-1].removesuffix(end) for end in SUFFIXES if kept[-1].endswith(end)), kept[-1])
    return tuple(kept)


def _stem(parts: tuple[str, ...]) -> str:
    """A record's name by which it is looked up: numbers without what data sets put about them."""
    numbered = _NUMBERED.fullmatch(parts[-1])
    return numbered[1] if numbered else parts[-1]


def _is_of(dataset: str, parts: Sequence[str]) -> bool:
    """Whether a path speaks of a data set, however it spells it."""
    name = _letters(dataset)
    others = (_letters(part) for part in parts[:-1])
    return len(name) >= LEAST_NAME and any(
        name in other or (len(other) >= LEAST_NAME and other in name) for other in others
    )


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold()).removeprefix("wfdb")


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Number of folders above their names that two paths share, counted from the last one."""
    pairs = zip(reversed(one[:-1]), reversed(other[:-1]), strict=False)
    return next((number for number, (mine, yours) in enumerate(pairs) if mine != yours), min(len(one), len(other)) - 1)
