"""Views of rendered pages in any orientation with the names of their leads marked, drawn as the training goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import cv2
import numpy as np
import torch

from ecg_core.plugins.registry import registry
from ecg_core.training.endless import VALIDATION_SEED, EndlessBatches
from ecg_digitize.learning.marker_config import ViewsConfig
from ecg_digitize.markers import class_of
from ecg_digitize.orientation import NUM_ORIENTATIONS, oriented
from ecg_render import EndlessPages, Page, RecordFiles
from ecg_render.endless import find_split

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

GROWN_PX = 1.5
"""A name is marked so far beyond its ink."""


@attrs.frozen(eq=False)
class View:
    """A view of a page and its truth.

    Attributes:
        image: uint8 RGB, shape (size, size, 3).
        mask: uint8, shape (size, size): `ecg_digitize.markers.CLASSES`.
        orientation: 0 to 7, see `ecg_digitize.orientation`.
    """

    image: np.ndarray
    mask: np.ndarray
    orientation: int


@attrs.frozen(eq=False)
class ViewsOfPages:
    """The views of a page by its number.

    Attributes:
        pages: where pages come from.
        config: options.
    """

    pages: EndlessPages
    config: ViewsConfig

    def __call__(self, number: int) -> list[View]:
        page = self.pages.sample(number).page
        rng = np.random.default_rng((self.pages.seed, number, 1))
        return [take_view(page, self.config, rng) for _ in range(self.config.views_per_page)]


def take_view(page: Page, config: ViewsConfig, rng: np.random.Generator) -> View:
    """A page, or a part of it, somewhere in a square picture of any orientation."""
    size = config.size_px
    scale = rng.uniform(config.least_zoom, config.most_zoom) * size / max(page.width_px, page.height_px)
    spare = size - scale * np.array([page.width_px, page.height_px])
    place = rng.uniform(np.minimum(spare, 0), np.maximum(spare, 0))
    to_view = np.array([[scale, 0, place[0]], [0, scale, place[1]]])
    mode = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    beside = tuple(int(level) for level in rng.integers(20, 256, 3))
    shrunk = cv2.GaussianBlur(page.image, (0, 0), 0.4 / scale) if scale < 0.8 else page.image
    image = cv2.warpAffine(shrunk, to_view, (size, size), flags=cv2.INTER_LINEAR, borderMode=mode, borderValue=beside)
    orientation = int(rng.integers(NUM_ORIENTATIONS))
    mask = draw_names(page, to_view, size)
    return View(oriented(image, orientation), oriented(mask, orientation), orientation)


def draw_names(page: Page, to_view: np.ndarray, size: int) -> np.ndarray:
    """Class of every pixel of a view: uint8, shape (size, size).

    Args:
        page: whose names to mark.
        to_view: shape (2, 3): from pixels of the page to those of the view.
        size: of the view.
    """
    segments = registry().load("layouts", page.layout).segments
    rhythm_rows = {segment.row for segment in segments if segment.is_rhythm}
    mask = np.zeros((size, size), np.uint8)
    for name in page.lead_names:
        corners = name.corners_px @ to_view[:, :2].T + to_view[:, 2]
        if np.isfinite(corners).all():
            middle = corners.mean(axis=0)
            away = corners - middle
            grown = middle + away * (1 + GROWN_PX / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6))
            value = class_of(name.lead, is_rhythm=name.row in rhythm_rows)
            cv2.fillConvexPoly(mask, np.rint(grown).astype(np.int32), value)
    return mask


def endless_views(config: ViewsConfig, seed: int) -> EndlessBatches:
    """Views without end.

    Batches are ``image`` uint8 (batch, 3, size, size), ``mask`` uint8 (batch, size, size) and ``orientation`` uint8
    (batch,).

    Raises:
        ConfigError: no records are named.
        DataError: no record is found there.
    """

    def views(locations: Sequence[str], seed: int) -> ViewsOfPages:
        return ViewsOfPages(EndlessPages(RecordFiles(tuple(locations)), config.pages, seed=seed), config)

    train, validation = find_split("data.records", config.records, config.validation_share)
    return EndlessBatches(
        train=views(train, seed),
        validation=views(validation, seed + VALIDATION_SEED),
        collate=collate,
        batch_size=config.batch_size,
        per_source=config.views_per_page,
        steps_per_epoch=config.steps_per_epoch,
        validation_batches=config.validation_batches,
        workers=config.workers,
    )


def collate(views: Sequence[View]) -> Batch:
    """Views to a batch."""
    return {
        "image": torch.from_numpy(np.stack([view.image for view in views])).permute(0, 3, 1, 2).contiguous(),
        "mask": torch.from_numpy(np.stack([view.mask for view in views])),
        "orientation": torch.tensor([view.orientation for view in views], dtype=torch.uint8),
    }
