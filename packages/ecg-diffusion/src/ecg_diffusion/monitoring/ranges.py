"""The range of the loss in a healthy training, stage by stage.

Two references stand behind the ranges of diffusion. A network that predicts zeros has a mean squared error of 1, since
both the noise (eps) and the velocity (v) of unit-variance latents have unit variance: that is a network which has
learnt nothing. One that knows the noise level alone, and nothing of the pictures, is the best linear guess for white
latents: it leaves an error of 1 for v, and of the mean of alpha-bar over the noise levels for eps, 0.5 for the cosine
schedule. A training that learns pictures falls below the second. Low ends are where a mean over all noise levels
cannot be unless latents are nearly constant, not of unit variance, or known by heart.

The reconstruction of an autoencoder is the mean absolute error of pixels from -1 to 1. Gray pictures have an error of
at most 1, blurred ones of about a tenth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ecg_diffusion.monitoring.history import History, Kind

ZEROS = 1.0
"""Error of a network that predicts zeros."""

NOISE_LEVEL_ALONE = {"eps": 0.5, "v": 1.0}
"""Error of a network that knows the noise level and nothing of the pictures; 0.5 is for the cosine schedule."""


@attrs.frozen
class Stage:
    """A part of a training, and the errors to expect in it.

    Attributes:
        name: name of the stage.
        begin, end: shares of the steps.
        low, high: range of the error to expect.
        of_pictures: whether ``high`` is a share of the error of knowing the noise level alone.
    """

    name: str
    begin: float
    end: float
    low: float
    high: float
    of_pictures: bool = False


STAGES: Mapping[Kind, Sequence[Stage]] = {
    "diffusion": (
        Stage("start", 0.00, 0.02, 0.05, 1.5),
        Stage("early", 0.02, 0.10, 0.02, 1.0),
        Stage("middle", 0.10, 0.50, 0.01, 0.9, of_pictures=True),
        Stage("late", 0.50, 1.00, 0.005, 0.8, of_pictures=True),
    ),
    "vae": (
        Stage("start", 0.00, 0.02, 0.0, 1.2),
        Stage("early", 0.02, 0.10, 0.0, 0.5),
        Stage("middle", 0.10, 0.50, 0.0, 0.25),
        Stage("late", 0.50, 1.00, 0.0, 0.15),
    ),
}
"""The expected ranges: of ``mse`` in diffusion, of ``reconstruction`` in autoencoders."""


def stages(history: History) -> list[Stage]:
    """List the stages of a training, their ranges in the units of its measure."""
    share = pictures_reference(history.config)
    return [
        attrs.evolve(stage, high=stage.high * share, of_pictures=False) if stage.of_pictures else stage
        for stage in STAGES[history.kind]
    ]


def stage_now(history: History) -> Stage:
    """Return the stage that a training is in."""
    return next(stage for stage in stages(history) if history.fraction <= stage.end)


def pictures_reference(config: Mapping[str, Any]) -> float:
    """Return the error of knowing the noise level alone, for the prediction that the options name."""
    return NOISE_LEVEL_ALONE["eps" if _predicts_noise(config) else "v"]


def _predicts_noise(tree: Mapping[str, Any]) -> bool:
    """Tell whether an option called prediction, anywhere among the options, says eps."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            if _predicts_noise(value):
                return True
        elif "prediction" in name and str(value).lower() in ("eps", "epsilon", "noise"):
            return True
    return False
