"""Many items, each with its own files, in one run folder: resumable, and one bad item never stops the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import attrs

from ecg_core.config import Choice, plugin_option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import EcgError
from ecg_core.execution import DEFAULT_EXECUTOR
from ecg_core.execution.ledger import Ledger, Notes, PartEntry
from ecg_core.execution.outputs import Outputs
from ecg_core.execution.sources import absolute, state_of
from ecg_core.processes.cores import share_cores
from ecg_core.progress import progress
from ecg_core.protocols import Outcome
from ecg_core.stems import assign_stems

DONE, FAILED = "done", "failed"
MAX_FAILURES_TOLD = 1000
"""A result names so many failures at most; the others stand in the ledger alone, so that it takes bounded memory."""


@attrs.frozen(kw_only=True)
class BatchConfig:
    """The options of every task that works through many items."""

    executor: Choice = plugin_option(
        "executors", DEFAULT_EXECUTOR, help="what works through the items", in_recipe=False
    )


@attrs.frozen(kw_only=True)
class Item:
    """Something to work on.

    Attributes:
        source: the file or URL that it is made from, or what a person calls it.
        key: what its results are called; no two items of a run have the same.
        value: what else the work needs; it must be picklable.
        files: whose change means that the item must be done again; by default the source alone. An item that is made
            from no file has none.
    """

    source: str
    key: str
    value: Any = None
    files: Sequence[str] = attrs.field()

    @files.default
    def _source_alone(self) -> tuple[str, ...]:
        return (self.source,)

    @property
    def origin(self) -> str:
        """The source as the ledger knows it: a file by its absolute path."""
        return absolute(self.source) if self.files else self.source


ALL_ONE = ""
"""Name of the part of an item that has no others."""


@attrs.frozen(kw_only=True)
class Part:
    """What the work on an item gives for each of its parts, when all files of the part are written.

    Attributes:
        name: of the part, ``page 2`` say; empty where the item is all one.
        outcome: one word by which parts are counted.
        failure: why it is not what was asked for; empty where it is. The part counts as finished nevertheless: it would
            come out the same again. What may go better another time is raised as an error.
        values: plain values to keep in the ledger.
    """

    name: str = ALL_ONE
    outcome: str = DONE
    failure: str = ""
    values: Mapping[str, Any] = attrs.field(factory=dict)


Work = Callable[[Item, Outputs], Iterable[Part]]
"""Makes an item: writes files where the `Outputs` say, and gives each `Part` as it is finished."""


@attrs.frozen
class BatchResult:
    """What came of a batch, with what earlier runs had finished of it.

    Attributes:
        ledger: of the run folder.
        items: that were asked for.
        num_there: items that were there already.
        counts: parts by outcome; items that failed as a whole count as ``failed``.
        failures: parts and items that are not what was asked for, `MAX_FAILURES_TOLD` at most.
        num_failures: all of them.
    """

    ledger: Ledger
    items: Sequence[Item]
    num_there: int
    counts: Mapping[str, int]
    failures: Sequence[Failure]
    num_failures: int

    def entries(self) -> Iterator[PartEntry]:
        """Every finished part, item by item in the order in which they were asked for."""
        return _entries(self.ledger, self.items)

    def task_result(self, summary: Mapping[str, Any], failures: Sequence[Failure] = ()) -> TaskResult:
        """The result of a task.

        Args:
            summary: figures and paths to show.
            failures: further ones, told first.
        """
        there = {"already there": self.num_there} if self.num_there else {}
        more = self.num_failures - len(self.failures)
        rest = [Failure(f"{more} more", f"the reasons stand in {self.ledger.path}")] if more else []
        return TaskResult(summary={**summary, **there}, failures=[*failures, *self.failures, *rest])


class Batch:
    """A run folder opened for a batch. Use it as a context manager, or close it.

    Args:
        context: of the run: its task and folder, and whether to begin anew. A run over a folder of the same options
            always goes on with what is there; ``resume`` lets the command line take the options from the folder, too.
        recipe: plain values that decide what is made of an item, see `ecg_core.config.recipe_of`; a folder holds
            results of one recipe.

    Raises:
        ConfigError: the folder holds results of other options.
        DataError: another run is at work in the folder.
    """

    def __init__(self, context: RunContext, recipe: Mapping[str, Any]) -> None:
        self._context = context
        self._ledger = Ledger(context.out_dir, context.task, recipe, overwrite=context.overwrite)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the folder go."""
        self._ledger.close()

    def known(self) -> dict[str, str]:
        """Keys of the items that the folder holds, by the absolute path or URL of what they were made from."""
        return {item.source: key for key, item in self._ledger.items.items()}

    def stems(self, files: Iterable[Path]) -> dict[Path, str]:
        """What the results of each file are to be called: as in earlier runs, else a name that nobody has.

        See `ecg_core.stems.assign_stems`.
        """
        return assign_stems(files, self.known())

    def entries(self) -> Iterator[PartEntry]:
        """Every part that the folder holds, in the order of the items' keys."""
        for key in sorted(self._ledger.items):
            yield from map(self._ledger.entry_at, self._ledger.items[key].done.values())

    def table(self, name: str) -> Path:
        """Where to write a file about all items.

        Raises:
            ConfigError: the name leads out of the run folder.
            DataError: a file that no such run wrote is there.
        """
        return self._ledger.table(name)

    def run(
        self,
        work: Work,
        items: Sequence[Item],
        *,
        executor: Choice,
        unit: str = "items",
        warm_up: Callable[[], object] | None = None,
        is_whole: Callable[[Path], bool] = Path.exists,
    ) -> BatchResult:
        """Work through the items, but for those that the ledger has as finished from the same source.

        Args:
            work: for an executor of several processes it must be importable: a function or a partial of one.
            items: their keys differ.
            executor: what works through them.
            unit: what is counted.
            warm_up: called once in every process before its first item, to load networks say; importable, too.
            is_whole: whether a file that an earlier run wrote is there as it should be; else its part is made again.

        Raises:
            EcgError: the executor kept an outcome to itself.
            PluginError: the executor is absent or broken.
        """
        items, clashes = self._without_clashes(items)
        todo = [item for item in items if not self._is_done(item, is_whole)]
        jobs = (self._job(item, is_whole) for item in todo)
        make = MakeItem(work=work, folder=self._ledger.folder, run=uuid4().hex, warm_up=warm_up)
        num_told = 0
        with (
            progress(len(items), self._context.task, unit=unit, done=len(items) - len(todo)) as bar,
            closing(_closable(executor.make().map(make, jobs))) as outcomes,
        ):
            for outcome in outcomes:
                self._end(outcome)
                num_told += 1
                bar.advance()
        if num_told < len(todo):
            raise EcgError(
                f"the executor {executor.name} told of {num_told} of {len(todo)} items only, which is a fault of its "
                "own: tell its authors; another executor with --resume goes on with the others"
            )
        return self._result(items, len(items) - len(todo), clashes)

    def _without_clashes(self, items: Sequence[Item]) -> tuple[list[Item], list[Failure]]:
        """The items whose results are their own, and a failure for each that would replace those of another source."""
        own, clashes = [], []
        for item in items:
            earlier = self._ledger.items.get(item.key)
            if earlier is None or earlier.source == item.origin:
                own.append(item)
                continue
            reason = (
                f"its results would replace those of {earlier.source}, which are called {item.key} in this folder too; "
                "choose another folder by --out, or begin anew by --overwrite"
            )
            clashes.append(Failure(item.source, reason))
        return own, clashes

    def _is_done(self, item: Item, is_whole: Callable[[Path], bool]) -> bool:
        """Whether an item was finished from its source as it is now, and its files are as they should be."""
        earlier = self._ledger.items.get(item.key)
        if earlier is None or not earlier.complete:
            return False
        if (earlier.source, earlier.state) != (item.origin, state_of(item.files)):
            return False
        return all(is_whole(self._ledger.folder / name) for name in self._ledger.owned(item.key))

    def _job(self, item: Item, is_whole: Callable[[Path], bool]) -> Job:
        state = state_of(item.files)
        earlier = self._ledger.items.get(item.key)
        same = earlier is not None and (earlier.source, earlier.state) == (item.origin, state)
        return Job(
            item=item,
            state=state,
            owned=frozenset(self._ledger.owned(item.key)),
            done=frozenset(self._whole_parts(earlier.done.values(), is_whole)) if same and earlier else frozenset(),
            notes=self._ledger.notes_of(item.key),
        )

    def _whole_parts(self, offsets: Iterable[int], is_whole: Callable[[Path], bool]) -> Iterator[str]:
        """Names of the parts whose files are as they should be."""
        for entry in map(self._ledger.entry_at, offsets):
            if all(is_whole(self._ledger.folder / name) for name in entry.outputs):
                yield entry.part

    def _end(self, outcome: Outcome) -> None:
        job: Job = outcome.item
        failed = "" if outcome.error is None else Failure.from_error(job.item.source, outcome.error).reason
        self._ledger.end(job.item.key, job.item.origin, job.state, failed=failed)

    def _result(self, items: Sequence[Item], num_there: int, clashes: Sequence[Failure]) -> BatchResult:
        counts: Counter[str] = Counter({FAILED: len(clashes)} if clashes else {})
        failures, num_failures = [*clashes], len(clashes)
        for found in _findings(self._ledger, items):
            counts[found.outcome] += 1
            if found.failure is not None:
                num_failures += 1
                if len(failures) < MAX_FAILURES_TOLD:
                    failures.append(found.failure)
        return BatchResult(self._ledger, items, num_there, counts, failures, num_failures)


@attrs.frozen(kw_only=True)
class Job:
    """An item on its way to a worker.

    Attributes:
        item: to work on.
        state: of its source.
        owned: files that it wrote earlier.
        done: parts that were finished earlier from the same source.
        notes: file for what happens.
    """

    item: Item
    state: str
    owned: frozenset[str]
    done: frozenset[str]
    notes: Path


@attrs.frozen(kw_only=True)
class MakeItem:
    """What a worker does with a job; travels to other processes.

    Attributes:
        work: on the item.
        folder: of the run.
        run: what tells this run from others of the process.
        warm_up: called before the first item of the process.
    """

    work: Work
    folder: Path
    run: str
    warm_up: Callable[[], object] | None

    def __call__(self, job: Job) -> None:
        """Do it; every part is noted as it is finished.

        An interruption may come between the note of an item that is all one and that of its end; then it is done.
        """
        if ALL_ONE in job.done:
            return
        _get_ready(self.run, self.warm_up)
        notes = Notes(job.notes)
        outputs = Outputs(self.folder, owned=job.owned, done=job.done, claim=notes.claim)
        try:
            for part in self.work(job.item, outputs):
                notes.part(
                    PartEntry(
                        item=job.item.key,
                        part=part.name,
                        source=job.item.origin,
                        state=job.state,
                        outcome=part.outcome,
                        failure=part.failure,
                        outputs=outputs.taken(),
                        values=part.values,
                    )
                )
        finally:
            notes.close()


_ready: set[str] = set()
"""Runs for which this process is ready."""


def _get_ready(run: str, warm_up: Callable[[], object] | None) -> None:
    """Done once a process and run."""
    if run not in _ready:
        share_cores()
        if warm_up is not None:
            warm_up()
        _ready.add(run)


@attrs.frozen
class _Finding:
    outcome: str
    failure: Failure | None


def _findings(ledger: Ledger, items: Sequence[Item]) -> Iterator[_Finding]:
    """What became of every part of some items, and of items as a whole."""
    for item in items:
        for entry in _entries(ledger, [item]):
            title = f"{item.source} {entry.part}".rstrip()
            yield _Finding(entry.outcome, Failure(title, entry.failure) if entry.failure else None)
        earlier = ledger.items.get(item.key)
        if earlier is not None and earlier.failed:
            yield _Finding(FAILED, Failure(item.source, earlier.failed))


def _entries(ledger: Ledger, items: Iterable[Item]) -> Iterator[PartEntry]:
    for item in items:
        earlier = ledger.items.get(item.key)
        if earlier is not None:
            yield from map(ledger.entry_at, earlier.done.values())


def _closable(outcomes: Iterator[Outcome]) -> Any:
    """The outcomes as a generator, whatever kind of iterator a third party's executor gives."""
    yield from outcomes
