"""Pools of fresh processes that take one call after another."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from queue import SimpleQueue
from typing import Any

import attrs

from ecg_core.plugins.guard import guarded
from ecg_core.processes.child import WorkerDied, fit_to_send, log_again, log_levels, start_child
from ecg_core.processes.cores import THREADS_VARIABLE, threads_each
from ecg_core.processes.spawning import SafeContext
from ecg_core.safe_path import safe_path_for_one_start


@attrs.frozen
class Reply:
    """What a worker sends back for a call: what it returned or raised, and what was logged meanwhile."""

    value: Any
    error: Exception | None
    log: list[logging.LogRecord]


class WorkerPool(ProcessPoolExecutor):
    """A pool of processes, each a child as `ecg_core.processes.child` says; it lives as a context or until `shutdown`.

    Its processes are spawned, not forked: a fork of a process with threads (OpenCV, torch) can hang. They share the
    cores: unless ``OMP_NUM_THREADS`` is set, each is told to use `threads_each`, since twice as many threads as cores
    take longer than one after the other would.

    Args:
        workers: number of processes.
        prepare: called in each of them before its first work; it is pickled.
    """

    def __init__(self, workers: int, *, prepare: Callable[[], object] | None = None) -> None:
        with safe_path_for_one_start():  # its queues start the process that tracks resources
            super().__init__(
                workers,
                mp_context=SafeContext(),
                initializer=_start_worker,
                initargs=(threads_each(workers), log_levels(), prepare),
            )

    def ask(self, function: Callable[[Any], Any], argument: Any) -> Future[Reply]:
        """Have a worker call a function, to be followed by `answer`; with a broken pool it is a failed future."""
        try:
            return self.submit(_reply, function, argument)
        except BrokenProcessPool as error:
            return failed(error)

    @property
    def is_broken(self) -> bool:
        """Whether one of its processes was killed."""
        return bool(self._broken)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, at once where this is interrupted while it waits for what is under way.

        Left alone the pool would then never end: its thread counts as gone, and nobody tells the processes to stop.
        """
        processes = list((self._processes or {}).values())
        try:
            super().shutdown(wait, cancel_futures=cancel_futures)
        except KeyboardInterrupt:
            for process in processes:
                process.kill()
            raise


def answer(future: Future[Reply], *, if_died: str) -> Any:
    """Wait for a worker's reply, log here what it logged, and give what it returned.

    Args:
        future: from `WorkerPool.ask`.
        if_died: what to say where a process of the pool was killed.

    Raises:
        WorkerDied: a process of the pool was killed, perhaps another one than the one that was asked.
        Exception: what the function raised, or that its value cannot be sent.
    """
    try:
        reply = future.result()
    except BrokenProcessPool as error:
        raise WorkerDied(if_died) from error
    log_again(reply.log)
    if reply.error is not None:
        raise reply.error
    return reply.value


def died(future: Future[Reply]) -> bool:
    """Whether a call that is done was lost because a process of the pool was killed."""
    return isinstance(future.exception(), BrokenProcessPool)


def failed(error: Exception) -> Future[Reply]:
    """A call that has failed already."""
    future: Future[Reply] = Future()
    future.set_exception(error)
    return future


_log: SimpleQueue[logging.LogRecord] = SimpleQueue()
"""What this worker has logged and not handed over yet."""


def _start_worker(num_threads: int, levels: dict[str, int], prepare: Callable[[], object] | None) -> None:
    os.environ.setdefault(THREADS_VARIABLE, str(num_threads))
    start_child(_log, levels)
    if prepare is not None:
        prepare()


def _reply(function: Callable[[Any], Any], argument: Any) -> Reply:
    value, error = None, None
    try:
        with guarded():
            value = function(argument)
    except Exception as raised:  # noqa: BLE001 - whatever it is, the parent raises it again
        error = fit_to_send(raised)
    return Reply(value, error, log=[_log.get() for _ in range(_log.qsize())])
