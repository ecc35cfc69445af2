"""Logging of the command line: short lines on standard error, dated ones in the run's log file."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUN_LOG = "run.log"


class ConsoleFormatter(logging.Formatter):
    """The message alone for information, ``warning: …`` for what needs attention."""

    def format(self, record: logging.LogRecord) -> str:
        message = super().format(record)
        return message if record.levelno <= logging.INFO else f"{record.levelname.lower()}: {message}"


def log_to_console(*, verbose: bool = False) -> None:
    """Show what the library logs on standard error; everything of it with ``verbose``."""
    handler = logging.StreamHandler()
    handler.setFormatter(ConsoleFormatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _library_level(logging.DEBUG if verbose else logging.INFO)
    logging.captureWarnings(True)
    warnings.simplefilter("default" if verbose else "ignore", DeprecationWarning)


def _library_level(level: int) -> None:
    """Set the level of every plugin distribution's logger; other libraries stay at warnings."""
    from ecg_core.plugins.registry import registry

    packages = {entry.value.partition(":")[0].partition(".")[0] for entry in registry().all_entries()}
    for package in packages | {"ecg_core"}:
        logging.getLogger(package).setLevel(level)


@contextmanager
def log_to_file(folder: Path) -> Iterator[None]:
    """Append what is logged meanwhile to ``run.log`` in a folder."""
    handler = logging.FileHandler(folder / RUN_LOG, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
