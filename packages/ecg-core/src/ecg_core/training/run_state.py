"""What a checkpoint says of a run beside its tensors, looked through before anything is done with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from operator import index
from typing import Any

import attrs

from ecg_core.errors import CheckpointError
from ecg_core.training.checkpoint import Checkpoint
from ecg_core.training.step_seeds import MIXED, SCHEMES, SUM


@attrs.define(kw_only=True)
class RunState:
    """Progress and figures of a run, without what it has learned.

    Attributes:
        step: optimizer steps done, skipped ones included.
        epoch: epoch of the last step, counted from 1; 0 before the first.
        evaluated_step: step of the last evaluation.
        rollbacks: how often the run was rolled back.
        bad_in_a_row: steps skipped since the last good one, as of the last step that was logged.
        figures: of the last step that was logged.
        metrics: of the last evaluation.
        step_seeds: how the seeds of its steps are made, see `ecg_core.training.step_seeds`.
    """

    step: int = 0
    epoch: int = 0
    evaluated_step: int = 0
    rollbacks: int = 0
    bad_in_a_row: int = 0
    figures: dict[str, float] = attrs.field(factory=dict)
    metrics: dict[str, float] = attrs.field(factory=dict)
    step_seeds: str = MIXED


@attrs.frozen(kw_only=True)
class SavedRun:
    """A run as a checkpoint describes it.

    Attributes:
        state: its progress.
        counters: of the guard and the average, by name.
        rate: state of the learning rate.
        monitor: state of the monitor.
        journal_bytes: length of ``metrics.jsonl`` then.
    """

    state: RunState
    counters: Mapping[str, float]
    rate: dict[str, Any]
    monitor: dict[str, Any]
    journal_bytes: int

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> SavedRun:
        """The run that a checkpoint describes.

        Raises:
            CheckpointError: it describes none, or is damaged.
        """
        try:
            return cls._of(checkpoint.meta["training"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CheckpointError(
                f"{checkpoint.folder} is damaged, or was not made by a training: what it says of its run is not as it "
                f"should be ({type(error).__name__}: {error}); its weights may still be good to begin with (begin_with)"
            ) from error

    @classmethod
    def _of(cls, training: Mapping[str, Any]) -> SavedRun:
        monitor, rate = training["monitor"], training["rate"]
        best = monitor["best"]
        return cls(
            state=_state(training["state"]),
            counters={str(name): float(value) for name, value in training["counters"].items()},
            rate={
                "reduction": _finite(rate["reduction"]),
                "plateau": _finite(rate["plateau"]),
                "stalled": _count(rate["stalled"]),
            },
            monitor={
                "name": str(monitor["name"]),
                "mode": str(monitor["mode"]),
                "best": None if best is None else _finite(best),
                "best_step": _count(monitor["best_step"]),
            },
            journal_bytes=_count(training["journal_bytes"]),
        )


def _state(saved: Mapping[str, Any]) -> RunState:
    """The progress; runs that began before the seeds of steps were mixed say nothing of them."""
    scheme = saved.get("step_seeds", SUM)
    if scheme not in SCHEMES:
        raise ValueError(f"step_seeds is {scheme!r}, which a later release may know")
    counts = ("step", "epoch", "evaluated_step", "rollbacks", "bad_in_a_row")
    return RunState(
        **{name: _count(saved[name]) for name in counts},
        figures=_figures(saved["figures"]),
        metrics=_figures(saved["metrics"]),
        step_seeds=scheme,
    )


def _figures(saved: Mapping[str, Any]) -> dict[str, float]:
    """Figures by name; those that were no numbers are saved as null."""
    number: Callable[[Any], float] = lambda value: math.nan if value is None else float(value)  # noqa: E731
    return {str(name): number(value) for name, value in saved.items()}


def _count(value: Any) -> int:
    if isinstance(value, bool) or index(value) < 0:
        raise ValueError(f"{value!r} is no count")
    return index(value)


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)
