"""Pools of fresh processes: they leave interrupts to the parent, end with it, and hand over what they log."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from logging.handlers import QueueHandler
from queue import SimpleQueue

from ecg_core.errors import one_line

THREADS_VARIABLE = "OMP_NUM_THREADS"
"""What numeric libraries ask when they are imported, and `ecg_core.onnx` when it opens a network."""

_worker_log: SimpleQueue[logging.LogRecord] = SimpleQueue()
"""What this worker has logged and not handed over yet."""


def spawned_pool(workers: int, *, prepare: Callable[[], object] | None = None) -> WorkerPool:
    """A pool whose processes are spawned, not forked: a fork of a process with threads (OpenCV, torch) can hang.

    The processes share the cores: unless ``OMP_NUM_THREADS`` is set, each is told to use `threads_each`. Twice as many
    threads as cores take longer than one after the other would.

    Args:
        workers: number of processes.
        prepare: called in each of them before its first work; it is pickled.
    """
    spawn = multiprocessing.get_context("spawn")
    initargs = threads_each(workers), prepare
    return WorkerPool(workers, mp_context=spawn, initializer=_start_worker, initargs=initargs)


class WorkerPool(ProcessPoolExecutor):
    """A pool that ends at once when it is interrupted while it waits for what is under way.

    Left alone it would then never end: its thread counts as gone, and nobody tells the processes to stop.
    """

    @property
    def is_broken(self) -> bool:
        """Whether one of its processes was killed."""
        return bool(self._broken)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        processes = list((self._processes or {}).values())
        try:
            super().shutdown(wait, cancel_futures=cancel_futures)
        except KeyboardInterrupt:
            for process in processes:
                process.kill()
            raise


def threads_each(workers: int) -> int:
    """How many threads each of some processes may use so that together they use the cores once."""
    return max(1, num_cores() // max(workers, 1))


def num_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def taken_log() -> list[logging.LogRecord]:
    """What was logged in this worker since it was last asked."""
    return [_worker_log.get() for _ in range(_worker_log.qsize())]


def log_again(records: Iterable[logging.LogRecord]) -> None:
    """Log here what a worker logged."""
    for record in records:
        logging.getLogger(record.name).handle(record)


def fit_to_send(error: Exception) -> Exception:
    """An error of a worker itself, or its words where it does not survive the journey: a pool would die of it."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - a stranger's exception may raise anything when it is copied
        return RuntimeError(one_line(error))
    return error


def _start_worker(num_threads: int, prepare: Callable[[], object] | None) -> None:
    os.environ.setdefault(THREADS_VARIABLE, str(num_threads))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    logging.getLogger().addHandler(QueueHandler(_worker_log))
    logging.captureWarnings(True)
    if prepare is not None:
        prepare()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
