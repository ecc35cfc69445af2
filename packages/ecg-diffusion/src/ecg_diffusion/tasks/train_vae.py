"""Task `diffusion.train_vae`: train an autoencoder on the pictures of training."""

from __future__ import annotations

from functools import cache

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_core.context import RunContext, TaskResult
from ecg_core.protocols import Dataset
from ecg_core.training import train_task
from ecg_core.training.config import EmaConfig, OptimConfig, ScheduleConfig, TrainingConfig
from ecg_diffusion.autoencoder.network import AutoencoderNetworkConfig, AutoencoderRequest
from ecg_diffusion.images import SIDE_PX


@attrs.frozen(kw_only=True)
class TrainVaeConfig(AutoencoderNetworkConfig, TrainingConfig):
    """Options of `diffusion.train_vae`."""

    data: Choice = plugin_option(
        "datasets", "diffusion.pictures", help="pictures and their split, by the name of a plugin"
    )
    batch_size: int = option(8, help="pictures in a batch", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    steps: int | None = option(500, help="optimizer steps to take", unit="steps", minimum=1)
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=2e-3, weight_decay=1e-4), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=50), help="learning rate over time")
    ema: EmaConfig = option(factory=lambda: EmaConfig(decay=0.99), help="running average of the weights")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)


def run(config: TrainVaeConfig, context: RunContext) -> TaskResult:
    """Train, and leave checkpoints, figures and pictures of reconstructions in the run folder.

    Raises:
        ConfigError, DataError, PluginError: an option, a picture or a plugin is missing.
        EcgError: as `ecg_core.training.fit`.
    """
    from ecg_diffusion.data.pictures import PictureRequest

    make_model = cache(lambda: config.model.make(AutoencoderRequest(side_px=SIDE_PX)))

    def make_data() -> Dataset:
        dataset: Dataset = config.data.make(
            PictureRequest(
                latent_shape=make_model().latent_shape,
                batch_size=config.batch_size,
                seed=context.seed,
                workers=config.workers,
            )
        )
        return dataset

    return train_task(config, context, model=make_model, data=make_data)
