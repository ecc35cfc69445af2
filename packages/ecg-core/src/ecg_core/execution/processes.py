"""Several processes of this machine."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from ecg_core.errors import EcgError
from ecg_core.execution.serial import apply
from ecg_core.protocols import ItemT, Outcome, ValueT

ITEMS_AHEAD_PER_WORKER = 2


class WorkerDied(EcgError):
    """The process that worked on an item was killed, by the system for want of memory perhaps."""


class ProcessesExecutor:
    """Applies the function in fresh processes; one that dies takes down only the item it worked on.

    Processes are spawned, not forked: a fork of a process with threads (OpenCV, torch) can hang.

    Args:
        workers: number of processes.
    """

    def __init__(self, workers: int = 1) -> None:
        self.workers = max(1, workers)

    def map(self, function: Callable[[ItemT], ValueT], items: Iterable[ItemT]) -> Iterator[Outcome]:
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
        pending: dict[Future[Outcome], tuple[int, ItemT]] = {}
        pool = self._pool(self.workers)
        try:
            while True:
                room = self.workers * ITEMS_AHEAD_PER_WORKER - len(pending)
                for key in islice(queue, room):
                    _submit(pool, function, key, pending, suspects)
                if not pending and not suspects:
                    return
                for future in wait(pending, return_when=FIRST_COMPLETED).done if pending else ():
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
            with self._pool(1) as pool:
                yield _outcome(pool.submit(apply, function, key[0], key[1]), *key)

    @staticmethod
    def _pool(workers: int) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=spawn, initializer=_leave_interrupts_to_the_parent)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _submit(
    pool: ProcessPoolExecutor,
    function: Callable[[ItemT], ValueT],
    key: tuple[int, ItemT],
    pending: dict[Future[Outcome], tuple[int, ItemT]],
    suspects: deque[tuple[int, ItemT]],
) -> None:
    """Hand an item to the pool; a pool that broke meanwhile must not lose it."""
    try:
        pending[pool.submit(apply, function, key[0], key[1])] = key
    except BrokenProcessPool:
        suspects.append(key)


def _outcome(future: Future[Outcome], index: int, item: object) -> Outcome:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        return Outcome(index, item, error=WorkerDied("the process working on it died (killed, or out of memory)"))
    return Outcome(index, item, error=error)
