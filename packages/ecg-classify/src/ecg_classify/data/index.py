"""The index of a prepared folder: its recordings, their classes, patients and splits."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import attrs

from ecg_classify.classes import CLASSES
from ecg_classify.options import RecordingsConfig
from ecg_classify.prepare.files import INDEX
from ecg_classify.prepare.splits import group_of, stratified_split
from ecg_core.errors import ConfigError, DataError

COLUMNS = ("name", "classes", "split", "patient_id")


@attrs.frozen(kw_only=True)
class Entry:
    """A recording.

    Attributes:
        name: of it.
        row: number of its line in the index.
        classes: one or several of `ecg_classify.classes.CLASSES`.
        split: ``train``, ``validation`` or ``test``.
        group: what must stay in one split: its patient, or itself.
        source: folder that it came from, its data set; empty where it is not known.
    """

    name: str
    row: int
    classes: tuple[str, ...]
    split: str
    group: str
    source: str = ""

    @property
    def target(self) -> list[float]:
        """Share of each class in the recording; the sum is 1."""
        return [(label in self.classes) / len(self.classes) for label in CLASSES]


def read_index(config: RecordingsConfig, *, seed: int) -> list[Entry]:
    """The recordings of a folder with their splits: its own, or those of a fold.

    Raises:
        ConfigError: no folder is named, or there is no such fold.
        DataError: the folder was not made by `classify.prepare`.
    """
    entries = _read(config.prepared_folder())
    return _of_fold(entries, config, seed) if config.folds else entries


def _read(folder: Path) -> list[Entry]:
    path = folder / INDEX
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; `ecg run classify.prepare --out {folder}` makes it")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not set(COLUMNS) <= rows[0].keys():
        raise DataError(f"{path}: expected columns {', '.join(COLUMNS)} and a row a recording")
    return [_entry(folder, number, row) for number, row in enumerate(rows)]


def _entry(folder: Path, number: int, row: dict[str, str]) -> Entry:
    classes = tuple(row["classes"].split(";"))
    if not set(classes) <= set(CLASSES):
        raise DataError(f"{folder / INDEX}: {row['name']} is {row['classes']!r}; classes are {', '.join(CLASSES)}")
    return Entry(
        name=row["name"],
        row=number,
        classes=classes,
        split=row["split"],
        group=group_of(row["patient_id"], row["name"]),
        source=row.get("source", ""),
    )


def _of_fold(entries: Sequence[Entry], config: RecordingsConfig, seed: int) -> list[Entry]:
    """The recordings dealt out to folds: one to test on, the next for validation, the others to train on."""
    if config.folds < 3:
        raise ConfigError(f"data.folds: at least 3, found {config.folds}: to test, to validate and to train")
    if not config.fold < config.folds:
        raise ConfigError(f"data.fold: folds go from 0 to {config.folds - 1}, found {config.fold}")
    shares = {str(number): 1 / config.folds for number in range(config.folds)}
    classes, groups = [each.classes for each in entries], [each.group for each in entries]
    parts = stratified_split(classes, groups, seed=seed, shares=shares)
    named = {str(config.fold): "test", str((config.fold + 1) % config.folds): "validation"}
    return [attrs.evolve(entry, split=named.get(part, "train")) for entry, part in zip(entries, parts, strict=True)]
