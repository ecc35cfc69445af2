"""The data set `diffusion.latents`: batches of latents, for the denoiser.

Another data set of `diffusion.train` gives batches of the same entries, see `LatentData`, and has `training_inputs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from ecg_diffusion.data.endless import TRAIN, VALIDATION, BatchRequest, EndlessExamples, order
from ecg_diffusion.data.pictures import held_out
from ecg_diffusion.latents.sources import LatentDataConfig, open_source

if TYPE_CHECKING:
    from ecg_diffusion.latents.training_inputs import TrainingInputs

STRATA_PASS = 1_000_003
"""Number of the order in which timesteps are given to validation: beyond every pass of training."""


@attrs.frozen(kw_only=True)
class LatentRequest(BatchRequest):
    """What `diffusion.train` asks of its data set.

    Attributes:
        timesteps: timesteps of the noise.
        cond_drop_prob: share of the examples of training whose class is left out.
        validation_repeats: how often each latent held out is measured, at other timesteps.
    """

    timesteps: int
    cond_drop_prob: float
    validation_repeats: int


class LatentData(EndlessExamples):
    """Batches of ``mean`` and ``std`` (or ``pictures``), ``posterior_noise``, ``noise``, ``timestep``, ``label``; in
    training ``condition``, the label, or the number of classes where it is left out; in validation ``wrong``, another
    class, and ``counts``, 0 where an example only fills up the last batch. Noise and timesteps of validation never
    change.

    Args:
        config: where the latents are, and how many to hold out.
        request: timesteps, classes to leave out, and the batches.

    Raises:
        ConfigError: an option is missing.
        DataError: a file is missing or damaged, or a class has too few pictures.
    """

    def __init__(self, config: LatentDataConfig, request: LatentRequest) -> None:
        self._config, self._request, self._source = config, request, open_source(config)
        is_held_out = held_out(self._source.labels, config.validation_share, request.seed)
        self._places = {TRAIN: np.flatnonzero(~is_held_out), VALIDATION: np.flatnonzero(is_held_out)}
        counts = {TRAIN: int((~is_held_out).sum()), VALIDATION: int(is_held_out.sum()) * request.validation_repeats}
        super().__init__(counts, request)

    def training_inputs(self) -> TrainingInputs:
        """Open what the denoiser must know of these latents; the autoencoder stays out of processes that make batches.

        Raises:
            CheckpointError: the autoencoder is missing, damaged, or another than the one of the latents.
            ConfigError: an option contradicts the report.
            DataError: the report is about other latents.
        """
        from ecg_diffusion.latents.training_inputs import open_training_inputs

        return open_training_inputs(self._config, self._source)

    def _example(self, split: str, index: int, rng: np.random.Generator) -> dict[str, Any]:
        places = self._places[split]
        found = int(places[index % len(places)])
        label = self._source.classes.index(self._source.labels[found])
        example = {
            **self._source.example(found),
            "posterior_noise": rng.standard_normal(self._source.shape, np.float32),
            "noise": rng.standard_normal(self._source.shape, np.float32),
            "label": label,
        }
        if split == TRAIN:
            dropped = rng.random() < self._request.cond_drop_prob
            timestep = int(rng.integers(self._request.timesteps))
            return example | {"timestep": timestep, "condition": len(self._source.classes) if dropped else label}
        return example | {"timestep": self._stratum(index), "wrong": self._other_class(label, rng)}

    def _stratum(self, index: int) -> int:
        """Choose a timestep of validation, so that they cover all timesteps evenly."""
        count = self._counts[VALIDATION]
        place = int(order(self._seed, STRATA_PASS, count)[index])
        return int((place + 0.5) / count * self._request.timesteps)

    def _other_class(self, label: int, rng: np.random.Generator) -> int:
        count = len(self._source.classes)
        return (label + 1 + int(rng.integers(count - 1))) % count if count > 1 else label
