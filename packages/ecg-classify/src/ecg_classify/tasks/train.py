"""Task `classify.train`: train a classifier on prepared recordings."""

from __future__ import annotations

import attrs

from ecg_classify.options import ClassifyDataRequest, ClassifyNetworkConfig
from ecg_core.config import Choice, option, plugin_option
from ecg_core.context import RunContext, TaskResult
from ecg_core.training import train_task
from ecg_core.training.config import EmaConfig, OptimConfig, ScheduleConfig, TrainingConfig


@attrs.frozen(kw_only=True)
class ClassifyTrainConfig(ClassifyNetworkConfig, TrainingConfig):
    """Options of `classify.train`."""

    data: Choice = plugin_option("datasets", "classify.prepared", help="the recordings, by the name of a plugin")
    batch_size: int = option(32, help="recordings in a batch", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    epochs: int = option(40, help="passes over the training data", minimum=1)
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=2e-3, weight_decay=0.05), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=50), help="learning rate over time")
    ema: EmaConfig = option(factory=lambda: EmaConfig(decay=0.99), help="running average of the weights")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)
    monitor: str = option("macro_f1", help="figure of the evaluation that decides which checkpoint is best")
    monitor_mode: str = option("max", help="whether low or high is good", choices=("min", "max"))


def run(config: ClassifyTrainConfig, context: RunContext) -> TaskResult:
    """Train, and leave checkpoints and figures in the run folder.

    Raises:
        ConfigError, DataError, PluginError: an option or a file is not there.
        EcgError: as `ecg_core.training.fit`.
    """
    request = ClassifyDataRequest(batch_size=config.batch_size, workers=config.workers, seed=context.seed)
    return train_task(config, context, model=config.make, data=lambda: config.data.make(request))
