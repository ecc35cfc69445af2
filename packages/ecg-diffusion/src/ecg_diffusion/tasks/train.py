"""Task `diffusion.train`: train a denoiser of latents that knows the classes."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.plugins.registry import registry
from ecg_core.training import fit
from ecg_core.training.config import EmaConfig, OptimConfig, ScheduleConfig, TrainingConfig
from ecg_diffusion.denoiser.config import ContrastConfig, GridConfig, NoiseConfig, UNetConfig


@attrs.frozen(kw_only=True)
class DiffusionTrainConfig(TrainingConfig):
    """Options of `diffusion.train`."""

    latents: Path | None = option(None, help="latents.safetensors of diffusion.cache_latents, or its run folder")
    check: Path | None = option(None, help="latents.json of diffusion.check_latents, or its run folder")
    vae: Path | None = option(None, help="autoencoder; by default where the latents were made with it")
    images: Path | None = option(None, help="without latents: folder of pictures, encoded each time")
    split: Path | None = option(None, help="without latents: split.json of diffusion.split")
    auto_normalize: bool | None = option(
        None, help="true insists on mapping latents in [0, 1] to [-1, 1], false on not; empty: what latents.json says"
    )
    cond_drop_prob: float = option(
        0.1, help="share of the examples that are shown without their class", minimum=0, maximum=1
    )
    validation_share: float = option(
        0.1, help="share of the pictures of training that is kept back to measure on", minimum=0, maximum=0.9
    )
    validation_repeats: int = option(4, help="how often each of them is measured, at other timesteps", minimum=1)
    batch_size: int = option(16, help="latents in a batch", minimum=1)
    workers: int = option(0, help="processes that make batches ahead; 0 makes them in between", minimum=0)
    model: str = option("diffusion.unet", help="model plugin")
    unet: UNetConfig = option(factory=UNetConfig, help="the model")
    noise: NoiseConfig = option(factory=NoiseConfig, help="how noise is added, and what is predicted")
    contrast: ContrastConfig = option(factory=ContrastConfig, help="a supervised contrastive term")
    grid: GridConfig = option(factory=GridConfig, help="the grid of samples at every evaluation")
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
        CheckpointError: the autoencoder is not there, damaged, or another than the one of the latents.
        ConfigError, DataError, PluginError: an option, a file or a plugin is not there, or options contradict.
        EcgError: as `ecg_core.training.fit`.
    """
    import torch

    from ecg_diffusion.data.latent_data import LatentData, LatentDataOptions
    from ecg_diffusion.data.material import open_material
    from ecg_diffusion.denoiser.config import DenoiserRequest

    material = open_material(config)
    data = LatentData(
        material.source,
        classes=material.classes,
        latent_shape=material.latent_shape,
        options=LatentDataOptions(
            timesteps=config.noise.timesteps,
            cond_drop_prob=config.cond_drop_prob,
            validation_share=config.validation_share,
            validation_repeats=config.validation_repeats,
            batch_size=config.batch_size,
            seed=context.seed,
            workers=config.workers,
        ),
    )
    torch.manual_seed(context.seed)
    request = DenoiserRequest(
        unet=config.unet,
        noise=config.noise,
        classes=material.classes,
        latent_shape=material.latent_shape,
        normalization=material.normalization,
        vae={"path": str(material.autoencoder.path.resolve()), "digest": material.autoencoder.digest},
        contrast=config.contrast,
        grid=config.grid,
        autoencoder=material.autoencoder,
    )
    model = registry().load("models", config.model)(request)
    return TaskResult(summary=fit(model, data, config, context))
