"""Task `seg.train`: train a segmenter on rendered or given crops."""

from __future__ import annotations

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_core.context import RunContext, TaskResult
from ecg_core.training import train_task
from ecg_core.training.config import OptimConfig, ScheduleConfig, TrainingConfig
from ecg_seg.classes import class_set
from ecg_seg.options import SegDataRequest, SegNetworkConfig


@attrs.frozen(kw_only=True)
class SegTrainConfig(SegNetworkConfig, TrainingConfig):
    """Options of `seg.train`."""

    data: Choice = plugin_option("datasets", "seg.endless", help="where crops come from, by the name of a plugin")
    batch_size: int = option(8, help="crops in a batch", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
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
    request = SegDataRequest(
        classes=class_set(config.classes), batch_size=config.batch_size, workers=config.workers, seed=context.seed
    )
    return train_task(config, context, model=config.make, data=lambda: config.data.make(request))
