"""What every child process does: it leaves interrupts to its parent, ends with it, and sends home what it logs."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Iterable, Mapping
from logging.handlers import QueueHandler
from typing import Protocol

from ecg_core.errors import EcgError, one_line

ROOT = "root"
"""The name of the root logger among `log_levels`."""


class WorkerDied(EcgError):
    """A process that worked for this one was killed, or ended without a word."""


class LogQueue(Protocol):
    """Where a child process puts its log records for the parent."""

    def put_nowait(self, record: logging.LogRecord) -> None:
        """Take a record; it can be pickled."""


def start_child(log: LogQueue, levels: Mapping[str, int], *, lowest_level: int = logging.NOTSET) -> None:
    """Make this process a child: the first thing that it does.

    Ctrl-C reaches every process of a terminal, so a child ignores it, and the parent decides what it means. A child
    ends when its parent is gone, however it went.

    Args:
        log: where its log records go, instead of wherever they went.
        levels: levels of the parent's loggers, as `log_levels` gives them.
        lowest_level: records below this level are dropped.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    handler = QueueHandler(log)  # type: ignore[arg-type]  # it calls `put_nowait` alone
    handler.setLevel(lowest_level)
    logging.root.handlers[:] = [handler]
    for name, level in levels.items():
        (logging.root if name == ROOT else logging.getLogger(name)).setLevel(level)
    logging.captureWarnings(True)


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
