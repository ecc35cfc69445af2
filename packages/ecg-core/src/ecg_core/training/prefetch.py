"""Batches made ahead by worker processes, in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from itertools import count
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import Any, TypeVar

import attrs
from torch.utils.data import DataLoader, Dataset

from ecg_core.errors import DataError, EcgError

MadeT = TypeVar("MadeT")

BATCHES_AHEAD_PER_WORKER = 3
DIED = "exited unexpectedly", "is killed by signal"
"""How torch words the death of a worker, which it reports by a plain RuntimeError."""

SECONDS_UNTIL_TOLD = 1.0
"""Torch raises that error from a signal handler, wherever the program is; here it is waited for and caught."""

log = logging.getLogger(__name__)


class DataWorkerDied(EcgError):
    """A process that makes batches was killed, for want of memory perhaps."""


def made_ahead(make: Callable[[int], MadeT], *, start: int, stop: int | None, workers: int) -> Iterator[MadeT]:
    """Batches number ``start`` up to ``stop``, each the same whoever makes it; what a worker warns of is logged here.

    Args:
        make: gives a batch by its number, tensors in any structure; it is pickled to every worker.
        start: first number.
        stop: number after the last; None for no end.
        workers: processes that work ahead; 0 makes each batch here when it is asked for.

    Raises:
        DataWorkerDied: a worker was killed; the run does not hang.
        EcgError: what ``make`` raises.
    """
    numbers = count(start) if stop is None else range(start, stop)
    if not workers:
        yield from map(make, numbers)
        return
    loader = DataLoader(
        _Made(make),
        sampler=numbers,
        batch_size=None,
        num_workers=workers,
        prefetch_factor=BATCHES_AHEAD_PER_WORKER,
        multiprocessing_context="spawn",
        worker_init_fn=_start_worker,
    )
    try:
        for item in loader:
            for record in item.told:
                logging.getLogger(record.name).handle(record)
            if isinstance(item.made, EcgError):
                raise item.made
            yield item.made
    except (RuntimeError, ConnectionError, EOFError) as error:
        if _tells_of_death(error):
            raise DataWorkerDied(
                "a process that makes training batches was killed, for want of memory perhaps; "
                "lower the number of data workers or the batch size and go on with --resume"
            ) from error
        raise


def _tells_of_death(error: Exception) -> bool:
    """Whether an error means that a worker was killed: torch says so, or a batch broke off on its way here."""
    if isinstance(error, RuntimeError):
        return any(words in str(error) for words in DIED)
    try:
        time.sleep(SECONDS_UNTIL_TOLD)
    except RuntimeError:
        log.debug("torch noticed the death too")
    return True


@attrs.frozen
class _Item:
    """A batch or the error that it met, and what was logged on the way."""

    made: Any
    told: list[logging.LogRecord]


class _Made(Dataset[Any]):
    """Item number ``n`` is batch number ``n``; an expected error is handed over, since torch rewrites one raised."""

    def __init__(self, make: Callable[[int], Any]) -> None:
        self._make = make

    def __getitem__(self, number: int) -> _Item:
        try:
            made = self._make(number)
        except EcgError as error:
            made = DataError(str(error))
        return _Item(made, [_told.get() for _ in range(_told.qsize())])


_told: SimpleQueue[logging.LogRecord] = SimpleQueue()
"""What this worker has logged since its last batch."""


def _start_worker(_: int) -> None:
    """Keep what is logged for the process that trains, and leave the processor's other cores to the other workers."""
    import torch

    logging.getLogger().handlers[:] = [QueueHandler(_told)]
    torch.set_num_threads(1)
    try:
        import cv2
    except ImportError:
        return
    cv2.setNumThreads(1)
