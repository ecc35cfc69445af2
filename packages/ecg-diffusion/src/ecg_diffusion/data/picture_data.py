"""Batches of pictures, for the autoencoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ecg_diffusion.data.endless import TRAIN, VALIDATION, EndlessExamples
from ecg_diffusion.data.pictures import Picture, held_out
from ecg_diffusion.images.folders import read_image


class PictureData(EndlessExamples):
    """Batches of ``pictures`` uint8 (batch, 3, 256, 256), ``noise`` float32 (batch, *latent shape), and in validation
    ``counts`` (batch,), 0 where a last batch is merely filled up.

    Args:
        pictures: of training, those kept back among them.
        latent_shape: channels, height and width of a latent.
        validation_share: of the pictures to keep back.
        batch_size, seed, workers: as of `EndlessExamples`.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        *,
        latent_shape: tuple[int, int, int],
        validation_share: float,
        batch_size: int,
        seed: int,
        workers: int,
    ) -> None:
        kept_back = held_out([each.label for each in pictures], validation_share, seed)
        self._pictures = {
            TRAIN: [each for each, back in zip(pictures, kept_back, strict=True) if not back],
            VALIDATION: [each for each, back in zip(pictures, kept_back, strict=True) if back],
        }
        self._latent_shape = latent_shape
        counts = {split: len(found) for split, found in self._pictures.items()}
        super().__init__(counts, batch_size=batch_size, seed=seed, workers=workers)

    def _example(self, split: str, index: int, rng: np.random.Generator) -> dict[str, Any]:
        picture = read_image(self._pictures[split][index].path)
        return {
            "pictures": np.ascontiguousarray(picture.transpose(2, 0, 1)),
            "noise": rng.standard_normal(self._latent_shape, np.float32),
        }
