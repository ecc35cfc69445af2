"""Task `classify.train`: train a classifier on prepared recordings."""

from __future__ import annotations

import attrs

from ecg_classify.data.config import DataConfig, DataRequest
from ecg_classify.models.config import ResNet1dConfig
from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.plugins.registry import registry
from ecg_core.training import fit
from ecg_core.training.config import EmaConfig, OptimConfig, ScheduleConfig, TrainingConfig


@attrs.frozen(kw_only=True)
class ClassifyTrainConfig(TrainingConfig):
    """Options of `classify.train`."""

    model: str = option("classify.resnet1d", help="model plugin")
    resnet1d: ResNet1dConfig = option(factory=ResNet1dConfig, help="the model")
    data: DataConfig = option(factory=DataConfig, help="the recordings")
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
    import torch

    torch.manual_seed(context.seed)
    model = registry().load("models", config.model)(config.resnet1d)
    data = registry().load("datasets", config.data.source)(DataRequest(config.data, context.seed))
    return TaskResult(summary=fit(model, data, config, context))
