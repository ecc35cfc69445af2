"""Batches of latents, for the denoiser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import attrs
import numpy as np

from ecg_diffusion.data.endless import TRAIN, VALIDATION, EndlessExamples, order
from ecg_diffusion.data.pictures import Picture, held_out
from ecg_diffusion.images.folders import read_image
from ecg_diffusion.latents.cache import LatentCache

STRATA_PASS = 1_000_003
"""Number of the order that deals timesteps to validation: beyond every pass of training."""


class Source(Protocol):
    """Where latents come from."""

    @property
    def labels(self) -> Sequence[str]:
        """Name of the class of each."""

    def example(self, index: int) -> dict[str, Any]:
        """``mean`` and ``std`` of the posterior, or ``pictures`` to encode."""


class CachedLatents:
    """Latents of a file."""

    def __init__(self, cache: LatentCache) -> None:
        self._cache = cache
        self.labels = [cache.classes[number] for number in cache.labels]

    def example(self, index: int) -> dict[str, Any]:
        return {"mean": self._cache.mean[index], "std": self._cache.std[index]}


class PicturesToEncode:
    """Pictures that the model encodes each time."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._pictures = pictures
        self.labels = [each.label for each in pictures]

    def example(self, index: int) -> dict[str, Any]:
        pixels = read_image(self._pictures[index].path)
        return {"pictures": np.ascontiguousarray(pixels.transpose(2, 0, 1))}


@attrs.frozen(kw_only=True)
class LatentDataOptions:
    """How batches are made.

    Attributes:
        timesteps: of the noise.
        cond_drop_prob: share of the examples of training whose class is left out.
        validation_share: of the pictures to keep back.
        validation_repeats: how often each of them is measured, at other timesteps.
        batch_size, seed, workers: as of `ecg_diffusion.data.endless.EndlessExamples`.
    """

    timesteps: int
    cond_drop_prob: float
    validation_share: float
    validation_repeats: int
    batch_size: int
    seed: int
    workers: int


class LatentData(EndlessExamples):
    """Batches of ``mean`` and ``std`` (or ``pictures``), ``posterior_noise``, ``noise``, ``timestep``, ``label``; in
    training ``condition``, the label, or the number of classes where it is left out; in validation ``wrong``, another
    class, and ``counts``, 0 where a last batch is merely filled up. Noise and timesteps of validation never change.

    Args:
        source: of the latents.
        classes: names, by number.
        latent_shape: channels, height and width.
        options: of the batches.
    """

    def __init__(
        self, source: Source, *, classes: Sequence[str], latent_shape: tuple[int, int, int], options: LatentDataOptions
    ) -> None:
        self._source, self._classes, self._latent_shape = source, list(classes), latent_shape
        self._options = options
        kept_back = held_out(source.labels, options.validation_share, options.seed)
        self._places = {TRAIN: np.flatnonzero(~kept_back), VALIDATION: np.flatnonzero(kept_back)}
        counts = {TRAIN: int((~kept_back).sum()), VALIDATION: int(kept_back.sum()) * options.validation_repeats}
        super().__init__(counts, batch_size=options.batch_size, seed=options.seed, workers=options.workers)

    def _example(self, split: str, index: int, rng: np.random.Generator) -> dict[str, Any]:
        places = self._places[split]
        found = int(places[index % len(places)])
        label = self._classes.index(self._source.labels[found])
        example = {
            **self._source.example(found),
            "posterior_noise": rng.standard_normal(self._latent_shape, np.float32),
            "noise": rng.standard_normal(self._latent_shape, np.float32),
            "label": label,
        }
        if split == TRAIN:
            dropped = rng.random() < self._options.cond_drop_prob
            timestep = int(rng.integers(self._options.timesteps))
            return example | {"timestep": timestep, "condition": len(self._classes) if dropped else label}
        return example | {"timestep": self._stratum(index), "wrong": self._other_class(label, rng)}

    def _stratum(self, index: int) -> int:
        """Timesteps of validation cover the whole way evenly."""
        count = self._counts[VALIDATION]
        place = int(order(self._seed, STRATA_PASS, count)[index])
        return int((place + 0.5) / count * self._options.timesteps)

    def _other_class(self, label: int, rng: np.random.Generator) -> int:
        count = len(self._classes)
        return (label + 1 + int(rng.integers(count - 1))) % count if count > 1 else label
