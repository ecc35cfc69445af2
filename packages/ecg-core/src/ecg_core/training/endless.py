"""Batches without end, of examples that are made as the training asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ecg_core.errors import ConfigError, DataError
from ecg_core.training.prefetch import made_ahead
from ecg_core.training.share import Share

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

SOURCES_TRIED = 20
REPLACEMENT_OFFSET = 2**40
"""This is added to the number of a source that gives nothing; the sum is beyond every source that a run asks for."""

VALIDATION_SEED = 1_000_003
"""This is added to the seed of training, so that no source is seen in both splits."""

Examples = Callable[[int], Sequence[Any]]
"""The examples of a source, a page say, by its number."""


@attrs.define(kw_only=True, eq=False)
class EndlessBatches:
    """A data set whose every batch follows from its number: each source fills so many places of it in a row.

    Everything in it is pickled to the processes that make batches.

    Attributes:
        train: examples of a source of the training split.
        validation: the same of the validation split.
        collate: examples to a batch.
        batch_size: examples in a batch.
        per_source: how many of them a source fills; of one that gives fewer some are used again, one that gives none is
            replaced.
        steps_per_epoch: batches that are called an epoch; None where the batches never end.
        validation_batches: batches of an evaluation.
        workers: processes that make batches ahead; 0 makes them in between.
        part: of every batch that this process makes.
    """

    train: Examples
    validation: Examples
    collate: Callable[[Sequence[Any]], Batch]
    batch_size: int
    per_source: int
    steps_per_epoch: int | None
    validation_batches: int
    workers: int = 1
    part: Share = attrs.field(factory=Share)

    def __attrs_post_init__(self) -> None:
        if self.per_source < 1:
            raise ConfigError("each page must give at least one example; the options ask for none")

    def share(self, rank: int, world_size: int) -> EndlessBatches:
        """This data set with one process's part of every batch alone; the other parts are not made."""
        return attrs.evolve(self, part=Share(rank, world_size))

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """See `ecg_core.protocols.Dataset`."""
        if split != "train":
            return self._made(self.validation, start=0, stop=self.validation_batches)
        if self.steps_per_epoch is None:
            return self._made(self.train, start=start_step, stop=None)
        first = epoch * self.steps_per_epoch
        return self._made(self.train, start=first + start_step, stop=first + self.steps_per_epoch)

    def _made(self, examples: Examples, *, start: int, stop: int | None) -> Iterator[Batch]:
        return made_ahead(partial(self._batch, examples), start=start, stop=stop, workers=self.workers)

    def _batch(self, examples: Examples, number: int) -> Batch:
        sources_per_batch = -(-self.batch_size // self.per_source)
        places = self.part.places(self.batch_size)
        found: list[Any] = []
        for source in range(places.start // self.per_source, -(-places.stop // self.per_source)):
            given = _some(examples, number * sources_per_batch + source)
            first = source * self.per_source
            wanted = range(max(first, places.start), min(first + self.per_source, places.stop))
            found += [given[(place - first) % len(given)] for place in wanted]
        return self.collate(found)


def _some(examples: Examples, source: int) -> Sequence[Any]:
    """Examples of a source, or of another one where it has none."""
    for attempt in range(SOURCES_TRIED):
        if found := examples(source + attempt * REPLACEMENT_OFFSET):
            return found
    raise DataError(
        f"{SOURCES_TRIED} pages in a row gave no example: they are too small for the crops that are asked for, or show "
        "too little waveform for them"
    )
