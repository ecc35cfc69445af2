"""The base of the data sets here: endless batches of a set of examples, each determined by its number."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import attrs
import numpy as np

from ecg_core.training.prefetch import made_ahead
from ecg_core.training.share import Share

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

TRAIN, VALIDATION = "train", "validation"
STREAMS = {TRAIN: 0, VALIDATION: 1}


@attrs.frozen(kw_only=True)
class BatchRequest:
    """What every task of training asks of its data set.

    Attributes:
        batch_size: examples in a batch.
        seed: everything random follows from it.
        workers: processes that make batches of training ahead; 0 makes them in between.
    """

    batch_size: int
    seed: int
    workers: int


class EndlessExamples:
    """Passes over examples, each in an order of its own, cut into batches.

    A subclass implements `_example`. Everything random follows from seed, split and place, so that a resumed run sees
    what it would have seen, on any number of processes and on any device.

    Args:
        counts: number of examples by split.
        request: size of the batches, seed and workers.
    """

    def __init__(self, counts: dict[str, int], request: BatchRequest) -> None:
        self._counts = counts
        self._batch_size, self._seed, self._workers = request.batch_size, request.seed, request.workers
        self._share = Share()
        self.steps_per_epoch: int | None = None

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """Batches of ``train`` without end, or those of ``validation``, the last one filled up."""
        if split == TRAIN:
            return made_ahead(self._train_batch, start=start_step, stop=None, workers=self._workers)
        last = -(-self._counts[VALIDATION] // self._batch_size)
        return map(self._validation_batch, range(start_step, last))

    def share(self, rank: int, world_size: int) -> Self:
        """Return the same data set with one process's part of every batch."""
        part = copy(self)
        part._share = Share(rank, world_size)
        return part

    def _train_batch(self, number: int) -> Batch:
        count = self._counts[TRAIN]
        places = [number * self._batch_size + place for place in self._share.places(self._batch_size)]
        examples = [
            self._example(TRAIN, int(order(self._seed, place // count, count)[place % count]), self._rng(TRAIN, place))
            for place in places
        ]
        return self._collate(examples)

    def _validation_batch(self, number: int) -> Batch:
        count = self._counts[VALIDATION]
        places = [number * self._batch_size + place for place in self._share.places(self._batch_size)]
        examples = [
            self._example(VALIDATION, place % count, self._rng(VALIDATION, place)) | {"counts": float(place < count)}
            for place in places
        ]
        return self._collate(examples)

    def _rng(self, split: str, place: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, STREAMS[split], place))

    def _example(self, split: str, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """Return the values of one example by name: arrays and numbers."""
        raise NotImplementedError

    def _collate(self, examples: list[dict[str, Any]]) -> Batch:
        import torch

        return {name: torch.from_numpy(_stacked([each[name] for each in examples])) for name in examples[0]}


def _stacked(values: list[Any]) -> np.ndarray:
    stacked = np.stack(values)
    return stacked.astype(np.float32) if stacked.dtype == np.float64 else stacked


@lru_cache(maxsize=2)
def order(seed: int, number: int, count: int) -> np.ndarray:
    """Return the order of the examples in the pass of a number."""
    return np.random.default_rng((seed, 2, number)).permutation(count)
