"""The data set `seg.crops`: folders of crops and masks as `render.crops` makes them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from ecg_core.errors import ConfigError, DataError
from ecg_core.pictures import read_mask, read_picture
from ecg_core.training.prefetch import made_ahead
from ecg_core.training.share import Share
from ecg_seg.data.batches import as_batch
from ecg_seg.options import CropFoldersConfig, SegDataRequest

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

MAX_DAMAGED_IN_A_ROW = 100

log = logging.getLogger(__name__)


@attrs.frozen
class CropBatch:
    """A batch, and what is wrong with the crops that were passed over for it, by path."""

    batch: Batch
    damaged: dict[str, str]


@attrs.frozen
class CropFiles:
    """A crop and its mask."""

    image: Path
    mask: Path

    @property
    def page(self) -> str:
        """The page that it was cut from: its name without the number."""
        return self.image.stem.rpartition("_")[0] or self.image.stem

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Picture uint8 RGB (height, width, 3) and mask uint8 (height, width).

        Raises:
            DataError: one is damaged, or they do not fit together.
        """
        image, mask = read_picture(self.image), read_mask(self.mask)
        if mask.shape != image.shape[:2]:
            raise DataError(f"{self.image}: the picture is {image.shape[:2]}, its mask {mask.shape}")
        return image, mask


class CropFoldersData:
    """Batches of crops from disk; all crops of a page are in one split.

    A damaged crop is named in the log, counted in ``num_damaged`` and replaced by another.

    Args:
        config: of the data set.
        request: of the task.

    Raises:
        ConfigError: no folders.
        DataError: no crops in them.
    """

    def __init__(self, config: CropFoldersConfig, request: SegDataRequest) -> None:
        if not config.folders:
            raise ConfigError("data.folders: name at least one folder of crops, as render.crops makes them")
        self._config, self._num_classes, self._seed = config, len(request.classes.names), request.seed
        self._batch_size, self._workers = request.batch_size, request.workers
        crops = [crop for folder in config.folders for crop in _find(Path(folder))]
        pages = sorted({crop.page for crop in crops})
        every = max(2, round(1 / config.validation_share)) if config.validation_share and len(pages) > 1 else 0
        kept = set(pages[every - 1 :: every] or pages[-1:]) if every else set()
        self._train = [crop for crop in crops if crop.page not in kept]
        self._validation = [crop for crop in crops if crop.page in kept]
        self._share = Share()
        self._damaged: set[str] = set()
        self.steps_per_epoch: int | None = max(1, len(self._train) // self._batch_size)

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width); all of one size."""
        is_train = split == "train"
        crops = self._train if is_train else self._validation
        stop = self.steps_per_epoch if is_train else len(crops) // self._batch_size or min(len(crops), 1)
        make = partial(self._batch, crops, epoch if is_train else -1)
        for made in made_ahead(make, start=start_step, stop=stop, workers=self._workers):
            for path, reason in made.damaged.items():
                self._note_damaged(path, reason)
            yield made.batch

    def _note_damaged(self, path: str, reason: str) -> None:
        """Name it once, however often it is drawn."""
        if path not in self._damaged:
            self._damaged.add(path)
            log.warning("skipped (%d so far): %s", self.num_damaged, reason)

    @property
    def num_damaged(self) -> int:
        """Crops that were found damaged so far."""
        return len(self._damaged)

    def summary(self) -> dict[str, Any]:
        """How many crops were found damaged, if any; in a run of several processes, those that the first one met."""
        return {"damaged crops": self.num_damaged} if self.num_damaged else {}

    def share(self, rank: int, world_size: int) -> CropFoldersData:
        """The same with a process's part of every batch."""
        part = copy(self)
        part._share = Share(rank, world_size)
        return part

    def _batch(self, crops: Sequence[CropFiles], epoch: int, step: int) -> CropBatch:
        rng = np.random.default_rng((self._seed, epoch + 1))
        order = rng.permutation(len(crops)) if epoch >= 0 else np.arange(len(crops))
        pairs: list[tuple[np.ndarray, np.ndarray]] = []
        damaged: dict[str, str] = {}
        for place in self._share.places(self._batch_size):
            draws = np.random.default_rng((self._seed, epoch + 1, step, place))
            crop = crops[order[(step * self._batch_size + place) % len(crops)]]
            pair, faults = self._read(crop, crops, draws)
            damaged |= faults
            pairs.append(_flipped(*pair, draws) if self._config.flip and epoch >= 0 else pair)
        return CropBatch(as_batch([image for image, _ in pairs], [mask for _, mask in pairs]), damaged)

    def _read(
        self, crop: CropFiles, crops: Sequence[CropFiles], rng: np.random.Generator
    ) -> tuple[tuple[np.ndarray, np.ndarray], dict[str, str]]:
        """A crop, or another one where it is damaged, and what is wrong with those that are, by path."""
        faults: dict[str, str] = {}
        for _ in range(MAX_DAMAGED_IN_A_ROW):
            try:
                image, mask = crop.read()
                if mask.max() >= self._num_classes:
                    raise DataError(
                        f"{crop.mask}: it holds the value {mask.max()}, there are {self._num_classes} classes"
                    )
                return (image, mask), faults
            except DataError as error:
                faults[str(crop.image)] = str(error)
                crop = crops[int(rng.integers(len(crops)))]
        named = "; ".join(list(faults.values())[:3])
        raise DataError(f"{MAX_DAMAGED_IN_A_ROW} crops in a row are damaged: {named} …")


def _find(folder: Path) -> list[CropFiles]:
    pairs = [
        CropFiles(image, folder / "masks" / image.relative_to(folder / "images"))
        for image in sorted((folder / "images").rglob("*.png"))
    ]
    found = [pair for pair in pairs if pair.mask.exists()]
    if not found:
        raise DataError(f"{folder}: no images/<id>_<k>.png with masks/<id>_<k>.png; render.crops makes them")
    return found


def _flipped(image: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    for axis in (0, 1):
        if rng.random() < 0.5:
            image, mask = np.flip(image, axis), np.flip(mask, axis)
    return np.ascontiguousarray(image), np.ascontiguousarray(mask)
