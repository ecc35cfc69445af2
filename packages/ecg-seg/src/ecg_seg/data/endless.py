"""The data set `seg.endless`: pages rendered as the training goes on, from records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING

from ecg_core.errors import ConfigError, DataError
from ecg_core.training.prefetch import made_ahead
from ecg_core.training.share import Share
from ecg_render import EndlessCrops, EndlessPages, RecordFiles
from ecg_render.endless import find_split
from ecg_render.endless_crops import Crop
from ecg_seg.data.batches import as_batch
from ecg_seg.data.config import SegDataRequest

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

MAX_PAGES_TRIED = 20
FAR_PAGES = 2**40
"""Between a page and the one that takes its place: beyond every page that a run asks for."""

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
        self._config, self._kind, self._seed = config, request.classes.kind, request.seed
        self._batch_size, self._workers = request.config.batch_size, request.config.workers
        self._share = Share()
        if config.crops.samples_per_page + config.crops.negatives_per_page == 0:
            raise ConfigError("data.endless.crops: samples_per_page and negatives_per_page are both 0")
        self._train, self._validation = find_split("data.endless.records", config.records, config.validation_share)
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

    def share(self, rank: int, world_size: int) -> EndlessSegData:
        """The same with a process's part of every batch: it draws the pages of that part alone."""
        part = copy(self)
        part._share = Share(rank, world_size)
        return part

    def _crops(self, locations: Sequence[str], seed: int) -> EndlessCrops:
        pages = EndlessPages(RecordFiles(tuple(locations)), self._config.pages, seed=seed)
        return EndlessCrops(pages, kind=self._kind, recipe=self._config.crops)

    def _batch(self, crops: EndlessCrops, number: int) -> Batch:
        """This process's part of batch ``number``: each page fills so many places in a row."""
        per_page = self._config.crops.samples_per_page + self._config.crops.negatives_per_page
        pages_per_batch = -(-self._batch_size // per_page)
        places = self._share.places(self._batch_size)
        found: list[Crop] = []
        for page in range(places.start // per_page, -(-places.stop // per_page)):
            of_page = self._crops_of(crops, number * pages_per_batch + page)
            first = page * per_page
            wanted = range(max(first, places.start), min(first + per_page, places.stop))
            found += [of_page[(place - first) % len(of_page)] for place in wanted]
        return as_batch([crop.image for crop in found], [crop.mask for crop in found])

    def _crops_of(self, crops: EndlessCrops, page: int) -> list[Crop]:
        """Crops of a page, or of another one where it has no place for any."""
        for attempt in range(MAX_PAGES_TRIED):
            if found := crops.of_page(page + attempt * FAR_PAGES):
                return found
        raise DataError(
            f"{MAX_PAGES_TRIED} pages in a row had no place for a crop: make crops smaller, or ask for less waveform "
            "by data.endless.crops.wave_min_coverage"
        )
