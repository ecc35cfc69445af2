"""Inputs are read in a process of their own, which is stopped when it hangs, and replaced when it dies."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import attrs

from attack.inputs import Input

MAX_SECONDS, MAX_MB = 60, 2048
"""What a page, or any other input, may take."""

NOISE = ("Traceback", "Logging error", "Warning:", "\x1b")
"""What nobody should ever see on a terminal."""

LONGEST_MESSAGE = 4000
"""Characters of an error that somebody would still read: a screen of them."""

STARTS_WITHIN_S = 120


@attrs.frozen
class Outcome:
    """What came of an input.

    Attributes:
        name: of the input.
        ended: ``read``, ``refused`` (by an `EcgError`), ``stopped`` (too much for the library, told by the command),
            ``leaked`` (any other error), ``noisy`` (printed what it should not), ``hung`` (longer than `MAX_SECONDS`),
            ``died`` (the process ended), or ``heavy`` (more than `MAX_MB`).
        says: what was said of it.
        seconds: that it took.
        peak_mb: most memory that the process had meanwhile.
    """

    name: str
    ended: str
    says: str = attrs.field(repr=False)
    seconds: float
    peak_mb: float = 0.0


FAULTS = ("leaked", "noisy", "hung", "died", "heavy")
TOO_MUCH = ("hung", "died", "heavy")
"""What only another process can prevent: the watchdog of the command."""


def read_all(
    inputs: Iterable[Input],
    target: str,
    *,
    command: Sequence[str] = (),
    max_seconds: float = MAX_SECONDS,
    max_mb: float = MAX_MB,
) -> Iterator[Outcome]:
    """Read each input by a function.

    Args:
        inputs: what to try.
        target: ``module:function``; it takes the path of an input.
        command: words of an ``ecg`` command that takes the path, too, and watches over it: what is too much for the
            function is tried by it.
        max_seconds: what takes longer hangs.
        max_mb: what takes more is heavy.
    """
    reader = _Reader(target, max_seconds, max_mb)
    try:
        for each in inputs:
            with tempfile.TemporaryDirectory(prefix="attack-") as folder:
                path = each.write(Path(folder))
                outcome = reader.read(each.name, path)
                yield _by_command(outcome, [*command, str(path)]) if command and outcome.ended in TOO_MUCH else outcome
    finally:
        reader.close()


def _by_command(outcome: Outcome, words: Sequence[str]) -> Outcome:
    """What the command makes of an input that was too much for the function: it must stop, and say so, in good time."""
    with tempfile.TemporaryDirectory(prefix="attack-") as out:
        command = [sys.executable, "-m", "ecg_core.cli", *words, "--out", out]
        begun = time.perf_counter()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=2 * MAX_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return outcome
    told = done.stdout + done.stderr
    is_told = done.returncode == 1 and not any(noise in told for noise in NOISE)
    seconds = time.perf_counter() - begun
    return attrs.evolve(outcome, ended="stopped" if is_told else outcome.ended, says=told, seconds=seconds)


class _Reader:
    """The process, started when it is needed."""

    def __init__(self, target: str, max_seconds: float, max_mb: float) -> None:
        self._target, self._max_seconds, self._max_mb = target, max_seconds, max_mb
        self._process: subprocess.Popen[str] | None = None
        self._told: IO[str] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - `close` does

    def read(self, name: str, path: Path) -> Outcome:
        process = self._process or self._start()
        heard = self._told.tell()
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        answer = self._answer(self._max_seconds)
        self._told.seek(heard)
        told = self._told.read()
        if answer is None:
            hangs = process.poll() is None
            self._stop()
            return Outcome(name, "hung" if hangs else "died", told[-2000:], self._max_seconds if hangs else 0.0)
        return _judged(name, answer, told, self._max_mb)

    def close(self) -> None:
        self._stop()
        self._told.close()

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "attack.child", self._target]
        path = os.pathsep.join([str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._told,
            text=True,
        )
        if self._answer(STARTS_WITHIN_S) is None:
            self._told.seek(0)
            raise RuntimeError(f"the reader of {self._target} does not start: {self._told.read()}")
        return self._process

    def _answer(self, seconds: float) -> dict | None:
        """The next answer; None where the process ends or takes longer."""
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        line = self._process.stdout.readline() if ready else ""
        if ready and not line:
            self._process.wait()
        return json.loads(line) if line else None


def _judged(name: str, answer: dict, told: str, max_mb: float) -> Outcome:
    ended, says = answer["ended"], answer["says"]
    if ended != "leaked" and any(noise in told for noise in NOISE):
        ended, says = "noisy", told[-2000:]
    elif ended in ("read", "refused") and answer["peak_mb"] > max_mb:
        ended = "heavy"
    elif ended == "refused" and len(says) > LONGEST_MESSAGE:
        ended = "noisy"
    return Outcome(name, ended, says, answer["seconds"], answer["peak_mb"])
