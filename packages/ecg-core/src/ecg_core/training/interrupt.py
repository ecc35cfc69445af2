"""Ask a run to stop at the end of its step."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import Any

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
SECONDS_BEFORE_REPEAT = 1.0
"""Ctrl-C reaches a process from the terminal and from torchrun: signals so close together count as one."""


class StopRequest:
    """Within the block a first SIGTERM or Ctrl-C only sets ``signal_name``; another later acts as if unhandled.

    A signal that is ignored on entry stays ignored, as for ``nohup``. Outside the main thread, where Python allows no
    handlers, nothing is caught.

    Attributes:
        signal_name: ``SIGTERM`` or ``SIGINT`` once it came, else None.
    """

    def __init__(self) -> None:
        self.signal_name: str | None = None
        self._first_s = 0.0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            for number in STOP_SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.signal_name is None:
            self.signal_name, self._first_s = signal.Signals(number).name, time.monotonic()
            _tell_on_terminal("stopping after this step; once more to stop at once")
        elif time.monotonic() - self._first_s >= SECONDS_BEFORE_REPEAT:
            self.__exit__()
            os.kill(os.getpid(), number)


def _tell_on_terminal(message: str) -> None:
    """Write at once to a terminal, past buffers and locks that the interrupted code may hold."""
    if os.isatty(2) and os.environ.get("RANK", "0") == "0":
        os.write(2, f"\n{message}\n".encode())
