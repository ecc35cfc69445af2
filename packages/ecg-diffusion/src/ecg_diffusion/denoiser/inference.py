"""Trained denoisers, opened for sampling."""

from __future__ import annotations

from typing import Any

from torch import nn

from ecg_core.errors import CheckpointError
from ecg_core.training.weights import Weights
from ecg_diffusion.denoiser.request import DenoiserNetworkConfig, DenoiserRequest
from ecg_diffusion.latents.normalization import Normalization
from ecg_diffusion.trained_options import trained_options

TASK = "diffusion.train"


def build_denoiser(weights: Weights) -> nn.Module:
    """Build the network of some weights, a `ecg_diffusion.sampling.sampler.Denoiser`, in evaluation mode.

    Raises:
        CheckpointError: they are of another task, or do not say what sampling must know.
        PluginError: its model comes from a plugin that is not installed.
    """
    weights.require_task(TASK)
    contract = contract_of(weights)
    options = trained_options(weights, DenoiserNetworkConfig, section="unet")
    channels, height, width = contract["latent_shape"]
    request = DenoiserRequest(
        noise=options.noise,
        classes=contract["classes"],
        latent_shape=(channels, height, width),
        normalization=Normalization((0.0,) * channels, (1.0,) * channels),
        vae=contract["vae"],
    )
    model: nn.Module = options.model.make(request)
    weights.put_into(model)
    return model.eval()


def contract_of(weights: Weights) -> dict[str, Any]:
    """Return classes, shape of a latent and autoencoder of some weights.

    Raises:
        CheckpointError: they do not say.
    """
    contract = weights.about.get("signal_contract") or {}
    missing = [name for name in ("classes", "latent_shape", "vae") if name not in contract]
    if missing:
        raise CheckpointError(f"{weights.path} does not say its {', '.join(missing)}: it is damaged")
    return dict(contract)
