"""What every child process does: it leaves signals to its parent, ends with it, and sends home what it logs."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from logging.handlers import QueueHandler
from multiprocessing import resource_tracker
from types import ModuleType
from typing import Protocol

from ecg_core.errors import EcgError, one_line
from ecg_core.interrupt import STOP_SIGNALS
from ecg_core.safe_path import safe_path_for_one_start

TERMINAL_SIGNALS = tuple(number for number in STOP_SIGNALS if number != signal.SIGTERM)
"""What a terminal sends to every process of a command at once, by Ctrl-C and when it is closed."""

PR_SET_PDEATHSIG = 1
"""Of Linux: the signal that a process gets when the thread that started it is gone."""

MAIN_MODULE = b"__main__"
"""What stands in the pickled form of something that comes from the main module."""

ROOT = "root"
"""The name of the root logger among `log_levels`."""


class WorkerDied(EcgError):
    """A process that worked for this one was killed, or ended without a word."""


class WorkerStopped(EcgError):
    """A process that worked for this one was stopped: it took longer, or more memory, than its work may."""


class LogQueue(Protocol):
    """Where a child process puts its log records for the parent."""

    def put_nowait(self, record: logging.LogRecord) -> None:
        """Take a record; it can be pickled."""


@contextmanager
def deaf_from_birth() -> Iterator[None]:
    """Processes started in the block hear no stop signal before `start_child` has said what they do about it.

    Else Ctrl-C in the first moments of a process would end it with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    with safe_path_for_one_start():
        resource_tracker.ensure_running()  # multiprocessing starts it beside the first process, and unmasks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def main_hidden() -> Iterator[None]:
    """Processes started in the block do not import the main module of this one.

    It is needed only where what they do comes from there; else it costs time, and a script would start itself again.
    """
    with _hiding:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


_hiding = threading.Lock()
"""Held while the main module is hidden: two pools that start processes at once would put back the wrong one."""


def start_child(
    log: LogQueue,
    levels: Mapping[str, int],
    *,
    lowest_level: int = logging.NOTSET,
    ignored: Iterable[signal.Signals] = TERMINAL_SIGNALS,
) -> None:
    """Make this process a child: the first thing that it does.

    Signals of the terminal reach every process of a command, so a child ignores them, and the parent decides what they
    mean. A child ends when its parent is gone, however it went.

    Args:
        log: where its log records go, instead of wherever they went.
        levels: levels of the parent's loggers, as `log_levels` gives them.
        lowest_level: records below this level are dropped.
        ignored: signals that are left to the parent.
    """
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    _be_killed_with_the_parent()
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    handler = QueueHandler(log)  # type: ignore[arg-type]  # it calls `put_nowait` alone
    handler.setLevel(lowest_level)
    logging.root.handlers[:] = [handler]
    for name, level in levels.items():
        (logging.root if name == ROOT else logging.getLogger(name)).setLevel(level)
    logging.captureWarnings(True)


def _be_killed_with_the_parent() -> None:
    """Have Linux kill this process with its parent, also while native code lets no thread of Python run."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):  # a C library without it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_the_parent() -> None:
    """End this process at once when its parent is gone, even while it waits for another process."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def log_levels() -> dict[str, int]:
    """The levels that are set in this process, for its children to log alike."""
    loggers = {ROOT: logging.root, **logging.root.manager.loggerDict}
    return {name: each.level for name, each in loggers.items() if isinstance(each, logging.Logger) and each.level}


def log_again(records: Iterable[logging.LogRecord]) -> None:
    """Log in this process what a child has logged."""
    for record in records:
        logging.getLogger(record.name).handle(record)


def fit_to_send(error: Exception) -> Exception:
    """An error as it can be sent to the parent, with a note of where in this process it happened.

    It is the error itself, or one with its words where it does not survive being pickled: an exception class with a
    constructor of its own, say, would break the connection.
    """
    note = f"In {multiprocessing.current_process().name}:\n{''.join(traceback.format_exception(error))}"
    if _can_be_sent(error, note):
        return error
    words = EcgError(str(error)) if isinstance(error, EcgError) else RuntimeError(one_line(error))
    words.add_note(note)
    return words


def _can_be_sent(error: Exception, note: str) -> bool:
    """Add a note to an error, and say whether it survives being pickled."""
    try:
        error.add_note(note)
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:  # noqa: BLE001 - a stranger's exception may raise anything when it is changed or copied
        return False
