"""The one door to code of others: what would end the process there is a fault of that code, unless the user wanted it.

``sys.exit()`` and ``raise KeyboardInterrupt`` pass by every ``except Exception``. Raised by a plugin they would end a
run as if it were done, or as if the user had ended it. Within `guarded` they become a `PluginBroken`, an error as any
other; a signal that the user sends still ends the run. (Against ``os._exit`` there is no help within a process.)
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ecg_core.errors import PluginBroken, one_line

OWN_PACKAGE = __name__.partition(".")[0]
ENDINGS = (SystemExit, KeyboardInterrupt)
"""What ends a process without a word about where it came from; whatever else is no error says so by its traceback."""

SIGNALS_OF_THE_USER = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class UserSignals:
    """Within the block it notes whether a signal came that asks this process to stop, and leaves its handler to it."""

    def __init__(self) -> None:
        self.came = False
        self._before: dict[int, Any] = {}
        self._noting: dict[int, Any] = {}

    def __enter__(self) -> UserSignals:
        if threading.current_thread() is threading.main_thread():  # no other may set handlers, nor is interrupted
            for number in SIGNALS_OF_THE_USER:
                handler = signal.getsignal(number)
                if callable(handler):
                    self._before[number], self._noting[number] = handler, self._note
                    signal.signal(number, self._noting[number])
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            if signal.getsignal(number) is self._noting[number]:  # else somebody has set another meanwhile
                signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        self._before[number](number, frame)

    def meant(self, error: BaseException) -> bool:
        """Whether an exception is the answer to such a signal; our own code, which has handlers, raises none else."""
        return self.came or _innermost(error).partition(".")[0] == OWN_PACKAGE


@contextmanager
def guarded(title: str = "", doing: str = "") -> Iterator[None]:
    """Call code of others within the block; errors pass through, and so does what the user asked for.

    Args:
        title: what the code is, ``The format edf of acme-kit 1.2`` say; by default it is found out.
        doing: what it was asked for, ``read`` say.

    Raises:
        PluginBroken: it raised what would end the process.
    """
    with UserSignals() as signals:
        try:
            yield
        except ENDINGS as error:
            if signals.meant(error):
                raise
            raise stray(error, title, doing) from error


def stray(error: BaseException, title: str = "", doing: str = "") -> PluginBroken:
    """The error about an exception that would have ended the process."""
    title = title or f"Code of {_owner(error)}"
    where = f" in {doing}" if doing else ""
    return PluginBroken(
        f"{title} is broken: it raised {one_line(error)}{where}, which ends the whole process. Tell its authors, or "
        "uninstall it."
    )


def _modules(error: BaseException) -> list[str]:
    """Names of the modules that an exception passed through, from where it was raised outwards."""
    names = []
    traceback = error.__traceback__
    while traceback is not None:
        names.append(str(traceback.tb_frame.f_globals.get("__name__", "")))
        traceback = traceback.tb_next
    return names[::-1]


def _innermost(error: BaseException) -> str:
    return next(iter(_modules(error)), "")


def _owner(error: BaseException) -> str:
    """The distribution with plugins whose code raised an exception, or called what did; else the module that did."""
    owners = _owners()
    for module in _modules(error):
        package = module.partition(".")[0]
        if package in owners:
            return owners[package]
    return _innermost(error) or "a plugin"


def _owners() -> dict[str, str]:
    """Top-level package → the distribution that registers plugins in it, and its version."""
    from ecg_core.plugins.discovery import installed_entry_points, name_of, version_of  # only where something is wrong

    owners: dict[str, str] = {}
    for point in installed_entry_points().points:
        package = point.value.partition(":")[0].partition(".")[0].strip()
        owners[package] = f"{name_of(point.dist)} {version_of(point.dist)}"
    return owners
