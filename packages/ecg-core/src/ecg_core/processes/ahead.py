"""A worker that starts while its parent still gets ready for the work."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module

from ecg_core.processes.worker import Start, Worker

ANY_WORK = Start(num_threads=None, prepare=None, with_main=False)
"""How a worker begins that a pool can use which asks for nothing else."""

_ahead: list[Worker] = []


@contextmanager
def worker_ahead(module: str) -> Iterator[None]:
    """A process that is started now, for the first pool in the block that asks for one as `ANY_WORK` describes.

    Args:
        module: what it imports meanwhile.
    """
    importing = pickle.dumps(partial(_import, module))
    _ahead.append(Worker(Start(num_threads=None, prepare=importing, with_main=False)))
    try:
        yield
    finally:
        while _ahead:
            _ahead.pop().kill()


def new_worker(start: Start) -> Worker:
    """A worker that begins in some way: the one that was started ahead, where it will do."""
    return _ahead.pop() if _ahead and start == ANY_WORK else Worker(start)


def _import(module: str) -> None:
    """What is wrong with a module is told by whoever needs it."""
    with suppress(Exception):
        import_module(module)
