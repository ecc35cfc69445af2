"""Options of training, the same for every learned part; a task's configuration class inherits `TrainingConfig`."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import option


@attrs.frozen(kw_only=True)
class OptimConfig:
    """The optimizer."""

    name: str = option("adamw", help="optimizer", choices=("adamw", "adam", "sgd"))
    lr: float = option(1e-3, help="learning rate at its highest", above=0)
    weight_decay: float = option(0.01, help="decoupled for adamw, added to the gradient for adam and sgd", minimum=0)
    betas: tuple[float, float] = option(
        (0.9, 0.999), help="decay of the two moments of adamw and adam", minimum=0, below=1
    )
    momentum: float = option(0.9, help="momentum of sgd", minimum=0)


@attrs.frozen(kw_only=True)
class ScheduleConfig:
    """The learning rate over time."""

    name: str = option("cosine", help="course of the learning rate", choices=("constant", "cosine", "plateau"))
    warmup_steps: int = option(0, help="steps of linear rise to the full rate", unit="steps", minimum=0)
    min_lr: float = option(0.0, help="the rate never falls below it", minimum=0)
    factor: float = option(0.1, help="plateau: multiplies the rate when the monitor stalls", above=0, maximum=1)
    patience: int = option(5, help="plateau: evaluations without a new best that are borne", minimum=0)


@attrs.frozen(kw_only=True)
class EmaConfig:
    """A running average of the weights, which is what gets evaluated and used."""

    decay: float = option(
        0.0, help="share of the old average kept at each step, 0.999 say; 0: off", minimum=0, maximum=1
    )


@attrs.frozen(kw_only=True)
class GuardConfig:
    """What to do when loss or gradients are not finite. A single such step is always skipped."""

    max_skips_in_a_row: int = option(10, help="roll back to the last checkpoint after as many", unit="steps", minimum=1)
    max_rollbacks: int = option(3, help="stop with a diagnosis at the next one", minimum=0)
    rate_factor: float = option(0.5, help="multiplies the learning rate at each roll-back", above=0, maximum=1)


@attrs.frozen(kw_only=True)
class TrainingConfig:
    """Budget, step, schedule, evaluation and checkpoints."""

    trainer: str = option("default", help="trainer plugin")
    begin_with: Path | None = option(
        None, help="weights to begin with: a run folder, a checkpoint of it, or a .safetensors file"
    )
    epochs: int = option(10, help="passes over the training data", minimum=1)
    steps: int | None = option(None, help="optimizer steps to take, instead of epochs", unit="steps", minimum=1)
    accumulate: int = option(1, help="batches that make one optimizer step", unit="batches", minimum=1)
    clip_norm: float = option(0.0, help="largest norm of the gradient; 0: not clipped", minimum=0)
    optim: OptimConfig = option(factory=OptimConfig, help="optimizer")
    schedule: ScheduleConfig = option(factory=ScheduleConfig, help="learning rate over time")
    ema: EmaConfig = option(factory=EmaConfig, help="running average of the weights")
    guard: GuardConfig = option(factory=GuardConfig, help="steps that are not finite")
    log_every_steps: int = option(10, help="between two lines of metrics.jsonl", unit="steps", minimum=1)
    evaluate_every_steps: int = option(
        0, help="between evaluations; 0: each epoch, or ten times over endless data", unit="steps", minimum=0
    )
    checkpoint_every_steps: int = option(0, help="between checkpoints; 0: at each evaluation", unit="steps", minimum=0)
    monitor: str = option("loss", help="figure of the evaluation that decides which checkpoint is best")
    monitor_mode: str = option("min", help="whether low or high is good", choices=("min", "max"))
    keep: int = option(2, help="latest checkpoints to keep, beside the best", minimum=1)
    sync_to: str = option("", help="folder or URL (gs://…, s3://…) for a copy of checkpoints and figures; empty: none")


FREE_ON_RESUME = (
    "epochs",
    "steps",
    "log_every_steps",
    "evaluate_every_steps",
    "checkpoint_every_steps",
    "monitor",
    "monitor_mode",
    "keep",
    "guard",
    "sync_to",
    "workers",
)
"""Options that a resumed run may change: how long, how often, how patiently, and how many processes make the
batches, which follow from their numbers alone; but not what a step does."""
