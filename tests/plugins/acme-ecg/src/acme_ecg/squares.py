"""A data set for ``seg.train``: squares in the gray of their class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from acme_ecg.options import SquaresConfig
from ecg_seg import SegDataRequest

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

VALIDATION_BATCHES = 2


class Squares:
    """Made-up pictures; every batch follows from the seed and its number, so that a run can stop and go on.

    Args:
        options: of the data set.
        request: what the task asks of every data set: classes, batch size, seed.
    """

    def __init__(self, options: SquaresConfig, request: SegDataRequest) -> None:
        self._options, self._request = options, request
        self.steps_per_epoch: int | None = options.steps_per_epoch

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """``image`` uint8 (batch, 3, size, size) and ``mask`` uint8 (batch, size, size)."""
        is_train = split == "train"
        count = self._options.steps_per_epoch if is_train else VALIDATION_BATCHES
        for step in range(start_step, count):
            number = (1, epoch, step) if is_train else (0, 0, step)
            yield self._batch(np.random.default_rng((self._request.seed, *number)))

    def _batch(self, rng: np.random.Generator) -> Batch:
        size, num_classes = self._options.size_px, len(self._request.classes.names)
        mask = np.zeros((self._request.batch_size, size, size), np.uint8)
        for one in mask:
            for value in range(1, num_classes):
                top, left = rng.integers(0, size * 3 // 4, 2)
                one[top : top + size // 4, left : left + size // 4] = value
        levels = (240 - 200 // num_classes * mask)[:, None] + rng.normal(0, self._options.noise, (1, 3, size, size))
        return {
            "image": torch.from_numpy(levels.clip(0, 255).astype(np.uint8)),
            "mask": torch.from_numpy(mask),
        }
