"""Trained denoisers opened for use."""

from __future__ import annotations

from typing import Any

from ecg_core.config import structure
from ecg_core.errors import CheckpointError
from ecg_core.plugins.registry import registry
from ecg_core.training.weights import Weights
from ecg_diffusion.denoiser.config import DenoiserRequest, NoiseConfig, UNetConfig
from ecg_diffusion.denoiser.model import LatentDiffusion
from ecg_diffusion.latents.normalization import Normalization

TASK = "diffusion.train"


def build_denoiser(weights: Weights) -> LatentDiffusion:
    """The network of some weights, in evaluation mode.

    Raises:
        CheckpointError: they are of another task, or do not say what sampling must know.
        PluginError: its model comes from a plugin that is not here.
    """
    weights.require_task(TASK)
    contract = contract_of(weights)
    shape = contract["latent_shape"]
    request = DenoiserRequest(
        unet=structure(UNetConfig, weights.config.get("unet", {})),
        noise=structure(NoiseConfig, weights.config.get("noise", {})),
        classes=contract["classes"],
        latent_shape=(shape[0], shape[1], shape[2]),
        normalization=Normalization((0.0,) * shape[0], (1.0,) * shape[0]),
        vae=contract["vae"],
    )
    model: LatentDiffusion = registry().load("models", weights.config["model"])(request)
    weights.put_into(model)
    return model.eval()


def contract_of(weights: Weights) -> dict[str, Any]:
    """Classes, shape of a latent and autoencoder of some weights.

    Raises:
        CheckpointError: they do not say.
    """
    contract = weights.about.get("signal_contract") or {}
    missing = [name for name in ("classes", "latent_shape", "vae") if name not in contract]
    if missing:
        raise CheckpointError(f"{weights.path} does not say its {', '.join(missing)}: it is damaged")
    return dict(contract)
