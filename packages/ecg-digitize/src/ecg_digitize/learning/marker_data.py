"""Views of the flat paper of rendered pages with the names of their leads, drawn as the training goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import cv2
import numpy as np
import torch

from ecg_core.plugins.registry import registry
from ecg_core.training.endless import VALIDATION_SEED, EndlessBatches
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_BOX
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.classes import class_of
from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, oriented
from ecg_digitize.learning.marker_config import ViewsConfig
from ecg_render import EndlessPages, Page, RecordFiles
from ecg_render.endless import find_split

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

GROWN_PX = 1.5
"""A name is marked so far beyond its ink."""

NAME_INSIDE = 0.15
"""Share of a view's side that a name's middle stays away from its edges."""


@attrs.frozen(eq=False)
class View:
    """A view of the flat paper and its truth.

    Attributes:
        image: uint8 RGB, shape (size, size, 3), `ecg_digitize.digitizers.neural.grid.flattening.PX_PER_BOX`.
        mask: uint8, shape (size, size): `ecg_digitize.digitizers.neural.markers.classes.CLASSES`.
    """

    image: np.ndarray
    mask: np.ndarray


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
        mesh = mesh_in_error(page, self.config, rng)
        return [take_view(page, mesh, self.config, rng) for _ in range(self.config.views_per_page)]


def mesh_in_error(page: Page, config: ViewsConfig, rng: np.random.Generator) -> Mesh:
    """The true grid of a page, a little in error, as a detected one would be."""
    return Mesh(page.grid_points_px + rng.normal(0, config.grid_jitter_px, page.grid_points_px.shape))


def take_view(page: Page, mesh: Mesh, config: ViewsConfig, rng: np.random.Generator) -> View:
    """A part of a page laid flat by its grid; some are turned, and then no name counts."""
    corner = _corner_with_a_name(page, mesh, config, rng)
    if corner is None or rng.random() >= config.names_share:
        corner = _corner_anywhere(page, config, rng)
    size = config.size_px
    image = mesh.flatten(page.image, px_per_box=(PX_PER_BOX, PX_PER_BOX), corner=corner, size=(size, size))
    if rng.random() < config.turned_share:
        turned = int(rng.integers(1, NUM_ORIENTATIONS))
        return View(oriented(image, turned), np.zeros((size, size), np.uint8))
    return View(image, draw_names(page, mesh, corner, size))


def _corner_anywhere(page: Page, config: ViewsConfig, rng: np.random.Generator) -> tuple[float, float]:
    """Lattice column and row of the first pixel of a view from anywhere on a page."""
    spare = np.array(page.grid_points_px.shape[1::-1]) - 1 - config.size_px / PX_PER_BOX
    column, row = rng.uniform(np.minimum(spare, -1) - 1, np.maximum(spare, 0) + 1)
    return float(column), float(row)


def _corner_with_a_name(
    page: Page, mesh: Mesh, config: ViewsConfig, rng: np.random.Generator
) -> tuple[float, float] | None:
    """The same of a view with a name in it; None where the page shows none."""
    places = [name.centre_px for name in page.lead_names if np.isfinite(name.centre_px).all()]
    if not places:
        return None
    [place] = mesh.to_lattice(np.array([places[int(rng.integers(len(places)))]], float))
    column, row = place - rng.uniform(NAME_INSIDE, 1 - NAME_INSIDE, 2) * config.size_px / PX_PER_BOX
    return float(column), float(row)


def draw_names(page: Page, mesh: Mesh, corner: tuple[float, float], size: int) -> np.ndarray:
    """Class of every pixel of a view: uint8, shape (size, size).

    Args:
        page: whose names to mark.
        mesh: of its grid.
        corner: lattice column and row of the view's first pixel.
        size: of the view.
    """
    segments = registry().load("layouts", page.layout).segments
    rhythm_rows = {segment.row for segment in segments if segment.is_rhythm}
    mask = np.zeros((size, size), np.uint8)
    for name in page.lead_names:
        if not np.isfinite(name.corners_px).all():
            continue
        corners = (mesh.to_lattice(name.corners_px) - corner) * PX_PER_BOX
        middle = corners.mean(axis=0)
        away = corners - middle
        grown = middle + away * (1 + GROWN_PX / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6))
        value = class_of(name.lead, is_rhythm=name.row in rhythm_rows)
        cv2.fillConvexPoly(mask, np.rint(grown.clip(-1e4, 1e4)).astype(np.int32), value)
    return mask


def endless_views(config: ViewsConfig, seed: int) -> EndlessBatches:
    """Views without end.

    Batches are ``image`` uint8 (batch, 3, size, size) and ``mask`` uint8 (batch, size, size).

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
    }
