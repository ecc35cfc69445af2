"""Task `diffusion.train`: train a denoiser of latents, conditioned on the class."""

from __future__ import annotations

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_core.context import RunContext, TaskResult
from ecg_core.training import train_task
from ecg_core.training.config import EmaConfig, OptimConfig, ScheduleConfig, TrainingConfig
from ecg_diffusion.denoiser.request import DenoiserNetworkConfig, DenoiserRequest, GridConfig


@attrs.frozen(kw_only=True)
class DiffusionTrainConfig(DenoiserNetworkConfig, TrainingConfig):
    """Options of `diffusion.train`."""

    data: Choice = plugin_option(
        "datasets", "diffusion.latents", help="latents and their check, by the name of a plugin"
    )
    grid: GridConfig = option(factory=GridConfig, help="the grid of samples at every evaluation")
    cond_drop_prob: float = option(
        0.1, help="share of the examples that are shown without their class", minimum=0, maximum=1
    )
    validation_repeats: int = option(
        4, help="how often each latent held out is measured, at other timesteps", minimum=1
    )
    batch_size: int = option(16, help="latents in a batch", minimum=1)
    workers: int = option(0, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    steps: int | None = option(2000, help="optimizer steps to take", unit="steps", minimum=1)
    evaluate_every_steps: int = option(250, help="between evaluations, grids and checkpoints", unit="steps", minimum=0)
    optim: OptimConfig = option(factory=lambda: OptimConfig(lr=1e-3, weight_decay=0.01), help="optimizer")
    schedule: ScheduleConfig = option(factory=lambda: ScheduleConfig(warmup_steps=100), help="learning rate over time")
    ema: EmaConfig = option(factory=lambda: EmaConfig(decay=0.995), help="running average of the weights")
    clip_norm: float = option(1.0, help="largest norm of the gradient; 0: not clipped", minimum=0)
    monitor: str = option("mse", help="figure of the evaluation that decides which checkpoint is best")
    keep: int = option(20, help="latest checkpoints to keep, beside the best", minimum=1)


def run(config: DiffusionTrainConfig, context: RunContext) -> TaskResult:
    """Train, and leave checkpoints, figures and grids of samples in the run folder.

    Raises:
        CheckpointError: the autoencoder is missing, damaged, or another than the one of the latents.
        ConfigError, DataError, PluginError: an option, a file or a plugin is missing, or options contradict each other.
        EcgError: as `ecg_core.training.fit`.
    """
    from ecg_diffusion.latents.data import LatentRequest

    data = config.data.make(
        LatentRequest(
            timesteps=config.noise.timesteps,
            cond_drop_prob=config.cond_drop_prob,
            validation_repeats=config.validation_repeats,
            batch_size=config.batch_size,
            seed=context.seed,
            workers=config.workers,
        )
    )
    inputs = data.training_inputs()
    request = DenoiserRequest(
        noise=config.noise,
        classes=inputs.classes,
        latent_shape=inputs.latent_shape,
        normalization=inputs.normalization,
        vae={"path": str(inputs.autoencoder.path.resolve()), "digest": inputs.autoencoder.digest},
        grid=config.grid,
        autoencoder=inputs.autoencoder,
    )
    return train_task(config, context, model=lambda: config.model.make(request), data=lambda: data)
