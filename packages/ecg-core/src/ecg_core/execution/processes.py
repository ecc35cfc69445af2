"""Several processes of this machine, or one that is watched."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any

import attrs

from ecg_core.config import option
from ecg_core.execution.serial import SerialExecutor
from ecg_core.processes.pool import WorkerPool, answer
from ecg_core.processes.worker import Reply, begin_anew
from ecg_core.protocols import NO_LIMITS, Executor, ItemT, Limits, Outcome, ValueT


@attrs.frozen(kw_only=True)
class ProcessesConfig:
    """Options of the executor ``processes``."""

    workers: int = option(
        1, minimum=1, help="processes that work at a time; 1 is this one, where no limit is to be kept to"
    )


class ProcessesExecutor:
    """Applies the function in fresh processes; one that dies takes down only the item it worked on.

    An item that takes longer, or more memory, than the ``limits`` of the function say is stopped with its process.
    A single worker is this process where there are no limits: nothing is started, and nothing is copied.

    Args:
        config: number of processes.
    """

    def __init__(self, config: ProcessesConfig) -> None:
        self.workers = config.workers

    def map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT]) -> Iterator[Outcome]:
        limits: Limits = getattr(function, "limits", NO_LIMITS)
        if self.workers == 1 and limits == NO_LIMITS:
            return SerialExecutor().map(function, items)
        return self._map(function, items, limits)

    def _map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT], limits: Limits) -> Iterator[Outcome]:
        """Each worker has one item; none waits for a worker, so that few are under way when no more are drawn."""
        queue = iter(enumerate(items))
        pending: dict[Future[Reply], tuple[int, ItemT]] = {}
        with WorkerPool(self.workers) as pool:
            while True:
                for key in islice(queue, self.workers - len(pending)):
                    pending[_start(pool, function, key[1], limits)] = key
                if not pending:
                    return
                done = wait(pending, return_when=FIRST_COMPLETED).done
                for future in sorted(done, key=lambda each: pending[each][0]):
                    yield _outcome(future, *pending.pop(future))


def is_single(executor: Executor) -> bool:
    """Whether an executor works in one process of its own where there are limits to keep to."""
    return isinstance(executor, ProcessesExecutor) and executor.workers == 1


def _start(pool: WorkerPool, function: Callable[[ItemT], ValueT], item: ItemT, limits: Limits) -> Future[Reply]:
    """Hand one item to a worker.

    Function, item and value are pickled here and in `_apply_pickled`, not by the pool, so that one that cannot be
    copied, a function of a notebook cell say, is the outcome of its item.
    """
    try:
        payload = pickle.dumps((function, item))
    except Exception as error:  # noqa: BLE001 - a stranger's object may raise anything when it is copied
        future: Future[Reply] = Future()
        future.set_exception(error)
        return future
    return pool.ask(_apply_pickled, payload, limits=limits)


def _apply_pickled(payload: bytes) -> bytes:
    """Apply a pickled function to a pickled item; gives the pickled value."""
    function, item = pickle.loads(payload)
    get_ready = getattr(function, "get_ready", None)
    if get_ready is not None:
        get_ready()
    begin_anew()
    return pickle.dumps(function(item))


def _outcome(future: Future[Reply], index: int, item: Any) -> Outcome:
    try:
        value = pickle.loads(answer(future, if_died="the process working on it died (killed, or out of memory)"))
    except Exception as error:  # noqa: BLE001 - whatever an item raises is its outcome
        return Outcome(index, item, error=error)
    return Outcome(index, item, value=value)
