"""What a run folder holds, item by item and part by part: a file of JSON lines that is only ever added to.

The first line says which task made it and with what options. A line a part follows as parts are finished, each with
where it came from, what became of it and the files it wrote; a line ends an item. The last word on a part counts.

A worker notes what it does in a file of its own before and after it writes; the notes become lines of the ledger when
the item ends or, after a kill, when the ledger is opened again. So nothing finished is lost, nothing half-written
counts, and files that a killed run left behind are known to be its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from ecg_core.atomic import remove_leftovers, writing
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.outputs import refuse_foreign, within
from ecg_core.run_lock import run_lock

LEDGER_VERSION = 1
WORKERS_END_WITHIN_S = 2.0
"""Workers of a killed run end by themselves, mostly within milliseconds; what they were writing goes with them."""

HEAD_BEGINS = b'{"ledger":'
LEDGER_SUFFIX, NOTES_SUFFIX = ".ledger.jsonl", ".notes"


def _as_texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


@attrs.frozen(kw_only=True)
class PartEntry:
    """What became of a part of an item.

    Attributes:
        item: key of the item.
        part: name of the part; empty where the item is all one.
        source: the file or URL that it was made from.
        state: of that file when it was read, see `ecg_core.execution.sources.state_of`.
        outcome: one word, ``done`` or ``refused`` say, by which parts are counted.
        failure: why it is not what was asked for; empty where it is.
        outputs: the files it wrote, by their names within the run folder.
        values: further plain values.
    """

    item: str
    part: str
    source: str
    state: str
    outcome: str
    failure: str = ""
    outputs: tuple[str, ...] = attrs.field(default=(), converter=_as_texts)
    values: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def of_line(cls, line: Mapping[str, Any]) -> PartEntry:
        """The entry of a line of a ledger; raises a TypeError for what is none."""
        return cls(**line)


@attrs.define
class ItemState:
    """What is known of an item.

    Attributes:
        source: what it was made from.
        state: of that.
        complete: whether it was ended.
        done: where in the ledger the line of each finished part begins, by the part's name.
        stale: the same of parts that were made from an earlier state of the source.
        failed: why it could not be ended; empty where it could.
    """

    source: str
    state: str
    complete: bool = False
    done: dict[str, int] = attrs.field(factory=dict)
    stale: dict[str, int] = attrs.field(factory=dict)
    failed: str = ""


class Ledger:
    """The ledger of one task in a run folder. Close it, or use it as a context manager.

    About 650 bytes an item are kept in memory; the rest is read from the file when it is asked for.

    Args:
        folder: the run folder.
        task: name of the task.
        recipe: plain values that decide what is made of an item.
        overwrite: begin anew, and remove what the ledger says was made.

    Raises:
        ConfigError: the folder holds results of other options.
        DataError: another run is at work in it, or its ledger is damaged.
    """

    def __init__(self, folder: Path, task: str, recipe: Mapping[str, Any], *, overwrite: bool = False) -> None:
        self.folder, self.task = folder, task
        self.path, self.notes = folder / f"{task}{LEDGER_SUFFIX}", folder / f".{task}{NOTES_SUFFIX}"
        self.items: dict[str, ItemState] = {}
        self._tables: set[str] = set()
        self._untidy: set[Path] = set()
        with ExitStack() as opened:
            with writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
            opened.enter_context(run_lock(folder, task))
            with writing(self.path):
                # Lines go past any buffer: one that a full disk refuses must not be tried again at the end.
                self._out = opened.enter_context(self.path.open("ab", buffering=0))
            self._file: BinaryIO = opened.enter_context(self.path.open("rb"))
            self._lock()
            self._begin(json.loads(json.dumps(recipe)), overwrite=overwrite)
            self._opened = opened.pop_all()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the folder go, and remove what workers that were killed have left in it."""
        for folder in self._untidy:
            remove_leftovers(folder)
        with suppress(OSError):  # it is not there, or a worker that was left off is still noting something
            self.notes.rmdir()
        self._opened.close()

    def owned(self, key: str) -> set[str]:
        """Files that an item has written."""
        item = self.items.get(key)
        return self._outputs_at((*item.done.values(), *item.stale.values())) if item else set()

    def entry_at(self, offset: int) -> PartEntry:
        """The part whose line begins there."""
        self._file.seek(offset)
        return PartEntry.of_line(json.loads(self._file.readline()))

    def table(self, name: str) -> Path:
        """Where the run as a whole writes a file, a table of all items say.

        Raises:
            ConfigError: the name leads out of the run folder.
            DataError: a file that no such run wrote is there.
        """
        path = within(self.folder, name)
        if name not in self._tables:
            refuse_foreign(path)
            self._append({"tables": [name]})
            self._tables.add(name)
        return path

    def notes_of(self, key: str) -> Path:
        """The file in which a worker notes what it does for an item."""
        digest = sha256(key.encode(errors="backslashreplace")).hexdigest()  # a name may hold what is no UTF-8
        return self.notes / f"{digest[:32]}.jsonl"

    def under_way(self, key: str) -> str:
        """The part of an item that a worker has begun and not finished; empty where it noted none."""
        begun = ""
        for line in _lines(self.notes_of(key)):
            begun = line.get("begin", "" if "part" in line else begun)
        return begun

    def end(self, key: str, source: str, state: str, *, failed: str = "") -> None:
        """Take over what a worker noted of an item, and end it; files of parts that are no more are removed.

        Args:
            key: of the item.
            source: what it was made from.
            state: of that.
            failed: why it could not be ended, and will be tried again.
        """
        before = self.owned(key)
        claims = self._take_over(self.notes_of(key))
        item = self.items.setdefault(key, ItemState(source, state))
        done = item.done if (item.source, item.state) == (source, state) else {}
        kept = self.owned(key) if failed else self._outputs_at(done.values())
        self._remove((before | claims) - kept)
        if failed:
            self._untidy |= self._folders_of(before | claims)
        ending: dict[str, Any] = {"failed": failed} if failed else {"parts": list(done)}
        line = {"item": key, "source": source, "state": state, **ending}
        self._apply(line, self._append(line))
        self.notes_of(key).unlink(missing_ok=True)

    def _folders_of(self, names: Iterable[str]) -> set[Path]:
        return {within(self.folder, name).parent for name in names}

    def _outputs_at(self, offsets: Iterable[int]) -> set[str]:
        return {name for offset in offsets for name in self.entry_at(offset).outputs}

    def _remove(self, names: Iterable[str]) -> None:
        for name in sorted(names):
            within(self.folder, name).unlink(missing_ok=True)

    def _lock(self) -> None:
        """Keep a second ledger of this process off the folder, too, where the file system can."""
        try:
            import fcntl
        except ImportError:
            return
        try:
            fcntl.flock(self._out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataError(
                f"{self.folder}: another run of {self.task} is at work in this folder; wait for it, or choose another "
                "by --out"
            ) from error
        except OSError:
            return

    def _begin(self, recipe: dict[str, Any], *, overwrite: bool) -> None:
        earlier = self._read()
        is_empty = not self.items and not self._tables and not any(self.notes.glob("*.jsonl"))
        if overwrite or is_empty:
            self._remove_everything()
            earlier = None
        if earlier is None:
            self._append({"ledger": LEDGER_VERSION, "task": self.task, "recipe": recipe})
        else:
            self._compare(earlier, recipe)
        for notes in sorted(self.notes.glob("*.jsonl")):
            self._clear_up_after(notes)

    def _clear_up_after(self, notes: Path) -> None:
        """Take over what a killed worker finished, and remove what it did not finish."""
        claims = self._take_over(notes)
        rewritten = {name for key in self.items if self.notes_of(key) == notes for name in self.owned(key)}
        for folder in self._folders_of(claims | rewritten):
            remove_leftovers(folder, patience_s=WORKERS_END_WITHIN_S)
        self._remove(claims - {name for key in self.items for name in self.owned(key)})
        notes.unlink()

    def _read(self) -> dict[str, Any] | None:
        """Take in the lines that are there; gives the recipe of an earlier run, None where there was none."""
        self._file.seek(0)
        head: dict[str, Any] | None = None
        offset = 0
        for text in self._file:
            line = _parsed(text)
            if head is None and line is None and text.startswith(HEAD_BEGINS) and not text.endswith(b"\n"):
                return None  # a kill cut its very first line short: nothing was made
            if head is None:
                head = self._checked_head(line)
            elif line is not None:
                self._apply(line, offset)
            offset += len(text)
        if offset and not text.endswith(b"\n"):  # a line that a kill cut short; what follows stands on its own
            self._write(b"\n")
        return head["recipe"] if head else None

    def _checked_head(self, line: Mapping[str, Any] | None) -> dict[str, Any]:
        if line is None or line.get("ledger") != LEDGER_VERSION or not isinstance(line.get("recipe"), dict):
            raise DataError(
                f"{self.path} is no ledger of this version of {self.task}; choose another folder by --out, or remove "
                "the file and what was made"
            )
        return dict(line)

    def _compare(self, earlier: Mapping[str, Any], recipe: Mapping[str, Any]) -> None:
        differing = [name for name in {**earlier, **recipe} if earlier.get(name) != recipe.get(name)]
        if differing:
            told = ", ".join(f"{name} {earlier.get(name)} → {recipe.get(name)}" for name in differing)
            raise ConfigError(
                f"{self.folder} holds what {self.task} made with other options ({told}); choose another folder by "
                "--out, or make everything anew by --overwrite"
            )

    def _remove_everything(self) -> None:
        names = {name for key in self.items for name in self.owned(key)} | self._tables
        for notes in self.notes.glob("*.jsonl"):
            names |= {str(line["claim"]) for line in _lines(notes) if "claim" in line}
            notes.unlink()
        self._remove(names)
        self.items.clear()
        self._tables.clear()
        self._out.truncate(0)

    def _apply(self, line: Mapping[str, Any], offset: int) -> None:
        if "tables" in line:
            self._tables.update(line["tables"])
            return
        item = self.items.setdefault(line["item"], ItemState(line["source"], line["state"]))
        if (item.source, item.state) != (line["source"], line["state"]):
            item.stale |= item.done
            item.source, item.state, item.done, item.complete = line["source"], line["state"], {}, False
        if "part" in line:
            item.done[line["part"]], item.complete = offset, False
        else:
            self._apply_end(item, line)

    @staticmethod
    def _apply_end(item: ItemState, line: Mapping[str, Any]) -> None:
        item.failed = line.get("failed", "")
        item.complete = not item.failed
        if item.complete:
            item.done = {part: item.done[part] for part in line["parts"] if part in item.done}
            item.stale = {}

    def _take_over(self, notes: Path) -> set[str]:
        """Make lines of a worker's notes; gives the files that it was about to write or has written."""
        claims = set()
        for line in _lines(notes):
            if "part" in line:
                self._apply(line, self._append(line))
            elif "claim" in line:
                claims.add(str(line["claim"]))
        return claims

    def _append(self, line: Mapping[str, Any]) -> int:
        """Add a line; gives where it begins."""
        offset = self._file.seek(0, os.SEEK_END)
        self._write(_text(line))
        return offset

    def _write(self, text: bytes) -> None:
        with writing(self.path):
            _write_whole(self._out, text)


class Notes:
    """What a worker notes of an item, each line as it happens.

    Args:
        path: of the file; it is made when there is something to note.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None

    def begin(self, part: str) -> None:
        """A part is worked on from now on."""
        self._write({"begin": part})

    def claim(self, name: str) -> None:
        """A file is about to be written."""
        self._write({"claim": name})

    def part(self, entry: PartEntry) -> None:
        """A part is finished, with all its files."""
        self._write(attrs.asdict(entry))

    def close(self) -> None:
        """No more lines."""
        if self._file is not None:
            self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        with writing(self._path):
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("wb", buffering=0)
            _write_whole(self._file, _text(line))


def _text(line: Mapping[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _parsed(text: bytes) -> dict[str, Any] | None:
    """A line; None for one that a kill cut short."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open("rb") as file:
            yield from filter(None, map(_parsed, file))


def _write_whole(file: FileIO, text: bytes) -> None:
    """Write all of a text; a file without a buffer may take a part of it where the disk is full."""
    rest = memoryview(text)
    while rest:
        rest = rest[file.write(rest) :]
