"""Crops of rendered pages with crossings, lines and traces, drawn as the training goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import cv2
import numpy as np
import torch

from ecg_core.training.endless import VALIDATION_SEED, EndlessBatches
from ecg_digitize.learning.grid_config import GridCropsConfig
from ecg_render import EndlessPages, Page, RecordFiles
from ecg_render.endless import find_split
from ecg_render.labels import HORIZONTAL, PULSE, TRACE, VERTICAL, has_any

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

SPREAD = 3
"""A crossing is drawn as far as so many times its width."""


@attrs.frozen(eq=False)
class GridCrop:
    """A crop and its truth.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        target: uint8, shape (height, width, 4): `ecg_digitize.digitizers.neural.grid.maps.OUTPUTS`, each from 0 to 255.
    """

    image: np.ndarray
    target: np.ndarray


@attrs.frozen(eq=False)
class GridCropsOfPages:
    """The crops of a page by its number, taken anywhere on it.

    Attributes:
        pages: where pages come from.
        config: options.
    """

    pages: EndlessPages
    config: GridCropsConfig

    def __call__(self, number: int) -> list[GridCrop]:
        page = self.pages.sample(number).page
        rng = np.random.default_rng((self.pages.seed, number, 1))
        return [cut_crop(page, self.config, rng) for _ in range(self.config.crops_per_page)]


def cut_crop(page: Page, config: GridCropsConfig, rng: np.random.Generator) -> GridCrop:
    """A crop from anywhere on a page; what lies beyond a small page continues its edge and has no ink."""
    size = config.size_px
    left, top = (int(rng.integers(max(length - size, 0) + 1)) for length in (page.width_px, page.height_px))
    window = np.s_[top : top + size, left : left + size]
    lines = [255 * has_any(page.labels[window], bit) for bit in (HORIZONTAL, VERTICAL, TRACE | PULSE)]
    below, beside = (size - length for length in lines[0].shape)
    image = cv2.copyMakeBorder(page.image[window], 0, below, 0, beside, cv2.BORDER_REPLICATE)
    points = page.grid_points_px.reshape(-1, 2) - (left, top)
    heat = draw_crossings(points, (size, size), config.sigma_px)
    target = np.dstack((heat, *(cv2.copyMakeBorder(line, 0, below, 0, beside, cv2.BORDER_CONSTANT) for line in lines)))
    return GridCrop(image, target)


def draw_crossings(points: np.ndarray, shape: tuple[int, int], sigma_px: float) -> np.ndarray:
    """A heat map of crossings, uint8, 255 at their middle, each a bell of its own.

    Args:
        points: shape (n, 2): x and y.
        shape: rows and columns.
        sigma_px: width of a bell.
    """
    reach = int(np.ceil(SPREAD * sigma_px))
    margin = 2 * reach
    heat = np.zeros((shape[0] + 2 * margin, shape[1] + 2 * margin), np.float32)
    near = ((points > -reach) & (points < np.array(shape[::-1]) - 1 + reach)).all(axis=1)
    offsets = np.arange(-reach, reach + 1)
    for x, y in points[near]:
        column, row = round(x), round(y)
        bell = np.exp(-0.5 * ((column + offsets - x) ** 2 + (row + offsets[:, None] - y) ** 2) / sigma_px**2)
        part = heat[margin + row - reach :, margin + column - reach :][: len(offsets), : len(offsets)]
        np.maximum(part, bell, out=part)
    return np.rint(255 * heat[margin:-margin, margin:-margin]).astype(np.uint8)


def endless_grid_crops(config: GridCropsConfig, seed: int) -> EndlessBatches:
    """Crops without end.

    Batches are ``image`` uint8 (batch, 3, height, width) and ``target`` uint8 (batch, 4, height, width).

    Raises:
        ConfigError: no records are named.
        DataError: no record is found there.
    """

    def crops(locations: Sequence[str], seed: int) -> GridCropsOfPages:
        return GridCropsOfPages(EndlessPages(RecordFiles(tuple(locations)), config.pages, seed=seed), config)

    train, validation = find_split("data.records", config.records, config.validation_share)
    return EndlessBatches(
        train=crops(train, seed),
        validation=crops(validation, seed + VALIDATION_SEED),
        collate=collate,
        batch_size=config.batch_size,
        per_source=config.crops_per_page,
        steps_per_epoch=config.steps_per_epoch,
        validation_batches=config.validation_batches,
        workers=config.workers,
    )


def collate(crops: Sequence[GridCrop]) -> Batch:
    """Crops to a batch."""
    together = {
        "image": np.stack([crop.image for crop in crops]),
        "target": np.stack([crop.target for crop in crops]),
    }
    return {name: torch.from_numpy(array).permute(0, 3, 1, 2).contiguous() for name, array in together.items()}
