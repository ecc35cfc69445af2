"""Task `seg.train`: train a segmenter on rendered or given crops."""

from __future__ import annotations

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.plugins.registry import registry
from ecg_core.training import fit
from ecg_core.training.config import OptimConfig, ScheduleConfig, TrainingConfig
from ecg_seg.classes import class_set
from ecg_seg.data.config import SegDataConfig, SegDataRequest
from ecg_seg.models.config import SegUNetConfig


@attrs.frozen(kw_only=True)
class SegTrainConfig(TrainingConfig):
    """Options of `seg.train`."""

    model: str = option("seg.unet", help="model plugin")
    unet: SegUNetConfig = option(factory=SegUNetConfig, help="the model")
    data: SegDataConfig = option(factory=SegDataConfig, help="the crops")
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=3e-3), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=100), help="learning rate over time")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)
    monitor: str = option("mean_iou", help="figure of the evaluation that decides which checkpoint is best")
    monitor_mode: str = option("max", help="whether low or high is good", choices=("min", "max"))


def run(config: SegTrainConfig, context: RunContext) -> TaskResult:
    """Train, and leave checkpoints and figures in the run folder.

    Raises:
        ConfigError, DataError, PluginError: an option or a file is not there.
        EcgError: as `ecg_core.training.fit`.
    """
    import torch

    torch.manual_seed(context.seed)
    model = registry().load("models", config.model)(config.unet)
    request = SegDataRequest(config.data, class_set(config.unet.classes), context.seed)
    data = registry().load("datasets", config.data.source)(request)
    summary = fit(model, data, config, context)
    damaged = getattr(data, "num_damaged", 0)
    return TaskResult(summary={**summary, "damaged crops": damaged} if damaged else summary)
