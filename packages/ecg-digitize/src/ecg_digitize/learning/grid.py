"""The grid network (stage 1), which finds crossings, grid lines and ink, and the crops that it learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import attrs
import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ecg_core.networks.unet import PageUNet
from ecg_core.training.endless import EndlessBatches
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.learning.options import (
    GridCropsConfig,
    PageUNetConfig,
    StageDataRequest,
    StageModelRequest,
    require_stage,
)
from ecg_render import EndlessPages, Page
from ecg_render.labels import HORIZONTAL, PULSE, SMALL_HORIZONTAL, SMALL_VERTICAL, TRACE, VERTICAL, has_any

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

CROSSING_WEIGHT = 30.0
"""A pixel at the middle of a crossing counts so many times as much as one far from any."""

LINE_WEIGHT = 4.0
"""A pixel of a line or a trace counts so many times as much as one beside it."""

SMALL_BOXES = 5
"""Small boxes along the side of a large one."""

LEAST_BOX_PX, MOST_ENLARGED = 14.0, 4.0
"""Boxes of 1 mm are shown at least so large where a page has no others, and pictures enlarged at most so many times; on
coarser ones such boxes are seen no better than in a photo, and are none."""

BELL_REACH = 3
"""The bell of a crossing is drawn as far as so many times its width."""


class GridNet(PageUNet):
    """The model `digitize.grid`: the logits of the four `OUTPUTS` for each pixel, where lines of the large boxes cross,
    these lines themselves, and the ink of traces and calibration pulses.

    Args:
        config: options of the network.
        request: of the task.

    Raises:
        ConfigError: there is no such backbone, or the task trains another stage.
    """

    def __init__(self, config: PageUNetConfig, request: StageModelRequest) -> None:
        require_stage(request, "grid", "digitize.grid")
        pretrained = config.pretrained and not request.restored
        super().__init__(config.backbone, len(OUTPUTS), config.decoder_channels, pretrained=pretrained)

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width), ``target`` uint8 (batch, 4, height, width) from 0 to 255."""
        crossing, lines = self._losses(batch)
        return {"loss": crossing + lines, "crossing_loss": crossing.detach(), "line_loss": lines.detach()}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss, and the numbers of pixels in intersection and union of truth and claim, for each output."""
        crossing, lines = self._losses(batch)
        there = batch["target"].float() / 255 > 0.5
        claimed = self(batch["image"]) > 0
        count = torch.ones_like(there[:, 0, 0, 0]).float().sum()
        both, either = (there & claimed).float(), (there | claimed).float()
        return {
            "loss": (crossing + lines) * count,
            "count": count,
            "both": both.sum(dim=(0, 2, 3)),
            "either": either.sum(dim=(0, 2, 3)),
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, and intersection over union (IoU) of every output."""
        ious = (totals["both"].double() / totals["either"].double().clamp(min=1)).tolist()
        return {
            "loss": float(totals["loss"]) / float(totals["count"]),
            **{f"iou_{name}": iou for name, iou in zip(OUTPUTS, ious, strict=True)},
        }

    def _losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The loss of the crossings, and that of the other outputs together."""
        logits, target = self(batch["image"]).float(), batch["target"].float() / 255
        heavier = [CROSSING_WEIGHT - 1] + [LINE_WEIGHT - 1] * (len(OUTPUTS) - 1)
        weights = 1 + target * torch.tensor(heavier, device=logits.device).view(1, -1, 1, 1)
        each = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weights).mean(dim=(0, 2, 3))
        return each[0], each[1:].sum()


@attrs.frozen(eq=False)
class GridCrop:
    """A crop of a page and its truth.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        target: uint8, shape (height, width, 4): the `OUTPUTS`, each from 0 to 255.
    """

    image: np.ndarray
    target: np.ndarray


@attrs.frozen(eq=False)
class CropsOfPages:
    """Gives the crops of a page, taken anywhere on it, by the page's number.

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


def endless_grid_crops(config: GridCropsConfig, request: StageDataRequest) -> EndlessBatches:
    """The data set `digitize.grid_crops`.

    Batches are ``image`` uint8 (batch, 3, height, width) and ``target`` uint8 (batch, 4, height, width).

    Raises:
        ConfigError: no records are named, or the task trains another stage.
        DataError: no record is found there.
    """
    require_stage(request, "grid", "digitize.grid_crops")
    crops = partial(CropsOfPages, config=config)
    return config.batches_of(crops, collate, per_page=config.crops_per_page, request=request)


def collate(crops: Sequence[GridCrop]) -> Batch:
    """Put crops together to a batch."""
    together = {
        "image": np.stack([crop.image for crop in crops]),
        "target": np.stack([crop.target for crop in crops]),
    }
    return {name: torch.from_numpy(array).permute(0, 3, 1, 2).contiguous() for name, array in together.items()}


def cut_crop(page: Page, config: GridCropsConfig, rng: np.random.Generator) -> GridCrop:
    """Cut a crop from anywhere on a page; what lies beyond a small page continues its edge and has no ink.

    Where a page has lines or points every millimetre alone, the crop is enlarged until these are boxes as large as the
    network looks for, and their crossings are its crossings: nothing on such a page tells which are 5 mm apart.
    """
    grid = drawn_grid(page)
    size = config.size_px
    zoom = rng.uniform(LEAST_BOX_PX, MOST_ENLARGED * grid.pitch_px) / grid.pitch_px if grid.is_small else 1.0
    side = round(size / zoom)
    left, top = (int(rng.integers(max(length - side, 0) + 1)) for length in (page.width_px, page.height_px))
    window = np.s_[top : top + side, left : left + side]
    layers = [255 * has_any(page.labels[window], bits) for bits in (*grid.bits, TRACE | PULSE)]
    below, beside = (side - length for length in layers[0].shape)
    image = cv2.copyMakeBorder(page.image[window], 0, below, 0, beside, cv2.BORDER_REPLICATE)
    layers = [cv2.copyMakeBorder(layer, 0, below, 0, beside, cv2.BORDER_CONSTANT) for layer in layers]
    if grid.is_small:
        image = cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC)
        layers = [cv2.resize(layer, (size, size), interpolation=cv2.INTER_LINEAR) for layer in layers]
    scale = size / side
    heat = draw_crossings((grid.points_px - (left, top) + 0.5) * scale - 0.5, (size, size), config.sigma_px)
    return GridCrop(image, np.dstack((heat, *layers)))


@attrs.frozen(eq=False)
class DrawnGrid:
    """The boxes that a page shows.

    Attributes:
        bits: of `ecg_render.labels` for its horizontal and its vertical lines.
        points_px: where they cross, shape (n, 2): x and y.
        pitch_px: side of a box, the median over the page.
        is_small: whether boxes of 1 mm are all that it shows, and large enough to be seen.
    """

    bits: tuple[int, int]
    points_px: np.ndarray
    pitch_px: float
    is_small: bool


def drawn_grid(page: Page) -> DrawnGrid:
    """The large boxes of a page, or the small ones where it shows no others, or none."""
    points, bits = page.grid_points_px, (HORIZONTAL, VERTICAL)
    pitch_px = float(np.median(np.linalg.norm(np.diff(points, axis=1), axis=2)))
    if has_any(page.labels, HORIZONTAL).any():
        return DrawnGrid(bits, points.reshape(-1, 2), pitch_px, is_small=False)
    is_legible = MOST_ENLARGED * pitch_px / SMALL_BOXES > LEAST_BOX_PX
    if not (is_legible and has_any(page.labels, SMALL_HORIZONTAL).any()):
        return DrawnGrid(bits, np.zeros((0, 2)), pitch_px, is_small=False)
    points = _divided(_divided(points, SMALL_BOXES).transpose(1, 0, 2), SMALL_BOXES)
    return DrawnGrid((SMALL_HORIZONTAL, SMALL_VERTICAL), points.reshape(-1, 2), pitch_px / SMALL_BOXES, is_small=True)


def _divided(points: np.ndarray, parts: int) -> np.ndarray:
    """Points with so many steps from each to the next along the first axis."""
    places = np.arange((len(points) - 1) * parts + 1) / parts
    first = np.minimum(places.astype(int), len(points) - 2)
    share = (places - first)[:, None, None]
    result: np.ndarray = (1 - share) * points[first] + share * points[first + 1]
    return result


def draw_crossings(points: np.ndarray, shape: tuple[int, int], sigma_px: float) -> np.ndarray:
    """A heat map of crossings: uint8, a bell for each crossing, 255 at its middle.

    Args:
        points: shape (n, 2): x and y.
        shape: rows and columns.
        sigma_px: width of a bell.
    """
    reach = int(np.ceil(BELL_REACH * sigma_px))
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
