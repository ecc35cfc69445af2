"""Task ``demo.fit``: train a tiny network on made-up heartbeats, to see that a backend works."""

from __future__ import annotations

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.training import train_task
from ecg_core.training.config import OptimConfig, TrainingConfig


@attrs.frozen(kw_only=True)
class DemoConfig(TrainingConfig):
    """A small budget, and the size of the problem."""

    epochs: int = option(4, help="passes over the training data", minimum=1)
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=1e-2), help="optimizer")
    monitor: str = option("accuracy", help="figure of the evaluation that decides which checkpoint is best")
    monitor_mode: str = option("max", help="whether low or high is good", choices=("min", "max"))
    batch_size: int = option(32, help="heartbeats in a batch", minimum=2)
    batches: int = option(25, help="batches in an epoch", minimum=1)
    noise_mv: float = option(0.1, help="standard deviation of the noise", unit="mV", minimum=0)


def run(config: DemoConfig, context: RunContext) -> TaskResult:
    """Train to tell wide heartbeats from narrow ones."""
    from ecg_core.training.demo_parts import HeartbeatClassifier, MadeUpHeartbeats

    return train_task(
        config,
        context,
        model=HeartbeatClassifier,
        data=lambda: MadeUpHeartbeats(
            batches=config.batches, batch_size=config.batch_size, noise_mv=config.noise_mv, seed=context.seed
        ),
    )
