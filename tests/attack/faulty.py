"""Readers that do what no reader may do, to see that each is caught at it."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from ecg_core.errors import DataError


def by_name(path: Path) -> None:
    """Do what the name of the file says."""
    DOES[path.stem]()


def _refuses() -> None:
    raise DataError("page.png: the file is empty; copy it again")


def _reads() -> None:
    pass


def _leaks() -> None:
    raise KeyError("step")


def _exits() -> None:
    raise SystemExit(0)


def _hangs() -> None:
    time.sleep(60)


def _dies() -> None:
    os.abort()


def _swells() -> None:
    bytearray(600 << 20).count(1)  # every page of it is touched


def _prints() -> None:
    logging.getLogger("faulty").warning("Traceback of a library")


def _litters() -> None:
    Path("executed").touch()


def _rambles() -> None:
    raise DataError("x" * 50_000)


DOES = {
    "refuses": _refuses,
    "reads": _reads,
    "leaks": _leaks,
    "exits": _exits,
    "hangs": _hangs,
    "dies": _dies,
    "swells": _swells,
    "prints": _prints,
    "rambles": _rambles,
    "litters": _litters,
}
