"""Strips of rendered pages with the true row of every column, drawn as the training goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import torch
from scipy.ndimage import binary_closing

from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM
from ecg_core.training.endless import VALIDATION_SEED, EndlessBatches, Examples
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.waveform.strip import StripGeometry
from ecg_digitize.learning.aligned import SUFFIX, AlignedPage, read_aligned
from ecg_digitize.learning.waveform_config import StripsConfig
from ecg_digitize.learning.waveform_net import ABSENT, UNKNOWN
from ecg_digitize.pages.files import load_pages
from ecg_render import EndlessPages, RecordFiles, column_targets
from ecg_render.endless import PageSample, find_split

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

STEEP_GAIN, STEEP_FROM = 0.4, 3.0
"""Where a trace is steep its row is less certain: sigma + 0.4 * max(0, |slope| - 3 * sigma) / 3."""

HIDDEN_GAP_MM = 0.5
"""A gap so short, from the last sample of a lead to the first of the next, is inked over by the width of the pen."""


@attrs.frozen(eq=False)
class Strip:
    """A strip and its truth.

    Attributes:
        image: uint8 RGB, shape (rows, columns, 3).
        row_px: float32, shape (columns,): true row, `ABSENT` where nothing is printed.
        sigma_px: float32, shape (columns,): how sharply it is to be found.
    """

    image: np.ndarray
    row_px: np.ndarray
    sigma_px: np.ndarray


@attrs.frozen(eq=False)
class StripsOfPages:
    """The strips of a page by its number.

    They are cut by the true crossings of the page, moved a little by chance, as detected ones would be; so is the
    height of the row.

    Attributes:
        pages: where pages come from.
        config: options.
        geometry: of the strips.
    """

    pages: EndlessPages
    config: StripsConfig
    geometry: StripGeometry

    def __call__(self, number: int) -> list[Strip]:
        sample = self.pages.sample(number)
        draws = (np.random.default_rng((self.pages.seed, number, each)) for each in range(self.config.strips_per_page))
        return [cut_strip(sample, self.geometry, self.config, rng) for rng in draws]


@attrs.frozen(eq=False)
class StripsOfAligned:
    """The strips of real pages, by number.

    Attributes:
        files: of the pages, made by `digitize.align`.
        config: options.
        geometry: of the strips.
        seed: of everything.
    """

    files: tuple[Path, ...]
    config: StripsConfig
    geometry: StripGeometry
    seed: int

    def __call__(self, number: int) -> list[Strip]:
        rng = np.random.default_rng((self.seed, number, 2))
        page = read_aligned(self.files[int(rng.integers(len(self.files)))])
        image = next(load_pages(page.picture)).image
        return [cut_aligned(page, image, self.geometry, self.config, rng) for _ in range(self.config.strips_per_page)]


@attrs.frozen(eq=False)
class Mixed:
    """Examples of two kinds.

    Attributes:
        one: examples by number.
        other: the same.
        other_share: of the numbers.
        seed: says which.
    """

    one: Examples
    other: Examples
    other_share: float
    seed: int

    def __call__(self, number: int) -> Sequence[Any]:
        is_other = np.random.default_rng((self.seed, number, 3)).random() < self.other_share
        return (self.other if is_other else self.one)(number)


def find_aligned(locations: Sequence[str]) -> tuple[Path, ...]:
    """Files of aligned pages.

    Raises:
        DataError: a place has none.
    """
    found: list[Path] = []
    for location in map(Path, locations):
        inside = sorted(location.glob(f"*{SUFFIX}")) if location.is_dir() else [location]
        if not inside or not all(file.is_file() for file in inside):
            raise DataError(f"{location}: no aligned pages (*{SUFFIX}); digitize.align makes them")
        found += inside
    return tuple(found)


def endless_strips(config: StripsConfig, seed: int, geometry: StripGeometry | None = None) -> EndlessBatches:
    """Strips without end.

    Batches are ``strip`` uint8 (batch, 3, rows, columns), ``row_px`` and ``sigma_px`` float32 (batch, columns).

    Args:
        config: options.
        seed: of everything.
        geometry: of the strips.

    Raises:
        ConfigError: no records are named.
        DataError: no record is found there, or no aligned page.
    """
    geometry = geometry or StripGeometry()

    def strips(locations: Sequence[str], seed: int) -> StripsOfPages:
        pages = EndlessPages(RecordFiles(tuple(locations)), config.pages, seed=seed)
        return StripsOfPages(pages, config, geometry)

    train, validation = find_split("data.records", config.records, config.validation_share)
    examples: Examples = strips(train, seed)
    if config.aligned:
        real = StripsOfAligned(find_aligned(config.aligned), config, geometry, seed)
        examples = Mixed(examples, real, config.aligned_share, seed)
    return EndlessBatches(
        train=examples,
        validation=strips(validation, seed + VALIDATION_SEED),
        collate=collate,
        batch_size=config.batch_size,
        per_source=config.strips_per_page,
        steps_per_epoch=config.steps_per_epoch,
        validation_batches=config.validation_batches,
        workers=config.workers,
    )


def collate(strips: Sequence[Strip]) -> Batch:
    """Strips to a batch."""
    return {
        "strip": torch.from_numpy(np.stack([strip.image for strip in strips])).permute(0, 3, 1, 2).contiguous(),
        "row_px": torch.from_numpy(np.stack([strip.row_px for strip in strips])),
        "sigma_px": torch.from_numpy(np.stack([strip.sigma_px for strip in strips])),
    }


def cut_strip(sample: PageSample, geometry: StripGeometry, config: StripsConfig, rng: np.random.Generator) -> Strip:
    """A strip of a random row of a page, begun anywhere along it."""
    flat, page = sample.flat, sample.page
    first = flat.grid_points_px[0, 0]
    pitch = (flat.grid_points_px[-1, -1] - first) / (np.array(flat.grid_points_px.shape[1::-1]) - 1)
    jitter = rng.normal(0, config.grid_jitter_px, page.grid_points_px.shape)
    row = int(rng.integers(len(flat.baselines_px)))
    wobble = rng.uniform(-1, 1) * config.zero_jitter_mm / LARGE_BOX_MM
    zero_box = float((flat.baselines_px[row] - first[1]) / pitch[1] + wobble)
    last_box = flat.grid_points_px.shape[1] - 1 - config.width_px / (geometry.across_px_per_mm * LARGE_BOX_MM)
    start_box = float(rng.uniform(-1, max(last_box + 1, 0)))
    image = geometry.cut(
        Mesh(page.grid_points_px + jitter), page.image, start_box=start_box, zero_box=zero_box, width_px=config.width_px
    )
    columns_px = first[0] + geometry.columns_box(start_box, config.width_px) * pitch[0]
    lattice_rows = (column_targets(flat, columns_px).y_px[row] - first[1]) / pitch[1]
    rows = geometry.rows_of(lattice_rows, zero_box)
    row_px, sigma_px = _truth(rows, geometry.height_px, config.sigma_px)
    hidden = _short_gaps(np.isfinite(rows), round(HIDDEN_GAP_MM * geometry.across_px_per_mm))
    return Strip(image, np.where(hidden, np.float32(UNKNOWN), row_px), sigma_px)


def cut_aligned(
    page: AlignedPage, image: np.ndarray, geometry: StripGeometry, config: StripsConfig, rng: np.random.Generator
) -> Strip:
    """A strip of a random row of a real page, begun anywhere along what is known of it."""
    row = page.rows[int(rng.integers(len(page.rows)))]
    jitter = rng.normal(0, config.grid_jitter_px, page.points_px.shape)
    zero_box = row.zero_box + rng.uniform(-1, 1) * config.zero_jitter_mm / LARGE_BOX_MM
    spare = max(len(row.rows_box) - config.width_px, 0)
    first = int(rng.integers(spare + 1))
    start_box = float(geometry.columns_box(row.start_box, len(row.rows_box))[first])
    image = geometry.cut(
        Mesh(page.points_px + jitter), image, start_box=start_box, zero_box=zero_box, width_px=config.width_px
    )
    missing = max(config.width_px - len(row.rows_box), 0)
    boxes = np.pad(row.rows_box[first : first + config.width_px], (0, missing), constant_values=np.nan)
    known = np.pad(row.known[first : first + config.width_px], (0, missing))
    row_px, sigma_px = _truth(geometry.rows_of(boxes, zero_box), geometry.height_px, config.sigma_px)
    return Strip(image, np.where(known, row_px, np.float32(UNKNOWN)), sigma_px)


def _short_gaps(there: np.ndarray, most_columns: int) -> np.ndarray:
    """Columns of the gaps of at most so many columns between two that are there."""
    return binary_closing(there, np.ones(most_columns + 1, bool)) & ~there


def _truth(rows: np.ndarray, height_px: int, sigma_px: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows that the strip shows, and how sharply they are to be found."""
    there = np.isfinite(rows) & (rows >= 0) & (rows <= height_px - 1)
    slope = np.abs(np.gradient(np.where(there, rows, np.nan)))
    steepness = np.nan_to_num(np.maximum(0, slope - STEEP_FROM * sigma_px))
    sigma = sigma_px + STEEP_GAIN * steepness / STEEP_FROM
    return np.where(there, rows, ABSENT).astype(np.float32), sigma.astype(np.float32)
