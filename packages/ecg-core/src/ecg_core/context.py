"""What a task is handed, and what it hands back: plain values, which know neither backends nor hooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any, Literal

import attrs

from ecg_core.errors import EcgError, one_line

Precision = Literal["fp32", "bf16"]


@attrs.frozen(kw_only=True)
class RunContext:
    """One run of one task: plain values, so that it travels to other processes.

    Attributes:
        task: name of the task.
        out_dir: the run folder; it exists, and everything the run makes goes there.
        seed: of every random number of the run.
        resume: go on with what ``out_dir`` already holds.
        overwrite: begin anew, and remove what the run folder holds of an earlier run of the task.
        backend: name of a backend, or ``auto`` for the best present.
        devices: how many devices of this host; None for all that the backend takes by itself.
        precision: of the forward pass.
        config: the resolved configuration as plain values, for checkpoints and logs.
        tell_hooks: whether `ecg_core.plugins.events.fire` tells the hooks of this run; not of a training that is a part
            of another run, say.
    """

    task: str
    out_dir: Path = attrs.field(converter=Path)
    seed: int = 0
    resume: bool = False
    overwrite: bool = False
    backend: str = "auto"
    devices: int | None = None
    precision: Precision = "fp32"
    config: Mapping[str, Any] = attrs.field(factory=dict)
    tell_hooks: bool = True


def resume_command(context: RunContext) -> str:
    """The command line that goes on with a run, whose options the run folder holds."""
    seed = f" --seed {context.seed}" if context.seed else ""
    precision = f" --precision {context.precision}" if context.precision != "fp32" else ""
    return f"ecg run {context.task} --out {quote(str(context.out_dir))}{seed}{precision} --resume"


@attrs.frozen
class Failure:
    """An item that could not be done, and why: ``page7.png``, ``the file is empty``."""

    item: str
    reason: str

    @classmethod
    def from_error(cls, item: str, error: BaseException) -> Failure:
        """What an item's error means to a user; the item is not named twice."""
        reason = str(error) if isinstance(error, EcgError) else one_line(error)
        return cls(item, reason.removeprefix(f"{item}: "))


@attrs.frozen(kw_only=True)
class TaskResult:
    """What a task hands back.

    Attributes:
        summary: figures and paths for the end of the run, plain values in the order to show them.
        failures: items that were left out; any makes the run end with exit code 1.
    """

    summary: Mapping[str, Any] = attrs.field(factory=dict)
    failures: Sequence[Failure] = ()
