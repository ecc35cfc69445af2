"""How noise is added: signal left at each timestep, what the network predicts, and the weight of each timestep.

With the share of signal ``a`` and of noise ``s``, ``a² + s² = 1``: ``x_t = a x_0 + s eps`` (Ho et al. 2020, "Denoising
diffusion probabilistic models"), ``v = a eps - s x_0`` (Salimans & Ho 2022, "Progressive distillation for fast sampling
of diffusion models").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ecg_core.config import option

if TYPE_CHECKING:
    from torch import Tensor

BETA_SCHEDULES = {"cosine": "squaredcos_cap_v2", "linear": "linear"}
"""Names in diffusers: Nichol & Dhariwal 2021, and Ho et al. 2020."""

PREDICTION_TYPES = {"v": "v_prediction", "eps": "epsilon"}


@attrs.frozen(kw_only=True)
class NoiseConfig:
    """How noise is added, and what the network predicts."""

    schedule: str = option("cosine", help="signal left over time", choices=("cosine", "linear"))
    timesteps: int = option(1000, help="steps from a picture to noise", unit="steps", minimum=2)
    prediction: str = option("v", help="what is predicted: velocity or noise", choices=("v", "eps"))
    min_snr_gamma: float = option(
        5.0, help="bound of the weights of timesteps (min-SNR); 0: all weigh the same", minimum=0
    )


def signal_power(config: NoiseConfig) -> Tensor:
    """Return ``a²`` at each timestep (alpha bar), float32, shape (timesteps,)."""
    from diffusers import DDPMScheduler

    scheduler = DDPMScheduler(config.timesteps, beta_schedule=BETA_SCHEDULES[config.schedule])
    return scheduler.alphas_cumprod.float()


def shares(power: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``a`` and ``s`` for signal powers (batch,), to multiply latents with: (batch, 1, 1, 1)."""
    column = power[:, None, None, None]
    return column.sqrt(), (1 - column).sqrt()


def add_noise(clean: Tensor, noise: Tensor, power: Tensor) -> Tensor:
    """Return ``x_t``: clean latents with noise added."""
    signal, share = shares(power)
    return signal * clean + share * noise


def prediction_target(clean: Tensor, noise: Tensor, power: Tensor, prediction: str) -> Tensor:
    """Return what the network should predict: the noise, or the velocity."""
    if prediction == "eps":
        return noise
    signal, share = shares(power)
    return signal * noise - share * clean


def min_snr_weight(power: Tensor, gamma: float, prediction: str) -> Tensor:
    """Return the weight of each timestep in the loss, shape as ``power``.

    It is ``min(SNR, gamma)`` for the loss of ``x_0``, converted to that of what is predicted (Hang et al. 2023,
    "Efficient diffusion training via min-SNR weighting strategy").

    Args:
        power: ``a²``.
        gamma: the bound; 0 weighs all alike.
        prediction: ``eps`` or ``v``.
    """
    if not gamma:
        return power.new_ones(power.shape)
    snr = power / (1 - power)
    bounded = snr.clamp(max=gamma)
    return bounded / snr if prediction == "eps" else bounded / (snr + 1)
