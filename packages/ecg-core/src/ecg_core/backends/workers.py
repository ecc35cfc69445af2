"""Start one process a device on this host, watch them, and leave none behind.

The parent only watches. What the processes log, return or raise comes to it over one pipe each, so that a killed
process can never hold a lock that another waits for. The first failure ends all of them; they also end when the
parent dies, however it dies. A stop signal to the parent is passed on once, so that they can save and leave; a
second one kills them.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import attrs

from ecg_core.errors import ConfigError, EcgError

RENDEZVOUS = "ECG_RENDEZVOUS"
"""Environment variable with the address where the processes of `run_workers` meet."""

SECONDS_TO_REPORT = 5.0
"""After one process failed the others fail too, for want of a partner: time for all to say why, to find the cause."""

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class WorkerDied(EcgError):
    """A process of several was killed, or ended without a word."""


@attrs.frozen
class Place:
    """What a process must know beside its work: its number among how many, where they meet, and how loud to log."""

    rank: int
    count: int
    rendezvous: str
    log_levels: dict[str, int]


class Worker:
    """One process, as the parent sees it.

    Attributes:
        rank: its number.
        result: what the function returned in it.
        error: what the function raised in it, or how it died.
        done: whether it has said its last word.
    """

    def __init__(self, place: Place, payload: bytes) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.rank = place.rank
        self.connection, theirs = spawn.Pipe(duplex=False)
        self.process = spawn.Process(target=_work, args=(place, theirs, payload), name=f"rank {place.rank}")
        self.process.start()
        theirs.close()
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False

    def listen(self) -> None:
        """Take in what the process has sent, and notice its end."""
        ended = self.process.exitcode is not None
        try:
            while not self.done and self.connection.poll():
                self._take(*self.connection.recv())
        except EOFError:
            ended = True
        if ended and not self.done:
            self.process.join(SECONDS_TO_REPORT)
            self.error = WorkerDied(f"process {self.rank} {_manner_of_death(self.process.exitcode)}")
            self.done = True

    def _take(self, kind: str, value: Any) -> None:
        if kind == "log":
            logging.getLogger(value.name).handle(value)
            return
        self.done = True
        if kind == "result":
            self.result = value
        else:
            self.error = value


def run_workers(function: Callable[..., Any], arguments: Sequence[Any], count: int) -> Any:
    """Run ``function(*arguments)`` in ``count`` fresh processes, each told its rank by the environment.

    Returns:
        What it returned in rank 0.

    Raises:
        ConfigError: the arguments cannot be sent to another process.
        EcgError: what the function raised, or that a process died.
    """
    payload = _packed(function, arguments)
    with tempfile.TemporaryDirectory(prefix="ecg-") as folder:
        rendezvous, log_levels = (Path(folder) / "rendezvous").as_uri(), _log_levels()
        workers: list[Worker] = []
        try:
            with _signals_passed_on(workers):
                for rank in range(count):
                    workers.append(Worker(Place(rank, count, rendezvous, log_levels), payload))  # noqa: PERF401 - a signal must find those that run
                return _watch(workers)
        finally:
            _end(workers)


def _packed(function: Callable[..., Any], arguments: Sequence[Any]) -> bytes:
    """The call as bytes: plain pickle copies tensors, where multiprocessing's own would let all ranks share one."""
    try:
        return pickle.dumps((function, tuple(arguments)))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"the run cannot be sent to several processes: {error}. Keep what cannot be pickled (open files, lambdas) "
            "out of the model and the data set, use one device, or start with torchrun."
        ) from error


def _watch(workers: Sequence[Worker]) -> Any:
    """Wait for all to end well; raises the error that explains a failure best."""
    deadline: float | None = None
    while not all(worker.done for worker in workers):
        talking = [worker.connection for worker in workers if not worker.done]
        wait(talking, timeout=1.0)
        for worker in workers:
            worker.listen()
        failed = any(worker.error for worker in workers)
        if failed and deadline is None:
            deadline = time.monotonic() + SECONDS_TO_REPORT
        if deadline is not None and time.monotonic() > deadline:
            break
    errors = [worker.error for worker in workers if worker.error]
    if errors:
        raise min(errors, key=_closeness_to_cause)
    return workers[0].result


def _closeness_to_cause(error: BaseException) -> int:
    """Sorts first what explains most: a death, then an error of ours; broken connections are its consequences."""
    if isinstance(error, WorkerDied):
        return 0
    return 2 if isinstance(error, WorkerFailed) else 1


def _manner_of_death(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"ended without a result (exit code {exit_code}). The log above may say why."
    name = signal.Signals(-exit_code).name
    hint = " The system does so when memory runs out." if name == "SIGKILL" else ""
    return f"was killed ({name}).{hint} All processes have been ended; go on from the last checkpoint with --resume."


@contextmanager
def _signals_passed_on(workers: Sequence[Worker]) -> Iterator[None]:
    """Pass a first stop signal on to the processes; kill them at a second one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def pass_on(number: int, _frame: Any) -> None:
        received.append(number)
        for worker in workers:
            if worker.process.is_alive():
                worker.process.terminate() if len(received) == 1 else worker.process.kill()

    before = {number: signal.signal(number, pass_on) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(workers: Sequence[Worker]) -> None:
    """See every process off: those that said their last word may leave by themselves, the others are killed."""
    for worker in workers:
        if worker.done and worker.error is None:
            worker.process.join(SECONDS_TO_REPORT)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()


class WorkerFailed(EcgError):
    """An error in one process of several that is none of the library's own."""


class _Channel(QueueHandler):
    """The worker's end of the pipe, which is also the handler of all its log records."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(queue=None)  # type: ignore[arg-type]  # records go through `enqueue` alone
        self._connection = connection
        self._turn = threading.Lock()

    def enqueue(self, record: logging.LogRecord) -> None:
        self.say("log", record)

    def say(self, kind: str, value: Any) -> None:
        with self._turn:
            self._connection.send((kind, value))


def _work(place: Place, connection: Connection, payload: bytes) -> None:
    """What each process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent passes one signal on
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    rank = str(place.rank)
    os.environ.update(RANK=rank, LOCAL_RANK=rank, WORLD_SIZE=str(place.count))
    os.environ[RENDEZVOUS] = place.rendezvous
    channel = _log_through(connection, place)
    try:
        function, arguments = pickle.loads(payload)
        result = function(*arguments)
        channel.say("result", result if place.rank == 0 else None)
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent must hear of it
        channel.say("error", _told(error, place.rank))
        sys.exit(1)


def _leave_with_parent() -> None:
    """End this process at once when its parent is gone, even while it waits for another rank."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _log_levels() -> dict[str, int]:
    """The levels set in this process, for others to log alike."""
    named = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict)}
    return {"root": logging.root.level, **{name: level for name, level in named.items() if level}}


def _log_through(connection: Connection, place: Place) -> _Channel:
    """Send log records to the parent: all that it would log itself from rank 0, warnings from the others."""
    channel = _Channel(connection)
    channel.setLevel(logging.NOTSET if place.rank == 0 else logging.WARNING)
    logging.root.handlers[:] = [channel]
    for name, level in place.log_levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    return channel


def _told(error: BaseException, rank: int) -> EcgError:
    """The error in a form that can be sent, with where it happened as a note."""
    if isinstance(error, EcgError):
        told = error
    else:
        told = WorkerFailed(f"process {rank} failed with {type(error).__name__}: {error}")
    told.add_note(f"In process {rank}:\n{''.join(traceback.format_exception(error))}")
    return told
