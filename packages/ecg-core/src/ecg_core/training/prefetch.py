"""Batches made ahead by worker processes, in order."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from hashlib import sha256
from itertools import count, islice
from typing import Any, TypeVar

from ecg_core.processes.pool import WorkerPool, answer
from ecg_core.processes.worker import Reply

MadeT = TypeVar("MadeT")

BATCHES_AHEAD_PER_WORKER = 3
MOST_IDLE = 2
"""Groups of workers that wait: those of training and those of validation."""

IF_DIED = (
    "a process that makes training batches was killed, for want of memory perhaps; go on with --resume and fewer of "
    "them (--set workers=1, or 0 for none), which ends with the same weights; a smaller batch would be another run, in "
    "another folder"
)


def made_ahead(make: Callable[[int], MadeT], *, start: int, stop: int | None, workers: int) -> Iterator[MadeT]:
    """Batches number ``start`` up to ``stop``, each the same whoever makes it; what a worker warns of is logged here.

    Workers that came to the end of a pass wait for the next one with the same ``make``, so that a short epoch does not
    spend its time on starting them.

    Args:
        make: gives a batch by its number, tensors in any structure; it is pickled to every worker.
        start: first number.
        stop: number after the last; None for no end.
        workers: processes that work ahead; 0 makes each batch here when it is asked for.

    Raises:
        WorkerDied: a worker was killed; the run does not hang.
        Exception: what ``make`` raises.
    """
    numbers: Iterable[int] = count(start) if stop is None else range(start, stop)
    if not workers:
        yield from map(make, numbers)
        return
    kept_as = None if stop is None else _kept_as(make, workers)  # a pass without end leaves no workers behind
    pool = _taken(kept_as) or WorkerPool(workers, prepare=partial(_prepare, make))
    to_end: WorkerPool | None = pool
    try:
        for after, made in enumerate(_in_order(pool, numbers, ahead=workers * BATCHES_AHEAD_PER_WORKER), start + 1):
            if after == stop:
                to_end = _keep(kept_as, pool)
            yield made
    finally:
        if to_end is not None:
            to_end.kill()


_idle: dict[bytes, WorkerPool] = {}
"""Workers that wait for another pass, the longest waiting first."""


def _kept_as(make: Callable[[int], Any], workers: int) -> bytes | None:
    """What tells whether some workers would make the same; None where nothing can."""
    try:
        return sha256(pickle.dumps((make, workers))).digest()
    except Exception:  # noqa: BLE001 - what cannot be pickled is told of by the pool, in its words
        return None


def _taken(kept_as: bytes | None) -> WorkerPool | None:
    pool = _idle.pop(kept_as, None) if kept_as else None
    return None if pool is None or pool.is_broken else pool


def _keep(kept_as: bytes | None, pool: WorkerPool) -> WorkerPool | None:
    """Let workers wait; gives those that have to go instead."""
    if kept_as is None:
        return pool
    before, _idle[kept_as] = _idle.pop(kept_as, None), pool
    if before is None and len(_idle) > MOST_IDLE:
        before = _idle.pop(next(iter(_idle)))
    return before


def _in_order(pool: WorkerPool, numbers: Iterable[int], *, ahead: int) -> Iterator[Any]:
    """Batches in the order of their numbers, so many under way while one is used."""
    rest = iter(numbers)
    under_way: deque[Future[Reply]] = deque(pool.ask(_made, number) for number in islice(rest, ahead))
    while under_way:
        made = answer(under_way.popleft(), if_died=IF_DIED)
        under_way.extend(pool.ask(_made, number) for number in islice(rest, 1))
        yield made


_make: Callable[[int], Any]
"""What makes batches in this worker; set when it starts."""


def _prepare(make: Callable[[int], Any]) -> None:
    """Keep what makes the batches, and leave the processor's other cores to the other workers."""
    global _make  # noqa: PLW0603 - a pool has no other place for what its workers keep
    _make = make
    import torch

    torch.set_num_threads(1)
    try:
        import cv2
    except ImportError:
        return
    cv2.setNumThreads(1)


def _made(number: int) -> Any:
    return _make(number)
