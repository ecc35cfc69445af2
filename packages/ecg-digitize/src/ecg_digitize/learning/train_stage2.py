"""Task `digitize.train_stage2`: train the waveform network on strips of rendered pages."""

from __future__ import annotations

import attrs
import torch

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.training import fit
from ecg_core.training.config import OptimConfig, ScheduleConfig, TrainingConfig
from ecg_digitize.learning.waveform_config import StripsConfig, WaveformNetConfig
from ecg_digitize.learning.waveform_data import endless_strips
from ecg_digitize.learning.waveform_net import WaveformNet


@attrs.frozen(kw_only=True)
class TrainStage2Config(TrainingConfig):
    """Options of `digitize.train_stage2`."""

    net: WaveformNetConfig = option(factory=WaveformNetConfig, help="the network")
    data: StripsConfig = option(factory=StripsConfig, help="the strips")
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=3e-3), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=100), help="learning rate over time")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)
    monitor: str = option("snr_db", help="figure of the evaluation that decides which checkpoint is best")
    monitor_mode: str = option("max", help="whether low or high is good", choices=("min", "max"))


def run(config: TrainStage2Config, context: RunContext) -> TaskResult:
    """Train, and leave checkpoints and figures in the run folder.

    Raises:
        ConfigError, DataError: no records.
        EcgError: as `ecg_core.training.fit`.
    """
    torch.manual_seed(context.seed)
    return TaskResult(summary=fit(WaveformNet(config.net), endless_strips(config.data, context.seed), config, context))
