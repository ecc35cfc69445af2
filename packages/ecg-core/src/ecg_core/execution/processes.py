"""Several processes of this machine."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any

import attrs

from ecg_core.config import option
from ecg_core.execution.serial import SerialExecutor
from ecg_core.processes.pool import Reply, WorkerPool, answer, died, failed
from ecg_core.protocols import ItemT, Outcome, ValueT

ITEMS_AHEAD_PER_WORKER = 2


@attrs.frozen(kw_only=True)
class ProcessesConfig:
    """Options of the executor ``processes``."""

    workers: int = option(1, minimum=1, help="processes that work at a time; 1 is this one")


class ProcessesExecutor:
    """Applies the function in fresh processes; one that dies takes down only the item it worked on.

    A single worker is this process: nothing is started, and nothing is copied.

    Args:
        config: number of processes.
    """

    def __init__(self, config: ProcessesConfig) -> None:
        self.workers = config.workers

    def map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT]) -> Iterator[Outcome]:
        return SerialExecutor().map(function, items) if self.workers == 1 else self._map(function, items)

    def _map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT]) -> Iterator[Outcome]:
        queue = iter(enumerate(items))
        suspects: deque[tuple[int, ItemT]] = deque()
        while True:
            yield from self._run_pool(function, queue, suspects)
            if not suspects:
                return
            yield from self._run_alone(function, suspects)

    def _run_pool(
        self,
        function: Callable[[ItemT], ValueT],
        queue: Iterator[tuple[int, ItemT]],
        suspects: deque[tuple[int, ItemT]],
    ) -> Iterator[Outcome]:
        """Feed a pool until the queue is empty or a worker dies; then ``suspects`` holds what was under way."""
        pending: dict[Future[Reply], tuple[int, ItemT]] = {}
        pool = WorkerPool(self.workers)
        try:
            while True:
                room = self.workers * ITEMS_AHEAD_PER_WORKER - len(pending)
                for key in islice(queue, room):
                    pending[_start(pool, function, key[1])] = key
                if not pending:
                    return
                done = wait(pending, return_when=FIRST_COMPLETED).done
                for future in sorted(done, key=lambda each: pending[each][0]):
                    key = pending.pop(future)
                    if died(future):
                        suspects.append(key)
                    else:
                        yield _outcome(future, *key)
                if suspects:
                    suspects.extend(pending.values())
                    return
        finally:
            pool.shutdown(wait=not suspects, cancel_futures=True)

    def _run_alone(self, function: Callable[[ItemT], ValueT], suspects: deque[tuple[int, ItemT]]) -> Iterator[Outcome]:
        """Try each item that was under way when a worker died in a process of its own, to find the one to blame."""
        while suspects:
            key = suspects.popleft()
            with WorkerPool(1) as pool:
                yield _outcome(_start(pool, function, key[1]), *key)


def _start(pool: WorkerPool, function: Callable[[ItemT], ValueT], item: ItemT) -> Future[Reply]:
    """Hand one item to a worker.

    Function, item and value are pickled here and in `_apply_pickled`, not by the pool, whose every item would die of
    one that cannot be copied: a function of a notebook cell, say.
    """
    try:
        payload = pickle.dumps((function, item))
    except Exception as error:  # noqa: BLE001 - a stranger's object may raise anything when it is copied
        return failed(error)
    return pool.ask(_apply_pickled, payload)


def _apply_pickled(payload: bytes) -> bytes:
    """Apply a pickled function to a pickled item; gives the pickled value."""
    function, item = pickle.loads(payload)
    return pickle.dumps(function(item))


def _outcome(future: Future[Reply], index: int, item: Any) -> Outcome:
    try:
        value = pickle.loads(answer(future, if_died="the process working on it died (killed, or out of memory)"))
    except Exception as error:  # noqa: BLE001 - whatever an item raises is its outcome
        return Outcome(index, item, error=error)
    return Outcome(index, item, value=value)
