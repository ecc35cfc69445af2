"""One process that takes one call after another over a pipe of its own.

Nothing is shared with other processes, no queue, lock or semaphore: one that is killed at any moment holds up nobody
and leaves nothing behind.
"""

from __future__ import annotations

import logging
import os
import pickle
import time
from contextlib import nullcontext
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from typing import Any

import attrs

from ecg_core.interrupt import STOP_SIGNALS
from ecg_core.plugins.guard import guarded
from ecg_core.processes.child import deaf_from_birth, fit_to_send, log_levels, main_hidden, start_child
from ecg_core.processes.cores import THREADS_VARIABLE
from ecg_core.processes.memory import resident_bytes
from ecg_core.processes.spawning import SafeContext

TICK = b""
"""What a worker sends to say that it begins a piece of work."""

SECONDS_TO_LEAVE = 2.0
"""For a worker that has nothing to do any more: time to end by itself, with what its libraries do then."""


@attrs.frozen
class Start:
    """How a worker begins.

    Attributes:
        num_threads: what it is told to use, where nobody has said otherwise; None leaves that to its libraries.
        prepare: pickled, a function to call before its first work; None for nothing.
        with_main: whether it imports the main module of this process, see `ecg_core.processes.child.main_hidden`.
    """

    num_threads: int | None
    prepare: bytes | None
    with_main: bool


@attrs.frozen
class Reply:
    """What a worker sends back for a call: what it returned or raised, and what was logged meanwhile."""

    value: Any
    error: Exception | None
    log: list[logging.LogRecord]


class Worker:
    """A process that was started, as its parent sees it.

    Attributes:
        connection: what it sends comes here; it is readable at the end of the process, too.
        with_main: whether it has the parent's main module.
        begun_s: when it began its present piece of work by the monotonic clock; None before it has said so.
    """

    def __init__(self, start: Start) -> None:
        spawn = SafeContext()
        self.connection, theirs = spawn.Pipe()
        self.with_main = start.with_main
        self.begun_s: float | None = None
        self._process = spawn.Process(target=_work, args=(theirs, start, log_levels()))
        with deaf_from_birth(), nullcontext() if start.with_main else main_hidden():
            self._process.start()
        theirs.close()

    def send(self, call: bytes) -> None:
        """Have it work on a call; raises an OSError where it is gone."""
        self.begun_s = None
        self.connection.send_bytes(call)

    def receive(self) -> bytes | None:
        """A reply, pickled; None where it only said that it begins a piece of work.

        Raises:
            EOFError, OSError: it is gone.
        """
        message = self.connection.recv_bytes()
        if message != TICK:
            return message
        self.begun_s = time.monotonic()
        return None

    def resident_bytes(self) -> int:
        """Memory that it holds."""
        return resident_bytes(self._process.pid or 0)

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self.connection.close()
        self._process.join()

    def dismiss(self) -> None:
        """Tell it that there is no more work; to be followed by `kill`."""
        self.connection.close()

    def wait_for_end(self, seconds: float) -> None:
        self._process.join(seconds)


_parent: Connection | None = None
"""Where this process, being a worker, sends what it has to say."""

_log: SimpleQueue[logging.LogRecord] = SimpleQueue()
"""What this worker has logged and not handed over yet."""


def begin_anew() -> None:
    """Say that the call which this worker is at begins its work, or its next piece: limits of time count from here.

    In a process that is no worker nothing happens.
    """
    if _parent is not None:
        _parent.send_bytes(TICK)


def _work(parent: Connection, start: Start, levels: dict[str, int]) -> None:
    """What the process does until the parent has no more work, or is gone."""
    global _parent  # noqa: PLW0603 - `begin_anew` is called from far below
    _parent = parent
    if start.num_threads is not None:
        os.environ.setdefault(THREADS_VARIABLE, str(start.num_threads))
    start_child(_log, levels, ignored=STOP_SIGNALS)
    not_ready = _prepared(start.prepare)
    while True:
        try:
            call = parent.recv_bytes()
        except (EOFError, OSError):
            return
        parent.send_bytes(_packed(Reply(None, not_ready, []) if not_ready else _answered(call)))


def _prepared(prepare: bytes | None) -> Exception | None:
    """Get ready for the first call; gives what went wrong."""
    try:
        if prepare is not None:
            pickle.loads(prepare)()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent raises it
        return fit_to_send(error)
    return None


def _answered(call: bytes) -> Reply:
    value, error = None, None
    try:
        function, argument = pickle.loads(call)
        with guarded():
            value = function(argument)
    except Exception as raised:  # noqa: BLE001 - whatever it is, the parent raises it again
        error = fit_to_send(raised)
    return Reply(value, error, log=[_log.get() for _ in range(_log.qsize())])


def _packed(reply: Reply) -> bytes:
    """A reply as bytes, tensors by way of shared memory as multiprocessing sends them."""
    try:
        return bytes(ForkingPickler.dumps(reply))
    except Exception as error:  # noqa: BLE001 - a stranger's value may raise anything when it is copied
        return bytes(ForkingPickler.dumps(attrs.evolve(reply, value=None, error=fit_to_send(error))))
