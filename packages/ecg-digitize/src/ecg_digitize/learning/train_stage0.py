"""Task `digitize.train_stage0`: train the marker network on flat paper of rendered pages."""

from __future__ import annotations

import attrs
import torch

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.training import fit
from ecg_core.training.config import OptimConfig, ScheduleConfig, TrainingConfig
from ecg_digitize.learning.marker_config import ViewsConfig
from ecg_digitize.learning.marker_data import endless_views
from ecg_digitize.learning.marker_net import MarkerNet
from ecg_digitize.learning.page_unet_config import PageUNetConfig


@attrs.frozen(kw_only=True)
class TrainStage0Config(TrainingConfig):
    """Options of `digitize.train_stage0`."""

    net: PageUNetConfig = option(factory=PageUNetConfig, help="the network")
    data: ViewsConfig = option(factory=ViewsConfig, help="the views")
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=3e-3), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=100), help="learning rate over time")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)
    monitor: str = option("mean_iou", help="figure of the evaluation that decides which checkpoint is best")
    monitor_mode: str = option("max", help="whether low or high is good", choices=("min", "max"))


def run(config: TrainStage0Config, context: RunContext) -> TaskResult:
    """Train, and leave checkpoints and figures in the run folder.

    Raises:
        ConfigError, DataError: no records.
        EcgError: as `ecg_core.training.fit`.
    """
    torch.manual_seed(context.seed)
    return TaskResult(summary=fit(MarkerNet(config.net), endless_views(config.data, context.seed), config, context))
