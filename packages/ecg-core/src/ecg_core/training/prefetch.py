"""Batches made ahead by worker processes, in order."""

from __future__ import annotations

import logging
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from hashlib import sha256
from itertools import count, islice
from typing import Any, TypeVar

import attrs

from ecg_core.errors import DataError, EcgError
from ecg_core.execution.pool import WorkerPool, fit_to_send, log_again, spawned_pool, taken_log

MadeT = TypeVar("MadeT")

BATCHES_AHEAD_PER_WORKER = 3
MOST_IDLE = 2
"""Groups of workers that wait: those of training and those of validation."""


class DataWorkerDied(EcgError):
    """A process that makes batches was killed, for want of memory perhaps."""


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
        DataWorkerDied: a worker was killed; the run does not hang.
        EcgError: what ``make`` raises.
    """
    numbers: Iterable[int] = count(start) if stop is None else range(start, stop)
    if not workers:
        yield from map(make, numbers)
        return
    kept_as = None if stop is None else _kept_as(make, workers)  # a pass without end leaves no workers behind
    pool = _taken(kept_as) or spawned_pool(workers, prepare=partial(_prepare, make))
    to_end: WorkerPool | None = pool
    try:
        for after, item in enumerate(_in_order(pool, numbers, ahead=workers * BATCHES_AHEAD_PER_WORKER), start + 1):
            log_again(item.told)
            if isinstance(item.made, EcgError):
                raise item.made
            if after == stop:
                to_end = _keep(kept_as, pool)
            yield item.made
    except BrokenProcessPool as error:
        raise DataWorkerDied(
            "a process that makes training batches was killed, for want of memory perhaps; "
            "lower the number of data workers or the batch size and go on with --resume"
        ) from error
    finally:
        if to_end is not None:
            to_end.shutdown(cancel_futures=True)


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


@attrs.frozen
class _Item:
    """A batch or the error that it met, and what was logged on the way."""

    made: Any
    told: list[logging.LogRecord]


def _in_order(pool: WorkerPool, numbers: Iterable[int], *, ahead: int) -> Iterator[_Item]:
    """Items in the order of their numbers, so many under way while one is used."""
    rest = iter(numbers)
    under_way: deque[Future[_Item]] = deque(pool.submit(_made, number) for number in islice(rest, ahead))
    while under_way:
        item = under_way.popleft().result()
        under_way.extend(pool.submit(_made, number) for number in islice(rest, 1))
        yield item


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


def _made(number: int) -> _Item:
    """The batch of a number; an expected error is handed over in its words, whatever its class needs to be made."""
    try:
        made = _make(number)
    except EcgError as error:
        made = DataError(str(error))
    except Exception as error:
        if (sent := fit_to_send(error)) is error:
            raise
        raise sent from error
    return _Item(made, taken_log())
