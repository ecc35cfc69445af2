"""Progress of long work: a live bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import Any, Protocol

from ecg_core.printable import printable

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """Progress of one piece of work; use it as a context manager."""

    def advance(self, count: int = 1, **figures: float) -> None:
        """``count`` more units are done; ``figures`` (loss=0.31) are shown beside the rate."""

    def __enter__(self) -> Progress: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def progress(total: int | None, description: str, *, unit: str = "", done: int = 0) -> Progress:
    """A live bar if standard error is a terminal, else plain log lines.

    Args:
        total: units of work, None if unknown.
        description: what is being done.
        unit: what is counted, ``pages`` say, for the rate.
        done: units that a resumed run has behind it.
    """
    return (LiveProgress if sys.stderr.isatty() else LineProgress)(total, description, unit, done)


class LineProgress:
    """A log line every ten seconds, and one at the end."""

    def __init__(self, total: int | None, description: str, unit: str = "", done: int = 0) -> None:
        self._total, self._description, self._unit = total, description, unit
        self._done = self._done_before = done
        self._start_s = self._last_line_s = time.monotonic()
        self._figures: dict[str, float] = {}

    def advance(self, count: int = 1, **figures: float) -> None:
        self._done += count
        self._figures = figures or self._figures
        if time.monotonic() - self._last_line_s >= SECONDS_BETWEEN_LINES:
            self._line()

    def __enter__(self) -> LineProgress:
        return self

    def __exit__(self, *_error: object) -> None:
        self._line()

    def _line(self) -> None:
        self._last_line_s = time.monotonic()
        elapsed_s = max(self._last_line_s - self._start_s, 1e-9)
        rate = (self._done - self._done_before) / elapsed_s
        total = "" if self._total is None else f"/{self._total}"
        unit = f" {self._unit}" if self._unit else ""
        remaining = "" if self._total is None or not rate else f", {(self._total - self._done) / rate:.0f} s left"
        log.info("%s: %d%s%s (%.3g/s%s)%s", self._description, self._done, total, unit, rate, remaining, self._shown())

    def _shown(self) -> str:
        return "".join(f" {name}={value:.4g}" for name, value in self._figures.items())


class LiveProgress:
    """A bar with rate, remaining time and figures."""

    def __init__(self, total: int | None, description: str, unit: str = "", done: int = 0) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._unit, self._start_s, self._done, self._done_before = unit, time.monotonic(), done, done
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}", markup=False),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task(printable(description), total=total, completed=done, rate="", figures="")

    def advance(self, count: int = 1, **figures: float) -> None:
        self._done += count
        rate = (self._done - self._done_before) / max(time.monotonic() - self._start_s, 1e-9)
        update: dict[str, Any] = {"rate": f"{rate:.3g} {self._unit}/s"}
        if figures:
            update["figures"] = printable(" ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        self._bar.update(self._task, advance=count, **update)

    def __enter__(self) -> LiveProgress:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()
