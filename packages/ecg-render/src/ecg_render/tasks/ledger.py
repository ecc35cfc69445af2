"""What a folder of made items holds, so that an interrupted task goes on where it stopped.

``metadata.jsonl`` has a line an item, sorted: the same bytes however often the task stopped and however many workers it
had. Whoever makes an item notes it in a file of its own as the last thing, so that even a kill loses no finished item;
the notes become lines when the task ends or starts again. ``recipe.json`` keeps what the items were made by, so that
nobody mixes two kinds in one folder unawares.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import ConfigError

METADATA_FILE = "metadata.jsonl"
RECIPE_FILE = "recipe.json"
NOTES_FOLDER = "unfinished"

Entry = Mapping[str, Any]
"""What is told of an item: ``id``, ``files`` (paths within the folder by what they are), and the rest."""


class Ledger:
    """The record of a folder; as a context it makes lines of the notes when it is entered and left.

    Args:
        folder: of the items.
        recipe: plain values that decide what an item looks like.
        overwrite: begin anew, whatever the folder holds.

    Raises:
        ConfigError: the folder holds items of another recipe.
    """

    def __init__(self, folder: Path, recipe: Mapping[str, Any], *, overwrite: bool = False) -> None:
        self.folder, self._file = folder, folder / METADATA_FILE
        recipe = json.loads(json.dumps(recipe))
        self._anew = overwrite
        self._entries: dict[str, Entry] = {} if overwrite else self._read()
        if self._entries:
            self._check(recipe)
        atomic_write_text(folder / RECIPE_FILE, json.dumps(recipe, indent=2) + "\n")

    def __enter__(self) -> Self:
        if self._anew:
            shutil.rmtree(self.folder / NOTES_FOLDER, ignore_errors=True)
        self._gather()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._gather()

    def has(self, key: str) -> bool:
        """Whether an item is done: told of, and all its files are there."""
        entry = self._entries.get(key)
        return entry is not None and all((self.folder / file).exists() for file in entry["files"].values())

    def _gather(self) -> None:
        """Make lines of the notes."""
        self._entries |= _entries_of(self._notes())
        lines = (json.dumps(self._entries[key], separators=(",", ":")) for key in sorted(self._entries))
        atomic_write_text(self._file, "".join(f"{line}\n" for line in lines))
        shutil.rmtree(self.folder / NOTES_FOLDER, ignore_errors=True)

    def _read(self) -> dict[str, Entry]:
        """Entries on the disk."""
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.is_file() else []
        return _entries_of((*lines, *self._notes()))

    def _notes(self) -> list[str]:
        return [file.read_text(encoding="utf-8") for file in (self.folder / NOTES_FOLDER).glob("*.json")]

    def _check(self, recipe: Mapping[str, Any]) -> None:
        file = self.folder / RECIPE_FILE
        earlier = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        differing = [name for name in {**earlier, **recipe} if earlier.get(name) != recipe.get(name)]
        if differing:
            told = ", ".join(f"{name} {earlier.get(name)} → {recipe.get(name)}" for name in differing)
            raise ConfigError(
                f"{self.folder} holds what was made with other options ({told}); choose another folder by --out, or "
                "make everything anew by --set overwrite=true"
            )


def _entries_of(texts: Iterable[str]) -> dict[str, Entry]:
    """Entries by their id; what a kill or a hand damaged is dropped, and its item made again."""
    entries = {}
    for text in texts:
        try:
            entry = json.loads(text)
            entries[entry["id"]] = entry
        except (ValueError, KeyError, TypeError):
            continue
    return entries


def note(folder: Path, entry: Entry) -> None:
    """Tell the folder's ledger of an item whose files are written; may be called in any process."""
    name = hashlib.sha256(entry["id"].encode()).hexdigest()[:32]
    atomic_write_text(folder / NOTES_FOLDER / f"{name}.json", json.dumps(entry))
