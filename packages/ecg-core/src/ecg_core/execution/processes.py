"""Several processes of this machine."""

from __future__ import annotations

import logging
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

import attrs

from ecg_core.config import option
from ecg_core.errors import EcgError
from ecg_core.execution.pool import fit_to_send, log_again, spawned_pool, taken_log
from ecg_core.execution.serial import SerialExecutor
from ecg_core.protocols import ItemT, Outcome, ValueT

ITEMS_AHEAD_PER_WORKER = 2

Reply = tuple[bytes, list[logging.LogRecord]]
"""What a worker sends back for an item: its value and error, pickled, and what was logged meanwhile."""


@attrs.frozen(kw_only=True)
class ProcessesConfig:
    """Options of the executor ``processes``."""

    workers: int = option(1, minimum=1, help="processes that work at a time; 1 is this one")


class WorkerDied(EcgError):
    """The process that worked on an item was killed, by the system for want of memory perhaps."""


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
        pool = spawned_pool(self.workers)
        try:
            while True:
                room = self.workers * ITEMS_AHEAD_PER_WORKER - len(pending)
                for key in islice(queue, room):
                    _submit(pool, function, key, pending, suspects)
                if not pending and not suspects:
                    return
                done = wait(pending, return_when=FIRST_COMPLETED).done
                for future in sorted(done, key=lambda each: pending[each][0]):
                    key = pending.pop(future)
                    if isinstance(future.exception(), BrokenProcessPool):
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
            with spawned_pool(1) as pool:
                yield _outcome(_start(pool, function, key[1]), *key)


def _submit(
    pool: ProcessPoolExecutor,
    function: Callable[[ItemT], ValueT],
    key: tuple[int, ItemT],
    pending: dict[Future[Reply], tuple[int, ItemT]],
    suspects: deque[tuple[int, ItemT]],
) -> None:
    """Hand an item to the pool; a pool that broke meanwhile must not lose it."""
    try:
        pending[_start(pool, function, key[1])] = key
    except BrokenProcessPool:
        suspects.append(key)


def _start(pool: ProcessPoolExecutor, function: Callable[[ItemT], ValueT], item: ItemT) -> Future[Reply]:
    """Hand one item to a worker; what cannot be pickled is a future that has failed already."""
    try:
        payload = pickle.dumps((function, item))
    except Exception as error:  # noqa: BLE001 - a stranger's object may raise anything when it is copied
        failed: Future[Reply] = Future()
        failed.set_exception(error)
        return failed
    return pool.submit(_work, payload)


def _work(payload: bytes) -> Reply:
    return _apply_pickled(payload), taken_log()


def _apply_pickled(payload: bytes) -> bytes:
    """Apply a pickled function to a pickled item; gives the pickled value and error.

    Pickling happens here and in `_start`, not in the pool, whose every item would die of one that cannot be copied:
    a function of a notebook cell, say, or an exception class with a constructor of its own.
    """
    try:
        function, item = pickle.loads(payload)
        return pickle.dumps((function(item), None))
    except Exception as error:  # noqa: BLE001 - whatever an item raises is its outcome
        return pickle.dumps((None, fit_to_send(error)))


def _outcome(future: Future[Reply], index: int, item: object) -> Outcome:
    try:
        content, records = future.result()
        log_again(records)
        value, error = pickle.loads(content)
    except BrokenProcessPool:
        value, error = None, WorkerDied("the process working on it died (killed, or out of memory)")
    except Exception as unpickled:  # noqa: BLE001 - a stranger's object may raise anything when it is copied
        value, error = None, unpickled
    return Outcome(index, item, value=value, error=error)
