"""The schedulers of diffusers, by name, set up for these denoisers."""

from __future__ import annotations

from typing import Any

from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler

from ecg_diffusion.sampling.noise import BETA_SCHEDULES, PREDICTION_TYPES, NoiseConfig

SOLVERS = ("dpmsolver++", "ddim", "ddpm")

LEAST_LOG_SNR = -5.1
"""Half the logarithm of the SNR at which DPM-Solver begins: below it the cosine schedule has hardly any signal."""


def make_solver(name: str, noise: NoiseConfig, steps: int) -> Any:
    """Make a scheduler with its timesteps set.

    Args:
        name: ``dpmsolver++`` (Lu et al. 2022, second order), ``ddim`` (Song et al. 2021, without noise), or ``ddpm``
            (Ho et al. 2020, with noise at every step).
        noise: options of the training.
        steps: number of steps to take.
    """
    common: dict[str, Any] = {
        "num_train_timesteps": noise.timesteps,
        "beta_schedule": BETA_SCHEDULES[noise.schedule],
        "prediction_type": PREDICTION_TYPES[noise.prediction],
    }
    # Noise alone says nothing of the noise in it: where that is predicted, sampling begins a step below the last one.
    from_the_end = "trailing" if noise.prediction == "v" else "leading"
    offset = {
        "timestep_spacing": from_the_end,
        "steps_offset": int(from_the_end == "leading" and steps < noise.timesteps),
    }
    if name == "ddim":
        solver: Any = DDIMScheduler(**common, **offset, clip_sample=False)
    elif name == "ddpm":
        solver = DDPMScheduler(**common, **offset, clip_sample=False)
    else:
        solver = DPMSolverMultistepScheduler(**common, lambda_min_clipped=LEAST_LOG_SNR)
    solver.set_timesteps(steps)
    return solver
