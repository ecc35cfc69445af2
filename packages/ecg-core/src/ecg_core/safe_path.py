"""Keep files of the current folder from being taken for modules: there a ``socket.py`` may be anybody's.

Python puts the current folder first on the path of what is started by ``python -m`` and ``python -c``, which is also
how `multiprocessing` starts its processes; PYTHONSAFEPATH tells it not to. What a user has put on PYTHONPATH stays.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "PYTHONSAFEPATH"
FOR_ONE_START = "for-one-start"
"""Its value where it is set for the start of a process alone, which takes it out of its environment again."""

_turn = threading.RLock()


@contextmanager
def safe_path_for_children() -> Iterator[None]:
    """Every Python that is started within the block leaves the current folder out.

    A user who set the variable, be it to nothing, has decided otherwise.
    """
    if VARIABLE in os.environ:
        yield
        return
    os.environ[VARIABLE] = "1"
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)


@contextmanager
def safe_path_for_one_start() -> Iterator[None]:
    """A process that is started within the block begins without the current folder; see `forget_start`.

    The processes of `multiprocessing` then take the path of the one that started them, so nobody misses anything.
    """
    with _turn:
        before = os.environ.get(VARIABLE)
        if before:
            yield
            return
        os.environ[VARIABLE] = FOR_ONE_START
        try:
            yield
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


def forget_start() -> None:
    """In a process that was started so: what it starts itself is as it would be without that."""
    if os.environ.get(VARIABLE) == FOR_ONE_START:
        del os.environ[VARIABLE]
