"""Many items, each with its own files, in one run folder: resumable, and one bad item never stops the others."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_core.context import Failure, RunContext, TaskResult, resume_command
from ecg_core.errors import EcgError, RunInterrupted
from ecg_core.execution import DEFAULT_EXECUTOR
from ecg_core.execution.ledger import Ledger, Notes, PartEntry
from ecg_core.execution.outputs import Outputs
from ecg_core.execution.sources import absolute, state_of
from ecg_core.interrupt import StopRequest
from ecg_core.processes.child import WorkerDied, WorkerStopped, fit_to_send
from ecg_core.processes.cores import share_cores
from ecg_core.processes.memory import can_be_watched
from ecg_core.processes.worker import begin_anew
from ecg_core.progress import progress
from ecg_core.protocols import NO_LIMITS, Limits, Outcome
from ecg_core.stems import assign_stems

log = logging.getLogger(__name__)

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
class WatchedConfig(BatchConfig):
    """The options of tasks whose items come from anywhere: none may hold up the others, or take all memory."""

    timeout_s: float | None = option(
        60.0,
        above=0,
        help="an item that takes longer, a page of a document say, is stopped and told; null lets all take as long as "
        "they like",
        unit="s",
        in_recipe=False,
    )
    memory_gb: float | None = option(
        2.0,
        above=0,
        help="an item that takes more memory, with the process that works on it, is stopped and told; null lets all "
        "take what there is",
        unit="GB",
        in_recipe=False,
    )

    @property
    def limits(self) -> Limits:
        """What an item may take."""
        memory_bytes = None if self.memory_gb is None else self.memory_gb * 1e9
        if self.timeout_s is None and memory_bytes is None:
            return NO_LIMITS
        return Limits(seconds=self.timeout_s, memory_bytes=memory_bytes)


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
        limits: Limits = NO_LIMITS,
    ) -> BatchResult:
        """Work through the items, but for those that the ledger has as finished from the same source.

        A first stop signal (Ctrl-C, SIGTERM, SIGHUP) draws no more items and lets those that are under way be
        finished; another ends the run at once. Where a worker dies or is stopped in a part of an item, the other parts
        are made nevertheless.

        Args:
            work: for an executor of several processes it must be importable: a function or a partial of one.
            items: their keys differ.
            executor: what works through them.
            unit: what is counted.
            warm_up: called once in every process before its first item, to load networks say; importable, too. What it
                raises is the error of the run.
            is_whole: whether a file that an earlier run wrote is there as it should be; else its part is made again.
            limits: what each part may take; kept to by executors that can.

        Raises:
            EcgError: the executor kept an outcome to itself, or what the warm-up raises.
            PluginError: the executor is absent or broken.
            RunInterrupted: it was asked to stop, and items are left.
        """
        items, clashes = self._without_clashes(items)
        todo = [item for item in items if not self._is_done(item, is_whole)]
        num_there = len(items) - len(todo)
        if limits.memory_bytes and not can_be_watched():
            log.info("memory_gb: this system does not tell how much memory a process holds, so only time is limited")
        make = MakeItem(work=work, folder=self._ledger.folder, run=uuid4().hex, warm_up=warm_up, limits=limits)
        faults: Faults = defaultdict(dict)
        with (
            progress(len(items), self._context.task, unit=unit, done=num_there) as bar,
            StopRequest(f"after the {unit} that are under way") as stop,
        ):
            while todo:
                jobs = (self._job(each, is_whole, faults.get(each.key, {})) for each in todo if not stop.signal_name)
                num_told, again = 0, []
                with closing(_closable(executor.make().map(make, jobs))) as outcomes:
                    for outcome in outcomes:
                        num_told += 1
                        if self._end(outcome, faults):
                            bar.advance()
                        else:
                            again.append(outcome.item.item)
                if stop.signal_name and (again or num_told < len(todo)):
                    raise RunInterrupted(
                        f"{self._context.task} was stopped by {stop.signal_name}; what was finished stays in "
                        f"{self._context.out_dir}. Go on with: {resume_command(self._context)}"
                    )
                if num_told < len(todo):
                    raise EcgError(
                        f"the executor {executor.name} told of {num_told} of {len(todo)} items only, which is a fault "
                        "of its own: tell its authors; another executor with --resume goes on with the others"
                    )
                todo = again
        return self._result(items, num_there, clashes)

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

    def _job(self, item: Item, is_whole: Callable[[Path], bool], faults: Mapping[str, str]) -> Job:
        """What a worker is handed; parts at which one was stopped or died in this run are left out."""
        state = state_of(item.files)
        earlier = self._ledger.items.get(item.key)
        same = earlier is not None and (earlier.source, earlier.state) == (item.origin, state)
        done = self._whole_parts(earlier.done.values(), is_whole) if same and earlier else ()
        return Job(
            item=item,
            state=state,
            owned=frozenset(self._ledger.owned(item.key)),
            done={**dict(done), **dict.fromkeys(faults, FAILED)},
            notes=self._ledger.notes_of(item.key),
        )

    def _whole_parts(self, offsets: Iterable[int], is_whole: Callable[[Path], bool]) -> Iterator[tuple[str, str]]:
        """Names and outcomes of the parts whose files are as they should be."""
        for entry in map(self._ledger.entry_at, offsets):
            if all(is_whole(self._ledger.folder / name) for name in entry.outputs):
                yield entry.part, entry.outcome

    def _end(self, outcome: Outcome, faults: Faults) -> bool:
        """Write down what became of an item; False where a worker was lost at a part of it and it has others."""
        job: Job = outcome.item
        key = job.item.key
        if isinstance(outcome.value, NotReady):
            raise outcome.value.error
        reason = "" if outcome.error is None else Failure.from_error(job.item.source, outcome.error).reason
        part = self._ledger.under_way(key) if isinstance(outcome.error, WorkerDied | WorkerStopped) else ALL_ONE
        if part not in (ALL_ONE, *faults.get(key, ())):
            faults[key][part] = f"{part} was {reason}" if reason.startswith("stopped") else f"{part}: {reason}"
            reason = ""
        told = "; ".join(filter(None, [*faults.get(key, {}).values(), reason]))
        self._ledger.end(key, job.item.origin, job.state, failed=told)
        return key not in faults or outcome.error is None or bool(reason)

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
        done: outcomes of the parts that are not to be made, by name.
        notes: file for what happens.
    """

    item: Item
    state: str
    owned: frozenset[str]
    done: Mapping[str, str]
    notes: Path


@attrs.frozen(kw_only=True)
class MakeItem:
    """What a worker does with a job; travels to other processes.

    Attributes:
        work: on the item.
        folder: of the run.
        run: what tells this run from others of the process.
        warm_up: called before the first item of the process.
        limits: what each part may take.
    """

    work: Work
    folder: Path
    run: str
    warm_up: Callable[[], object] | None
    limits: Limits

    def get_ready(self) -> None:
        """Do the warm-up, once a process and run; what goes wrong is told by every call."""
        if self.run not in _ready:
            _ready[self.run] = _fault_of(self.warm_up)

    def __call__(self, job: Job) -> NotReady | None:
        """Do it; every part is noted as it is finished.

        An interruption may come between the note of an item that is all one and that of its end; then it is done.
        """
        if ALL_ONE in job.done:
            return None
        self.get_ready()
        fault = _ready[self.run]
        if fault is not None:
            return NotReady(fault)
        notes = Notes(job.notes)
        outputs = Outputs(self.folder, owned=job.owned, done=job.done, claim=notes.claim, begin=notes.begin)
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
                begin_anew()
        finally:
            notes.close()
        return None


@attrs.frozen
class NotReady:
    """What a worker gives for an item that it could not begin with, nor any other."""

    error: Exception


Faults = defaultdict[str, dict[str, str]]
"""What became of the parts at which a worker was stopped or died in this run: by item and part."""

_ready: dict[str, Exception | None] = {}
"""Runs for which this process is ready, or what went wrong in getting ready."""


def _fault_of(warm_up: Callable[[], object] | None) -> Exception | None:
    """Get ready; gives what went wrong."""
    share_cores()
    try:
        if warm_up is not None:
            warm_up()
    except Exception as error:  # noqa: BLE001 - whatever it is, the run raises it
        return fit_to_send(error)
    return None


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
