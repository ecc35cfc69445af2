"""Task `diffusion.train_vae`: train an autoencoder on the pictures of training."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.plugins.registry import registry
from ecg_core.training import fit
from ecg_core.training.config import EmaConfig, OptimConfig, ScheduleConfig, TrainingConfig
from ecg_diffusion.autoencoder.config import REDUCTION, VaeConfig
from ecg_diffusion.images.spectra import SIDE_PX


@attrs.frozen(kw_only=True)
class TrainVaeConfig(TrainingConfig):
    """Options of `diffusion.train_vae`."""

    images: Path | None = option(None, help="folder of a folder of pictures a class, ID_1 … ID_N")
    split: Path | None = option(None, help="split.json of diffusion.split; only its part train is looked at")
    validation_share: float = option(
        0.1, help="share of the pictures of training that is kept back to measure on", minimum=0, maximum=0.9
    )
    batch_size: int = option(8, help="pictures in a batch", minimum=1)
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    model: str = option("diffusion.vae", help="model plugin")
    vae: VaeConfig = option(factory=VaeConfig, help="the autoencoder")
    steps: int | None = option(500, help="optimizer steps to take", unit="steps", minimum=1)
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=2e-3, weight_decay=1e-4), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=50), help="learning rate over time")
    ema: EmaConfig = option(factory=lambda: EmaConfig(decay=0.99), help="running average of the weights")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)


def run(config: TrainVaeConfig, context: RunContext) -> TaskResult:
    """Train, and leave checkpoints, figures and pictures of reconstructions in the run folder.

    Raises:
        ConfigError, DataError, PluginError: an option, a picture or a plugin is not there.
        EcgError: as `ecg_core.training.fit`.
    """
    import torch

    from ecg_diffusion.data.picture_data import PictureData
    from ecg_diffusion.data.pictures import training_part

    torch.manual_seed(context.seed)
    side = SIDE_PX // REDUCTION
    data = PictureData(
        training_part(config.images, config.split),
        latent_shape=(config.vae.latent_channels, side, side),
        validation_share=config.validation_share,
        batch_size=config.batch_size,
        seed=context.seed,
        workers=config.workers,
    )
    model = registry().load("models", config.model)(config.vae)
    return TaskResult(summary=fit(model, data, config, context))
