"""Logging of the command line: short lines on standard error, dated ones in the run's log file."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ecg_core.errors import why_not_written
from ecg_core.printable import LINES, printable

RUN_LOG = "run.log"

log = logging.getLogger(__name__)


WARNINGS = "py.warnings"
"""The logger of Python's own warnings, whose texts have several lines."""


class PrintableFormatter(logging.Formatter):
    """Logs of whatever others call their files, each message on a line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        return printable(super().formatMessage(record), keep=LINES if record.name == WARNINGS else "\t")

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        return printable(super().formatException(ei), keep=LINES)


class ConsoleFormatter(PrintableFormatter):
    """The message alone for information, ``warning: …`` for what needs attention."""

    def format(self, record: logging.LogRecord) -> str:
        message = super().format(record)
        return message if record.levelno <= logging.INFO else f"{record.levelname.lower()}: {message}"


class ConsoleHandler(logging.StreamHandler):
    """Writes to what standard error is at the moment, so that lines go above a live progress bar and not into it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


def log_to_console(*, verbose: bool = False) -> None:
    """Show what the library logs on standard error; everything of it with ``verbose``.

    The loggers themselves pass everything of the library on, so that a run's log file is complete either way.
    """
    take_console(level=logging.DEBUG if verbose else logging.INFO)
    for package in _plugin_packages():
        logging.getLogger(package).setLevel(logging.DEBUG)
    logging.captureWarnings(True)
    warnings.simplefilter("default" if verbose else "ignore", DeprecationWarning)


def take_console(*, level: int = logging.INFO) -> None:
    """Show warnings of everybody on standard error, before anything is known of the plugins."""
    handler = ConsoleHandler()
    handler.setFormatter(ConsoleFormatter("%(message)s"))
    handler.setLevel(level)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _plugin_packages() -> set[str]:
    """Top-level packages of every plugin distribution; other libraries stay at warnings."""
    from ecg_core.plugins.registry import registry

    packages = {entry.value.partition(":")[0].partition(".")[0].strip() for entry in registry().all_entries()}
    return {"ecg_core"} | packages - {""}  # the logger without a name is everybody's


class RunLogHandler(logging.FileHandler):
    """Writes to the run's log; a disk that is full is told once, and by what else cannot be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it so
        """Tell the first line that the disk refuses in one line, and drop the others."""
        error = sys.exc_info()[1]
        if error is None or not why_not_written(error):
            super().handleError(record)
        elif self in logging.getLogger().handlers:
            logging.getLogger().removeHandler(self)
            log.warning("%s cannot be written: %s", self.baseFilename, why_not_written(error))


@contextmanager
def log_to_file(folder: Path) -> Iterator[None]:
    """Append what is logged meanwhile to ``run.log`` in a folder."""
    handler = RunLogHandler(folder / RUN_LOG, encoding="utf-8")
    handler.setFormatter(PrintableFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        with suppress(OSError):  # a line that the disk refused is tried once more
            handler.close()
