"""Batches of pictures for the trainer, and for a trained classifier."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from ecg_diffusion.evaluation.pictures import Pictures

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


class PictureBatches:
    """Endless shuffled batches of ``train``; ``validation`` gives the test pictures once, and nothing learns from them.

    Args:
        train: pictures to learn from.
        test: pictures to measure on.
        batch_size: pictures in a batch.
        shift: most that a picture is moved in time, as a share of its width; its edge is repeated.
        seed: seed of order and shifts.
    """

    def __init__(self, train: Pictures, test: Pictures, *, batch_size: int, shift: float, seed: int) -> None:
        self._train, self._test = train, test
        self._batch_size, self._shift, self._seed = batch_size, shift, seed
        self.steps_per_epoch: int | None = None

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """Give batches as of `plain_batches`; a training batch has no ``counts``."""
        if split != "train":
            yield from plain_batches(self._test, self._batch_size)
            return
        step = start_step
        while True:
            yield self._train_batch(step)
            step += 1

    def _train_batch(self, step: int) -> Batch:
        size, count = self._batch_size, len(self._train)
        turns = (divmod(number, count) for number in range(step * size, (step + 1) * size))
        places = [int(_order(self._seed, turn, count)[place]) for turn, place in turns]
        rng = np.random.default_rng((self._seed, step))
        pixels = np.stack([self._moved(self._train.pixels[place], rng) for place in places])
        return {"pixels": _channels_first(pixels), "target": torch.from_numpy(self._train.targets[places])}

    def _moved(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        width = pixels.shape[1]
        most = round(self._shift * width)
        columns = np.arange(width) + rng.integers(-most, most + 1)
        return np.asarray(pixels[:, np.clip(columns, 0, width - 1)])


def plain_batches(pictures: Pictures, batch_size: int) -> Iterator[Batch]:
    """Give ``pixels`` uint8 (batch, 3, side, side), ``target`` int64 and ``counts`` float32 (batch,), all of one shape.

    The last batch is filled up with pictures whose ``counts`` is 0.
    """
    count = len(pictures)
    for first in range(0, count, batch_size):
        places = np.arange(first, first + batch_size)
        there = np.minimum(places, count - 1)
        yield {
            "pixels": _channels_first(pictures.pixels[there]),
            "target": torch.from_numpy(pictures.targets[there]),
            "counts": torch.from_numpy((places < count).astype(np.float32)),
        }


@lru_cache(maxsize=4)
def _order(seed: int, turn: int, count: int) -> np.ndarray:
    """Return the order of the pictures in one pass over them."""
    return np.random.default_rng((seed, turn, count)).permutation(count)


def _channels_first(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))
