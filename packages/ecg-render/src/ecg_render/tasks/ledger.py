"""What a folder of made items holds, so that an interrupted task goes on where it stopped.

``metadata.jsonl`` has a line an item. Lines are added as items are done, and sorted when all are: the same bytes
however often the task stopped and however many workers it had. ``recipe.json`` keeps what the items were made by, so
that nobody mixes two kinds in one folder unawares.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import ConfigError

METADATA_FILE = "metadata.jsonl"
RECIPE_FILE = "recipe.json"

Entry = Mapping[str, Any]
"""What is told of an item: ``id``, ``files`` (paths within the folder by what they are), and the rest."""


class Ledger:
    """The record of a folder.

    Args:
        folder: of the items.
        recipe: plain values that decide what an item looks like.
        overwrite: begin anew, whatever the folder holds.

    Raises:
        ConfigError: the folder holds items of another recipe.
    """

    def __init__(self, folder: Path, recipe: Mapping[str, Any], *, overwrite: bool = False) -> None:
        self._folder, self._file = folder, folder / METADATA_FILE
        recipe = json.loads(json.dumps(recipe))
        self._entries: dict[str, Entry] = {} if overwrite else self._read()
        if self._entries:
            self._check(recipe)
        atomic_write_text(folder / RECIPE_FILE, json.dumps(recipe, indent=2) + "\n")
        self._lines: IO[str] | None = None

    def __enter__(self) -> Self:
        self._rewrite()
        self._lines = self._file.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._lines:
            self._lines.close()
        self._rewrite()

    def has(self, key: str) -> bool:
        """Whether an item is done: told of, and all its files are there."""
        entry = self._entries.get(key)
        return entry is not None and all((self._folder / file).exists() for file in entry["files"].values())

    def add(self, entry: Entry) -> None:
        """Tell of an item whose files are written."""
        self._entries[entry["id"]] = entry
        if self._lines:
            self._lines.write(_line(entry))
            self._lines.flush()

    def _rewrite(self) -> None:
        atomic_write_text(self._file, "".join(_line(self._entries[key]) for key in sorted(self._entries)))

    def _read(self) -> dict[str, Entry]:
        """Entries on the disk; a line that was being written when the process was killed is dropped."""
        if not self._file.is_file():
            return {}
        entries = {}
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
                entries[entry["id"]] = entry
            except (ValueError, KeyError, TypeError):
                continue
        return entries

    def _check(self, recipe: Mapping[str, Any]) -> None:
        file = self._folder / RECIPE_FILE
        earlier = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        differing = [name for name in {**earlier, **recipe} if earlier.get(name) != recipe.get(name)]
        if differing:
            told = ", ".join(f"{name} {earlier.get(name)} → {recipe.get(name)}" for name in differing)
            raise ConfigError(
                f"{self._folder} holds what was made with other options ({told}); choose another folder by --out, or "
                "make everything anew by --set overwrite=true"
            )


def _line(entry: Entry) -> str:
    return json.dumps(entry, separators=(",", ":")) + "\n"
