"""Make many items, each by itself, in one folder: in parallel, resumable, one bad item never stopping the others."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import attrs
import cv2

from ecg_core.context import Failure
from ecg_core.errors import RunInterrupted
from ecg_core.execution import map_items
from ecg_core.progress import progress
from ecg_render.tasks.ledger import Entry, Ledger, note


class Item(Protocol):
    """Something to make from.

    Attributes:
        location: what a person calls it.
        key: what the results are called; no two of a task are the same.
    """

    @property
    def location(self) -> str: ...
    @property
    def key(self) -> str: ...


ItemT = TypeVar("ItemT", bound=Item)


@attrs.frozen
class Made:
    """What came of it.

    Attributes:
        num_made: items that were made now.
        num_there: items that were there already.
        failures: items that could not be made.
    """

    num_made: int
    num_there: int
    failures: list[Failure]


def make_all(
    work: Callable[[ItemT], Entry], items: Sequence[ItemT], ledger: Ledger, *, workers: int, title: str, unit: str
) -> Made:
    """Make every item that the ledger does not have.

    Args:
        work: makes one item and writes its files; for several workers it must be importable.
        items: what to make from.
        ledger: of the folder.
        workers: processes.
        title: of the progress.
        unit: what is counted.

    Raises:
        RunInterrupted: Ctrl-C; what is done stays, and the same command goes on.
    """
    todo = [item for item in items if not ledger.has(item.key)]
    num_there, num_made, failures = len(items) - len(todo), 0, []
    try:
        with ledger, progress(len(items), title, unit=unit, done=num_there) as bar:
            for outcome in map_items(partial(_make_and_note, work, ledger.folder), todo, workers=workers):
                if outcome.error is None:
                    num_made += 1
                else:
                    failures.append(Failure.from_error(outcome.item.location, outcome.error))
                bar.advance()
    except KeyboardInterrupt:
        done = f"{sum(ledger.has(item.key) for item in items)} of {len(items)} {unit} are there"
        raise RunInterrupted(f"{title} was stopped; {done}. The same command goes on with the others.") from None
    return Made(num_made, num_there, failures)


def _make_and_note(work: Callable[[ItemT], Entry], folder: Path, item: ItemT) -> None:
    note(folder, work(item))


def seed_of(run_seed: int, key: str, step: str) -> int:
    """Seed of one step of one item, the same in whatever order and by however many workers the items are made."""
    return zlib.crc32(f"{run_seed} {key} {step}".encode())


def share_cores(workers: int) -> None:
    """Where workers share the cores already, keep OpenCV from starting threads of its own."""
    if workers > 1:
        cv2.setNumThreads(1)


def distinct(items: Sequence[ItemT], result: Callable[[ItemT], Any]) -> tuple[list[ItemT], list[Failure]]:
    """The first item of every key, and a failure for every later one, whose results would replace another's."""
    first: dict[str, ItemT] = {}
    failures = []
    for item in items:
        earlier = first.setdefault(item.key, item)
        if earlier is not item:
            reason = (
                f"its results would be {result(item)} like those of {earlier.location}; give them different folders"
            )
            failures.append(Failure(item.location, reason))
    return list(first.values()), failures
