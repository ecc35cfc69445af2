"""Processes that run one function together, one process a device: started, watched, and none left behind.

The parent only watches. What the processes log, return or raise comes to it over one pipe each, so that a killed
process can never hold a lock that another waits for. The first failure ends all of them. A stop signal to the parent
is passed on once, so that they can save and leave; a second one kills them.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import attrs

from ecg_core.errors import ConfigError, EcgError
from ecg_core.interrupt import SECONDS_BEFORE_REPEAT, STOP_SIGNALS
from ecg_core.plugins.guard import guarded
from ecg_core.processes.child import (
    MAIN_MODULE,
    WorkerDied,
    deaf_from_birth,
    fit_to_send,
    log_again,
    log_levels,
    main_hidden,
    start_child,
)
from ecg_core.processes.spawning import SafeContext

RENDEZVOUS = "ECG_RENDEZVOUS"
"""Environment variable with the address where the processes of `run_ranks` meet."""

SECONDS_TO_REPORT = 5.0
"""After one process failed the others fail too, for want of a partner: time for all to say why, to find the cause."""

LOG, RESULT, ERROR = "log", "result", "error"
"""What a process says to its parent."""


class WorkerFailed(EcgError):
    """An error in one process of several that is none of the library's own."""


@attrs.frozen
class Place:
    """What a process must know beside its work: its number among how many, where they meet, and how loud to log."""

    rank: int
    count: int
    rendezvous: str
    log_levels: dict[str, int]


class Rank:
    """One process, as the parent sees it.

    Attributes:
        rank: its number.
        result: what the function returned in it.
        error: what the function raised in it, or how it died.
        done: whether it has said its last word.
    """

    def __init__(self, place: Place, payload: bytes) -> None:
        spawn = SafeContext()
        self.rank = place.rank
        self.connection, theirs = spawn.Pipe(duplex=False)
        self.process = spawn.Process(target=_work, args=(place, theirs, payload), name=f"process {place.rank}")
        with deaf_from_birth(), nullcontext() if MAIN_MODULE in payload else main_hidden():
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
        if kind == LOG:
            log_again([value])
            return
        self.done = True
        if kind == RESULT:
            self.result = value
        else:
            self.error = value


def run_ranks(function: Callable[..., Any], arguments: Sequence[Any], count: int) -> Any:
    """Run ``function(*arguments)`` in ``count`` fresh processes, each told its rank by the environment.

    Returns:
        What it returned in rank 0.

    Raises:
        ConfigError: the arguments cannot be sent to another process.
        EcgError: what the function raised, or that a process died.
    """
    payload = _packed(function, arguments)
    with tempfile.TemporaryDirectory(prefix="ecg-") as folder:
        rendezvous, levels = (Path(folder) / "rendezvous").as_uri(), log_levels()
        ranks: list[Rank] = []
        try:
            with _signals_passed_on(ranks) as received:
                for rank in range(count):
                    ranks.append(Rank(Place(rank, count, rendezvous, levels), payload))  # noqa: PERF401 - a signal must find those that run
                return _watch(ranks, received)
        finally:
            _end(ranks)


def _packed(function: Callable[..., Any], arguments: Sequence[Any]) -> bytes:
    """The call as bytes: plain pickle copies tensors, where multiprocessing's own would let all ranks share one."""
    try:
        return pickle.dumps((function, tuple(arguments)))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"the run cannot be sent to several processes: {error}. Keep what cannot be pickled (open files, lambdas) "
            "out of the model and the data set, use one device, or start with torchrun."
        ) from error


def _watch(ranks: Sequence[Rank], received: Sequence[int]) -> Any:
    """Wait for all to end well; raises the error that explains a failure best.

    Args:
        ranks: the processes.
        received: stop signals that have come, of which processes may have died.
    """
    deadline: float | None = None
    while not all(rank.done for rank in ranks):
        talking = [rank.connection for rank in ranks if not rank.done]
        wait(talking, timeout=1.0)
        for rank in ranks:
            rank.listen()
        failed = any(rank.error for rank in ranks)
        if failed and deadline is None:
            deadline = time.monotonic() + SECONDS_TO_REPORT
        if deadline is not None and time.monotonic() > deadline:
            break
    errors = [rank.error for rank in ranks if rank.error]
    if errors:
        cause = min(errors, key=_closeness_to_cause)
        if received and isinstance(cause, WorkerDied):
            raise KeyboardInterrupt(signal.Signals(received[0]).name) from cause
        raise cause
    return ranks[0].result


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
def _signals_passed_on(ranks: Sequence[Rank]) -> Iterator[list[int]]:
    """Pass a first stop signal on to the processes; kill them at a second one. Gives those that have come."""
    received: list[int] = []
    first_s = 0.0
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def pass_on(number: int, _frame: Any) -> None:
        nonlocal first_s
        if received and time.monotonic() - first_s < SECONDS_BEFORE_REPEAT:
            return
        first_s = first_s or time.monotonic()
        received.append(number)
        for rank in ranks:
            if rank.process.is_alive():
                rank.process.terminate() if len(received) == 1 else rank.process.kill()

    heard = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in heard}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(ranks: Sequence[Rank]) -> None:
    """See every process off: those that said their last word may leave by themselves, the others are killed."""
    for rank in ranks:
        if rank.done and rank.error is None:
            rank.process.join(SECONDS_TO_REPORT)
        rank.process.kill()
        rank.process.join()
        rank.connection.close()


class _Line:
    """A process's end of the pipe to the parent; also what its log records are put in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = threading.Lock()

    def put_nowait(self, record: logging.LogRecord) -> None:
        self.say(LOG, record)

    def say(self, kind: str, value: Any) -> None:
        with self._turn:
            self._connection.send((kind, value))


def _work(place: Place, connection: Connection, payload: bytes) -> None:
    """What each process does. Rank 0 logs all that the parent would log itself, the others warnings."""
    line = _Line(connection)
    start_child(line, place.log_levels, lowest_level=logging.NOTSET if place.rank == 0 else logging.WARNING)
    rank = str(place.rank)
    os.environ.update(RANK=rank, LOCAL_RANK=rank, WORLD_SIZE=str(place.count))
    os.environ[RENDEZVOUS] = place.rendezvous
    try:
        function, arguments = pickle.loads(payload)
        with guarded():
            result = function(*arguments)
        line.say(RESULT, result if place.rank == 0 else None)
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent must hear of it
        line.say(ERROR, fit_to_send(error if isinstance(error, EcgError) else _failure(error, place.rank)))
        sys.exit(1)


def _failure(error: BaseException, rank: int) -> WorkerFailed:
    failure = WorkerFailed(f"process {rank} failed with {type(error).__name__}: {error}")
    failure.__cause__ = error  # not sent, but told in the note
    return failure
