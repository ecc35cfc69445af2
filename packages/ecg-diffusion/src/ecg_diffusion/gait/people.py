"""Simulated people, each with a gait of their own, and images of their walks."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_diffusion.gait.radar import Radar, echo
from ecg_diffusion.gait.walk import Walker
from ecg_diffusion.images.spectra import micro_doppler

DURATION_S = 2.56
"""Duration of a walk: about two cycles, 256 columns of 10 ms."""

HEIGHT_M, HEIGHT_SPREAD_M = 1.72, 0.09
SLOWEST, QUICKEST = 0.85, 1.6
SWING_SPREAD = {"hip": 0.10, "knee": 0.08, "arm": 0.25}
FROM_WALK_TO_WALK = 0.03
"""Relative spread of velocity and swings between the walks of one person; people differ from each other by more."""

FARTHEST_ASIDE_M, NEAREST_M, FARTHEST_M = 1.0, 8.0, 14.0
NOISE_DB = -35.0, -22.0
"""Power of the noise, against the mean power of the echo."""


def person(number: int, seed: int) -> Walker:
    """Draw the person of a number: height, velocity, and swing of thighs, lower legs and arms."""
    rng = np.random.default_rng((seed, number))
    swings = {name: float(np.clip(rng.normal(1, spread), 0.5, 1.5)) for name, spread in SWING_SPREAD.items()}
    return Walker(
        height_m=float(rng.normal(HEIGHT_M, HEIGHT_SPREAD_M)),
        relative_velocity=float(rng.uniform(SLOWEST, QUICKEST)),
        **swings,
    )


def walk_image(walker: Walker, rng: np.random.Generator) -> np.ndarray:
    """Make the micro-Doppler image of one walk, uint8 RGB, shape (256, 256, 3).

    The walk begins at a random phase and position, differs a little from the person's mean gait, and is received with
    noise.
    """
    own = {name: getattr(walker, name) * (1 + FROM_WALK_TO_WALK * rng.normal()) for name in SWING_SPREAD}
    velocity = walker.relative_velocity * (1 + FROM_WALK_TO_WALK * rng.normal())
    today = attrs.evolve(walker, relative_velocity=velocity, **own)
    radar = Radar(
        distance_m=rng.uniform(NEAREST_M, FARTHEST_M), aside_m=rng.uniform(-FARTHEST_ASIDE_M, FARTHEST_ASIDE_M)
    )
    received = echo(today, radar, duration_s=DURATION_S, first_phase=rng.random())
    level = np.sqrt(np.mean(np.abs(received) ** 2) * 10 ** (rng.uniform(*NOISE_DB) / 10) / 2)
    noise = rng.normal(size=(2, len(received))) * level
    return micro_doppler(received + noise[0] + 1j * noise[1])
