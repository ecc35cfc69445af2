"""How much of a latent is left at each timestep, what is predicted of it, and how much each timestep counts.

With the share of signal ``a`` and of noise ``s``, ``a² + s² = 1``: ``x_t = a x_0 + s eps`` (Ho et al. 2020, "Denoising
diffusion probabilistic models"), ``v = a eps - s x_0`` (Salimans & Ho 2022, "Progressive distillation for fast sampling
of diffusion models").
"""

from __future__ import annotations

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from ecg_diffusion.denoiser.config import NoiseConfig

BETA_SCHEDULES = {"cosine": "squaredcos_cap_v2", "linear": "linear"}
"""Names in diffusers: Nichol & Dhariwal 2021, and Ho et al. 2020."""

PREDICTION_TYPES = {"v": "v_prediction", "eps": "epsilon"}


def signal_power(config: NoiseConfig) -> Tensor:
    """``a²`` at each timestep (alpha bar), float32, shape (timesteps,)."""
    scheduler = DDPMScheduler(config.timesteps, beta_schedule=BETA_SCHEDULES[config.schedule])
    return scheduler.alphas_cumprod.float()


def shares(power: Tensor) -> tuple[Tensor, Tensor]:
    """``a`` and ``s`` of signal powers (batch,), to multiply latents with: (batch, 1, 1, 1)."""
    column = power[:, None, None, None]
    return column.sqrt(), (1 - column).sqrt()


def noised(clean: Tensor, noise: Tensor, power: Tensor) -> Tensor:
    """``x_t``."""
    signal, share = shares(power)
    return signal * clean + share * noise


def target_of(clean: Tensor, noise: Tensor, power: Tensor, prediction: str) -> Tensor:
    """What the network is to say: the noise, or the velocity."""
    if prediction == "eps":
        return noise
    signal, share = shares(power)
    return signal * noise - share * clean


def min_snr_weight(power: Tensor, gamma: float, prediction: str) -> Tensor:
    """Weight of each timestep in the loss, shape as ``power`` (Hang et al. 2023, "Efficient diffusion training via
    min-SNR weighting strategy"): ``min(SNR, gamma)`` of the loss of ``x_0``, brought to the one of what is predicted.

    Args:
        power: ``a²``.
        gamma: the bound; 0 weighs all alike.
        prediction: ``eps`` or ``v``.
    """
    if not gamma:
        return torch.ones_like(power)
    snr = power / (1 - power)
    bounded = snr.clamp(max=gamma)
    return bounded / snr if prediction == "eps" else bounded / (snr + 1)
