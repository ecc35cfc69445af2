"""The waveform network (stage 2), which reads a row of a flat page, and the strips that it learns from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import torch
from scipy.ndimage import binary_closing
from torch import Tensor, nn

from ecg_core.errors import DataError
from ecg_core.networks.blocks import ConvBlock, ResidualBlock
from ecg_core.networks.folding import folded, unfolded
from ecg_core.networks.unet import LEVEL_MEAN, LEVEL_SCALE
from ecg_core.networks.upsample import double
from ecg_core.paper import LARGE_BOX_MM
from ecg_core.training.endless import EndlessBatches, Examples
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.waveform.columns import WINDOW_PX
from ecg_digitize.digitizers.neural.waveform.strip import StripGeometry
from ecg_digitize.learning.aligned import SUFFIX, AlignedPage, read_aligned
from ecg_digitize.learning.options import (
    StageDataRequest,
    StageModelRequest,
    StripsConfig,
    WaveformNetConfig,
    require_stage,
)
from ecg_digitize.pages.files import load_pages
from ecg_render import EndlessPages, Page, column_targets
from ecg_render.endless import PageSample
from ecg_render.scene import PointMap, Scene

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

FOLD_ACROSS = 4
"""Columns of a strip that become one column of the finest maps."""

NEAR_END_COLUMNS, END_WEIGHT = 9, 4.0
"""So many columns about where a trace begins or ends weigh so much more: they say where 0 s is, to a millisecond."""

LEAST_STEP_BOX = 1e-9
"""Two samples of a trace lie at least so far apart, in large boxes."""

ABSENT, UNKNOWN = -1.0, -2.0
"""Rows of the truth where nothing is printed, and where it is not known whether something is."""

STEEP_GAIN, STEEP_FROM = 0.4, 3.0
"""Where a trace is steep its row is less certain: sigma + 0.4 * max(0, |slope| - 3 * sigma) / 3."""

HIDDEN_GAP_MM = 0.5
"""A gap so short, from the last sample of a lead to the first of the next, is inked over by the width of the pen."""


class WaveformNet(nn.Module):
    """The model `digitize.waveform`: for every column of a strip, a distribution over its rows and "nothing there".

    A strip is folded first, some rows and four columns to one pixel with so many times the channels, so that nothing is
    lost and the work is less; the last layer unfolds it again. One more channel says how high in the strip a
    pixel lies: the traces of the neighbouring rows are there too, and only their height tells them from its own.

    Args:
        config: options of the network.
        request: of the task.

    Raises:
        ConfigError: the task trains another stage.
    """

    def __init__(self, config: WaveformNetConfig, request: StageModelRequest) -> None:
        require_stage(request, "waveform", "digitize.waveform")
        super().__init__()
        widths = config.channels
        self.fold = config.folded_rows, FOLD_ACROSS
        before = (3 * math.prod(self.fold) + 1, *widths)
        self.down = nn.ModuleList(
            nn.Sequential(ConvBlock(before[level], width, stride=1 if level == 0 else 2), ResidualBlock(width))
            for level, width in enumerate(widths)
        )
        ups = tuple(widths[-2::-1])
        coarse = (widths[-1], *ups)
        self.up = nn.ModuleList(
            nn.Sequential(ConvBlock(low + skip, skip), ConvBlock(skip, skip))
            for low, skip in zip(coarse, ups, strict=False)
        )
        self.rows = nn.Conv2d(widths[0], math.prod(self.fold), 3, padding=1)
        self.absent = nn.Conv1d(widths[0], FOLD_ACROSS, 5, padding=2)
        self.multiple = tuple(folded * 2 ** (len(widths) - 1) for folded in self.fold)

    def forward(self, strips: Tensor) -> Tensor:
        """RGB strips (batch, 3, rows, columns), levels 0 to 255, to logits (batch, rows + 1, columns), absence last."""
        maps = _with_height((folded(strips, self.fold).float() / 255 - LEVEL_MEAN) / LEVEL_SCALE)
        pyramid = []
        for stage in self.down:
            maps = stage(maps)
            pyramid.append(maps)
        for step, skip in zip(self.up, reversed(pyramid[:-1]), strict=True):
            maps = step(torch.cat((double(maps), skip), dim=1))
        rows = unfolded(self.rows(maps), self.fold)[:, 0]
        absent = self.absent(maps.mean(dim=2)).transpose(1, 2).flatten(1)
        return torch.cat((rows, absent[:, None]), dim=1)

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``strip`` uint8 (batch, 3, rows, columns); ``row_px`` and ``sigma_px`` float (batch, columns)."""
        logits = self(batch["strip"]).float()
        return {"loss": column_cross_entropy(logits, batch["row_px"], batch["sigma_px"])}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss, errors, powers of noise and signal, and right claims of presence, each summed over the columns."""
        logits = self(batch["strip"]).float()
        there = (batch["row_px"] >= 0).float()
        known = (batch["row_px"] != UNKNOWN).float()
        rows, presence = decode_columns(logits)
        error = (rows - batch["row_px"]) * there
        middle = (batch["row_px"] * there).sum(dim=1, keepdim=True) / there.sum(dim=1, keepdim=True).clamp(min=1)
        signal = (batch["row_px"] - middle) * there
        columns = known.sum()
        return {
            "loss": column_cross_entropy(logits, batch["row_px"], batch["sigma_px"]) * columns,
            "columns": columns,
            "there": there.sum(),
            "error": error.abs().sum(),
            "noise_power": error.square().sum(),
            "signal_power": signal.square().sum(),
            "presence_right": (((presence > 0.5).float() == there).float() * known).sum(),
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss a column, mean error in pixels, signal-to-noise ratio in decibels over all strips, and presence."""
        sums = {name: float(value) for name, value in totals.items()}
        there = max(sums["there"], 1.0)
        return {
            "loss": sums["loss"] / max(sums["columns"], 1.0),
            "error_px": sums["error"] / there,
            "snr_db": 10 * math.log10(sums["signal_power"] / max(sums["noise_power"], 1e-9)),
            "presence": sums["presence_right"] / max(sums["columns"], 1.0),
        }


def column_cross_entropy(logits: Tensor, row_px: Tensor, sigma_px: Tensor) -> Tensor:
    """Mean over the columns of the cross-entropy against a normal distribution about the true row.

    A column weighs as much as its distribution is wide, and more near the ends of a trace: the signal's power and the
    reader's errors are in the few steep columns, time zero is at an end, and without the weight the many level columns
    in between decide what is learned.

    Args:
        logits: (batch, rows + 1, columns).
        row_px: true row, `ABSENT` where nothing is printed, (batch, columns); columns that are `UNKNOWN` do not count.
        sigma_px: width of the distribution, (batch, columns).
    """
    rows = torch.arange(logits.shape[1] - 1, device=logits.device, dtype=torch.float32)[None, :, None]
    shape = torch.exp(-0.5 * ((rows - row_px[:, None]) / sigma_px[:, None]).square())
    expected = (shape * logits[:, :-1]).sum(dim=1) / shape.sum(dim=1).clamp(min=1e-6)
    losses = logits.logsumexp(dim=1) - torch.where(row_px >= 0, expected, logits[:, -1])
    weights = sigma_px * (1 + END_WEIGHT * _near_ends(row_px)) * (row_px != UNKNOWN)
    return (losses * weights).sum() / weights.sum().clamp(min=1)


def _near_ends(row_px: Tensor) -> Tensor:
    """1 for the columns about each place where a trace begins or ends beside bare paper, (batch, columns).

    Where it is not known whether something is printed nobody knows of an end, either.
    """
    known = row_px != UNKNOWN
    changes = torch.diff((row_px >= 0).float(), dim=1).abs() * (known[:, 1:] & known[:, :-1])
    changes = nn.functional.pad(changes, (1, 0))
    return nn.functional.max_pool1d(changes[:, None], NEAR_END_COLUMNS, stride=1, padding=NEAR_END_COLUMNS // 2)[:, 0]


def decode_columns(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Row of the trace in each column, and the probability that there is one, (batch, columns) each.

    Each column is decoded by itself, at the mean about its peak, which is enough to watch a training. Pages are read
    along the likeliest path, see `ecg_digitize.digitizers.neural.waveform.columns.decode`.
    """
    shares = logits.softmax(dim=1)
    rows = shares[:, :-1]
    numbers = torch.arange(rows.shape[1], device=rows.device, dtype=torch.float32)[None, :, None]
    peak = rows.argmax(dim=1, keepdim=True).float()
    near = rows * ((numbers - peak).abs() <= WINDOW_PX).float()
    mean = (near * numbers).sum(dim=1) / near.sum(dim=1).clamp(min=1e-9)
    return mean, 1 - shares[:, -1]


def _with_height(maps: Tensor) -> Tensor:
    """Maps and a channel that falls from 1 at the top to -1 at the bottom."""
    rows = torch.ones_like(maps[:, :1]).cumsum(dim=2)
    return torch.cat((maps, 1 - 2 * rows / maps.shape[2]), dim=1)


@attrs.frozen(eq=False)
class Strip:
    """A strip and its truth.

    Attributes:
        image: uint8 RGB, shape (rows, columns, 3).
        row_px: float32, shape (columns,): true row; `ABSENT` where nothing is printed, `UNKNOWN` where nobody knows.
        sigma_px: float32, shape (columns,): how sharply it is to be found.
    """

    image: np.ndarray
    row_px: np.ndarray
    sigma_px: np.ndarray


@attrs.frozen(eq=False)
class StripsOfPages:
    """Gives the strips of a rendered page by the page's number.

    Strips are cut by the true crossings of the page with small errors, such as detected crossings have; so has the
    height of the row.

    Attributes:
        pages: where pages come from.
        config: options.
        geometry: scale and extent of the strips.
    """

    pages: EndlessPages
    config: StripsConfig
    geometry: StripGeometry

    def __call__(self, number: int) -> list[Strip]:
        sample = self.pages.sample(number)
        draws = (np.random.default_rng((self.pages.seed, number, each)) for each in range(self.config.strips_per_page))
        return [cut_strip(sample, self.geometry, self.config, rng) for rng in draws]


@attrs.frozen(eq=False)
class StripsOfAlignedPages:
    """Gives strips of a real page by a number, which says which page it is.

    Attributes:
        files: the pages, made by `digitize.align`.
        config: options.
        geometry: scale and extent of the strips.
        seed: from which every draw follows.
    """

    files: tuple[Path, ...]
    config: StripsConfig
    geometry: StripGeometry
    seed: int

    def __call__(self, number: int) -> list[Strip]:
        rng = np.random.default_rng((self.seed, number, 2))
        page = read_aligned(self.files[int(rng.integers(len(self.files)))])
        image = next(load_pages(page.picture)).image
        count = self.config.strips_per_page
        return [cut_strip_of_aligned(page, image, self.geometry, self.config, rng) for _ in range(count)]


@attrs.frozen(eq=False)
class MixedExamples:
    """Gives the examples of a rendered or of a real page by a number, which says which of both it is.

    Attributes:
        rendered: examples of a rendered page by its number.
        real: examples of a real page by its number.
        real_share: share of the numbers that stand for real pages.
        seed: from which it follows which numbers do.
    """

    rendered: Examples
    real: Examples
    real_share: float
    seed: int

    def __call__(self, number: int) -> Sequence[Any]:
        is_real = np.random.default_rng((self.seed, number, 3)).random() < self.real_share
        return (self.real if is_real else self.rendered)(number)


def endless_strips(
    config: StripsConfig, request: StageDataRequest, geometry: StripGeometry | None = None
) -> EndlessBatches:
    """The data set `digitize.strips`; real pages are only trained on, validation is by rendered ones.

    Batches are ``strip`` uint8 (batch, 3, rows, columns), ``row_px`` and ``sigma_px`` float32 (batch, columns).

    Args:
        config: options.
        request: of the task.
        geometry: scale and extent of the strips, by default those that pages are read with.

    Raises:
        ConfigError: no records are named, or the task trains another stage.
        DataError: no record is found there, or no aligned page.
    """
    require_stage(request, "waveform", "digitize.strips")
    geometry = geometry or StripGeometry()
    strips = partial(StripsOfPages, config=config, geometry=geometry)
    batches = config.batches_of(strips, collate, per_page=config.strips_per_page, request=request)
    if config.aligned:
        real = StripsOfAlignedPages(find_aligned(config.aligned), config, geometry, request.seed)
        batches.train = MixedExamples(batches.train, real, config.aligned_share, request.seed)
    return batches


def find_aligned(locations: Sequence[str]) -> tuple[Path, ...]:
    """The files of aligned pages among files and folders.

    Raises:
        DataError: a location has none.
    """
    found: list[Path] = []
    for location in map(Path, locations):
        inside = sorted(location.glob(f"*{SUFFIX}")) if location.is_dir() else [location]
        if not inside or not all(file.is_file() for file in inside):
            raise DataError(f"{location}: no aligned pages (*{SUFFIX}); digitize.align makes them")
        found += inside
    return tuple(found)


def collate(strips: Sequence[Strip]) -> Batch:
    """Put strips together to a batch."""
    return {
        "strip": torch.from_numpy(np.stack([strip.image for strip in strips])).permute(0, 3, 1, 2).contiguous(),
        "row_px": torch.from_numpy(np.stack([strip.row_px for strip in strips])),
        "sigma_px": torch.from_numpy(np.stack([strip.sigma_px for strip in strips])),
    }


def cut_strip(sample: PageSample, geometry: StripGeometry, config: StripsConfig, rng: np.random.Generator) -> Strip:
    """Cut a strip of a random row of a rendered page, begun anywhere along it.

    What is printed beyond the edge of a cropped picture is not there: the strip shows bare paper in its place.
    """
    page, boxes = sample.page, _in_boxes(sample.flat)
    jitter = rng.normal(0, config.grid_jitter_px, page.grid_points_px.shape)
    row = int(rng.integers(len(boxes.baselines_px)))
    wobble = rng.uniform(-1, 1) * config.zero_jitter_mm / LARGE_BOX_MM
    last_box = page.grid_points_px.shape[1] - 1 - config.width_px / (geometry.across_px_per_mm * LARGE_BOX_MM)
    start_box = float(rng.uniform(-1, max(last_box + 1, 0)))
    columns_box = geometry.columns_box(start_box, config.width_px)
    zero_box = float(_zero_box(sample.flat, row, columns_box.mean()) + wobble)
    mesh = Mesh(page.grid_points_px + jitter)
    image = geometry.cut(mesh, page.image, start_box=start_box, zero_box=zero_box, width_px=config.width_px)
    rows_box = column_targets(boxes, columns_box).y_px[row]
    rows = geometry.rows_of(rows_box, zero_box)
    places_box = np.column_stack((columns_box, np.nan_to_num(rows_box, nan=zero_box)))
    seen = _in_picture(page, Mesh(page.grid_points_px).to_picture(places_box))
    row_px, sigma_px = _rows_and_sigma(np.where(seen, rows, np.nan), geometry.height_px, config.sigma_px)
    hidden = _short_gaps(np.isfinite(rows), round(HIDDEN_GAP_MM * geometry.across_px_per_mm))
    return Strip(image, np.where(hidden, np.float32(UNKNOWN), row_px), sigma_px)


def to_lattice(flat: Page) -> PointMap:
    """The map from pixels of a flat page to its lattice, column first, however the grid lies against the print."""
    points = flat.grid_points_px
    across = (points[0, -1] - points[0, 0]) / (points.shape[1] - 1)
    down = (points[-1, 0] - points[0, 0]) / (points.shape[0] - 1)
    inverse = np.linalg.inv(np.column_stack((across, down)))
    return lambda points_px: (points_px - points[0, 0]) @ inverse.T


def _in_boxes(flat: Page) -> Scene:
    """What is printed on a flat page, in coordinates of its lattice; traces run from left to right there too.

    On a grid that lies askew a steep stroke would go back by some hundredths of a millimetre.
    """
    boxes = flat.moved(to_lattice(flat))
    step_box = np.arange(max((len(piece.x_px) for piece in boxes.pieces), default=0)) * LEAST_STEP_BOX
    pieces = [
        attrs.evolve(piece, x_px=np.fmax.accumulate(piece.x_px) + step_box[: len(piece.x_px)]) for piece in boxes.pieces
    ]
    return attrs.evolve(boxes, pieces=tuple(pieces))


def _zero_box(flat: Page, row: int, column_box: float) -> float:
    """Lattice row of a row's zero line at a lattice column."""
    ends_px = np.array([(0.0, flat.baselines_px[row]), (flat.width_px, flat.baselines_px[row])])
    (left, left_row), (right, right_row) = to_lattice(flat)(ends_px)
    return float(left_row + (right_row - left_row) * (column_box - left) / (right - left))


def _in_picture(page: Page, points_px: np.ndarray) -> np.ndarray:
    """Whether each point lies on the picture."""
    return np.asarray(((points_px > -0.5) & (points_px < np.array([page.width_px, page.height_px]) - 0.5)).all(axis=1))


def cut_strip_of_aligned(
    page: AlignedPage, image: np.ndarray, geometry: StripGeometry, config: StripsConfig, rng: np.random.Generator
) -> Strip:
    """Cut a strip of a random row of a real page, begun anywhere along what is known of it."""
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
    row_px, sigma_px = _rows_and_sigma(geometry.rows_of(boxes, zero_box), geometry.height_px, config.sigma_px)
    return Strip(image, np.where(known, row_px, np.float32(UNKNOWN)), sigma_px)


def _short_gaps(there: np.ndarray, most_columns: int) -> np.ndarray:
    """Whether a column lies in a gap of at most so many columns between two that are there."""
    return binary_closing(there, np.ones(most_columns + 1, bool)) & ~there


def _rows_and_sigma(rows: np.ndarray, height_px: int, sigma_px: float) -> tuple[np.ndarray, np.ndarray]:
    """The true row of each column, `ABSENT` where the strip does not show it, and the width of the target there."""
    there = np.isfinite(rows) & (rows >= 0) & (rows <= height_px - 1)
    slope = np.abs(np.gradient(np.where(there, rows, np.nan)))
    steepness = np.nan_to_num(np.maximum(0, slope - STEEP_FROM * sigma_px))
    sigma = sigma_px + STEEP_GAIN * steepness / STEEP_FROM
    return np.where(there, rows, ABSENT).astype(np.float32), sigma.astype(np.float32)
