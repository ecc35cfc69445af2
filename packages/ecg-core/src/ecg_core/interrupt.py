"""Stop signals: a first one asks a run to end well, a second one ends it at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))
SECONDS_BEFORE_REPEAT = 0.2
"""Signals so close together count as one: ``timeout`` sends the same to a process and to its group."""

SECONDS_BEFORE_REPEAT_OF_RANKS = 1.0
"""The same of a process of several: Ctrl-C reaches it from the terminal and, later, from torchrun."""


class StopRequest:
    """Within the block a first stop signal only sets ``signal_name``; another later acts as it would outside.

    A signal that is ignored on entry stays ignored, as for ``nohup``. Outside the main thread, where Python allows no
    handlers, nothing is caught.

    Args:
        ending: what is done before the run ends, for whoever pressed Ctrl-C: ``after this step``.

    Attributes:
        signal_name: ``SIGTERM``, ``SIGINT`` or ``SIGHUP`` once it came, else None.
    """

    def __init__(self, ending: str = "after this step") -> None:
        self.signal_name: str | None = None
        self._ending = ending
        self._first_s = 0.0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        self._before = _handled_by(self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        _restore(self._before)
        self._before.clear()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.signal_name is None:
            self.signal_name, self._first_s = signal.Signals(number).name, time.monotonic()
            _tell_on_terminal(f"stopping {self._ending}; once more to stop at once")
        elif time.monotonic() - self._first_s >= seconds_before_repeat():
            self.__exit__()
            os.kill(os.getpid(), number)


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Within the block SIGTERM and SIGHUP do what Ctrl-C does: a KeyboardInterrupt, so that everything is cleared up.

    Ignored signals stay ignored, and in other threads than the main one nothing changes.
    """
    before = _handled_by(_interrupt)
    try:
        yield
    finally:
        _restore(before)


def seconds_before_repeat() -> float:
    """How long after a stop signal the next one is the same."""
    return SECONDS_BEFORE_REPEAT_OF_RANKS if "RANK" in os.environ else SECONDS_BEFORE_REPEAT


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _handled_by(handler: Any) -> dict[int, Any]:
    """Have a handler take the stop signals that are not ignored; gives those that took them before."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    heard = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in heard}


def _restore(handlers: dict[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _tell_on_terminal(message: str) -> None:
    """Write at once to a terminal, past buffers and locks that the interrupted code may hold."""
    if os.isatty(2) and os.environ.get("RANK", "0") == "0":
        with suppress(OSError):  # it was closed
            os.write(2, f"\n{message}\n".encode())
