"""The data set `seg.endless`: pages rendered as the training goes on, from records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ecg_core.errors import ConfigError, DataError
from ecg_core.formats import find_records
from ecg_core.training.prefetch import made_ahead
from ecg_render import EndlessCrops, EndlessPages, RecordFiles
from ecg_seg.data.batches import as_batch
from ecg_seg.data.config import SegDataRequest

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

VALIDATION_SEED = 1_000_003
"""Apart from the seed of training, so that no page is seen in both."""


class EndlessSegData:
    """Batches without end; records are split by their order, so that no patient's page is in both splits.

    Args:
        request: what is wanted.

    Raises:
        ConfigError: no records.
        DataError: none found there.
    """

    def __init__(self, request: SegDataRequest) -> None:
        config = request.config.endless
        if not config.records:
            raise ConfigError("data.endless.records: name at least one record or folder of records to draw pages of")
        locations = [str(location) for root in config.records for location in find_records(root)]
        self._config, self._kind, self._seed = config, request.classes.kind, request.seed
        self._batch_size, self._workers = request.config.batch_size, request.config.workers
        self._train, self._validation = _split(locations, config.validation_share)
        self.steps_per_epoch: int | None = config.steps_per_epoch

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width)."""
        if split == "train":
            first = epoch * self._config.steps_per_epoch
            make = partial(self._batch, self._crops(self._train, self._seed))
            start, stop = first + start_step, first + self._config.steps_per_epoch
        else:
            make = partial(self._batch, self._crops(self._validation, self._seed + VALIDATION_SEED))
            start, stop = 0, self._config.validation_batches
        return made_ahead(make, start=start, stop=stop, workers=self._workers)

    def _crops(self, locations: Sequence[str], seed: int) -> EndlessCrops:
        pages = EndlessPages(RecordFiles(tuple(locations)), self._config.pages, seed=seed)
        return EndlessCrops(pages, kind=self._kind, recipe=self._config.crops)

    def _batch(self, crops: EndlessCrops, number: int) -> Batch:
        """Batch ``number``: crops of so many pages as fill it, begun where no other batch looks."""
        per_page = self._config.crops.samples_per_page + self._config.crops.negatives_per_page
        pages_apart = 2 * -(-self._batch_size // max(per_page, 1)) + 2
        found = list(islice(crops.crops(start=number * pages_apart), self._batch_size))
        order = np.random.default_rng(number).permutation(len(found))
        return as_batch([found[each].image for each in order], [found[each].mask for each in order])


def _split(locations: Sequence[str], share: float) -> tuple[list[str], list[str]]:
    """Records for training and for validation: every so-many-th is kept."""
    if not locations:
        raise DataError("data.endless.records: no record found there; `ecg list formats --long` shows what can be read")
    if not share or len(locations) == 1:
        return list(locations), list(locations)
    every = max(2, round(1 / share))
    kept = list(locations[every - 1 :: every]) or [locations[-1]]
    return [location for location in locations if location not in set(kept)], kept
