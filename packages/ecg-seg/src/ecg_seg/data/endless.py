"""The data set `seg.endless`: pages rendered as the training goes on, from records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecg_core.training.endless import VALIDATION_SEED, EndlessBatches
from ecg_render import EndlessCrops, EndlessPages, RecordFiles
from ecg_render.endless import find_split
from ecg_render.endless_crops import Crop
from ecg_seg.data.batches import as_batch
from ecg_seg.options import EndlessConfig, SegDataRequest

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


def endless_crops(config: EndlessConfig, request: SegDataRequest) -> EndlessBatches:
    """Crops without end; records are split by their order, so that no patient's page is in both splits.

    Batches are ``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width).

    Args:
        config: of the data set.
        request: of the task.

    Raises:
        ConfigError: no records are named, or no crops asked for.
        DataError: no record is found there.
    """
    train, validation = find_split("data.records", config.records, config.validation_share)
    return EndlessBatches(
        train=_crops(config, request.classes.kind, train, request.seed).of_page,
        validation=_crops(config, request.classes.kind, validation, request.seed + VALIDATION_SEED).of_page,
        collate=collate,
        batch_size=request.batch_size,
        per_source=config.crops.samples_per_page + config.crops.negatives_per_page,
        steps_per_epoch=config.steps_per_epoch,
        validation_batches=config.validation_batches,
        workers=request.workers,
    )


def _crops(config: EndlessConfig, kind: str, locations: Sequence[str], seed: int) -> EndlessCrops:
    pages = EndlessPages(RecordFiles(tuple(locations)), config.pages, seed=seed)
    return EndlessCrops(pages, kind=kind, recipe=config.crops)


def collate(crops: Sequence[Crop]) -> Batch:
    """Crops to a batch."""
    return as_batch([crop.image for crop in crops], [crop.mask for crop in crops])
