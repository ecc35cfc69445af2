"""The marker network (stage 0), which finds names, pulses, separators and printed scales, and its views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import attrs
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ecg_core.leads import EXTRA_LEADS
from ecg_core.metrics.segmentation import segmentation_figures
from ecg_core.networks.unet import PageUNet
from ecg_core.training.endless import EndlessBatches
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_BOX
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.classes import BACKGROUND, CLASSES, GAINS, NAMES, PULSE, SEPARATOR, SPEEDS
from ecg_digitize.digitizers.neural.markers.second_look import CLOSER
from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, oriented
from ecg_digitize.learning.carried_over import with_classes_of_today
from ecg_digitize.learning.marker_targets import draw_targets
from ecg_digitize.learning.options import (
    MarkerViewsConfig,
    PageUNetConfig,
    StageDataRequest,
    StageModelRequest,
    require_stage,
)
from ecg_render import EndlessPages, Page
from ecg_render.scene import Boxed

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

WEIGHTS: Mapping[str, float] = {
    BACKGROUND: 1.0,
    **dict.fromkeys(NAMES, 20.0),
    **dict.fromkeys(EXTRA_LEADS, 40.0),
    PULSE: 3.0,
    SEPARATOR: 10.0,
    **dict.fromkeys((*SPEEDS, *GAINS), 20.0),
}
"""How many times as much a pixel of a class counts as one of the background: names and numbers take a five-hundredth of
the paper, a pulse eight times as much as a name, and few pages print other leads than the twelve."""

INSIDE = 0.15
"""Share of a view's side that the middle of what it is taken about stays away from its edges."""

SUBJECTS: Mapping[str, float] = {
    "lead_names": 0.55,
    "pulses": 0.15,
    "scale_texts": 0.15,
    "texts": 0.1,
    "separators": 0.05,
}
"""How often views are taken about what, by the fields of `ecg_render.Page`; texts also teach what is no name."""

USUAL_SCALES = (25.0, 10.0)
UNUSUAL_SHARE = 4.0
"""How many times as often views are taken about a printed speed or gain that is not one of the usual ones: these are on
most pages, and a network that saw few others takes every number for them."""

LOOKS_THE_SAME: Mapping[int, tuple[str, ...]] = {
    2: ("I", "II", "III", SEPARATOR),
    4: ("I", "II", "III", SEPARATOR, PULSE),
    6: ("I", "II", "III", SEPARATOR),
}
"""What is to be read upside down, mirrored, and both, by the number of the orientation."""

BOXES_BEYOND = 8
"""A page is looked at so far beyond the lines of its grid."""


class MarkerNet(PageUNet):
    """The model `digitize.markers`: the logits of the `CLASSES` for each pixel.

    Args:
        config: options of the network.
        request: of the task.

    Raises:
        ConfigError: there is no such backbone, or the task trains another stage.
    """

    def __init__(self, config: PageUNetConfig, request: StageModelRequest) -> None:
        require_stage(request, "markers", "digitize.markers")
        pretrained = config.pretrained and not request.restored
        super().__init__(config.backbone, len(CLASSES), config.decoder_channels, pretrained=pretrained)

    def adopted(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Weights of an earlier version with other classes, made fit for this one; others stay as they are."""
        return with_classes_of_today(tensors, self.state_dict())

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width), ``mask`` uint8 (batch, height, width)."""
        return {"loss": self._loss(self(batch["image"]), batch)}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss, and the confusion of the classes in shares of the pixels."""
        logits = self(batch["image"])
        there = F.one_hot(batch["mask"].long().flatten(), len(CLASSES)).float()
        claimed = F.one_hot(logits.argmax(dim=1).flatten(), len(CLASSES)).float()
        count = torch.ones_like(logits[:, 0, 0, 0]).float().sum()
        return {"loss": self._loss(logits, batch) * count, "count": count, "confusion": there.T @ claimed / len(there)}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, and intersection over union (IoU) of every class."""
        figures = segmentation_figures(totals["confusion"].double().cpu().numpy(), CLASSES)
        return {
            "loss": float(totals["loss"]) / float(totals["count"]),
            "mean_iou": figures.mean_iou,
            **{f"iou_{name}": each.iou for name, each in figures.classes.items()},
        }

    def _loss(self, logits: Tensor, batch: Batch) -> Tensor:
        weights = torch.tensor([WEIGHTS[name] for name in CLASSES], device=logits.device)
        return F.cross_entropy(logits.float(), batch["mask"].long(), weight=weights)


@attrs.frozen(eq=False)
class MarkerView:
    """A view of flat paper and its truth.

    Attributes:
        image: uint8 RGB, shape (size, size, 3), at the scale `PX_PER_BOX` or nearly so, or at a finer one.
        mask: uint8, shape (size, size): the number in `CLASSES` of each pixel.
    """

    image: np.ndarray
    mask: np.ndarray


@attrs.frozen(eq=False)
class ViewsOfPages:
    """Gives the views of a page by the page's number.

    Attributes:
        pages: where pages come from.
        config: options.
    """

    pages: EndlessPages
    config: MarkerViewsConfig

    def __call__(self, number: int) -> list[MarkerView]:
        page = self.pages.sample(number).page
        rng = np.random.default_rng((self.pages.seed, number, 1))
        mesh = jittered_mesh(page, self.config.grid_jitter_px, rng)
        return [take_view(page, mesh, self.config, rng) for _ in range(self.config.views_per_page)]


def endless_marker_views(config: MarkerViewsConfig, request: StageDataRequest) -> EndlessBatches:
    """The data set `digitize.marker_views`.

    Batches are ``image`` uint8 (batch, 3, size, size) and ``mask`` uint8 (batch, size, size).

    Raises:
        ConfigError: no records are named, or the task trains another stage.
        DataError: no record is found there.
    """
    require_stage(request, "markers", "digitize.marker_views")
    views = partial(ViewsOfPages, config=config)
    return config.batches_of(views, collate, per_page=config.views_per_page, request=request)


def collate(views: Sequence[MarkerView]) -> Batch:
    """Put views together to a batch."""
    return {
        "image": torch.from_numpy(np.stack([view.image for view in views])).permute(0, 3, 1, 2).contiguous(),
        "mask": torch.from_numpy(np.stack([view.mask for view in views])),
    }


def jittered_mesh(page: Page, jitter_px: float, rng: np.random.Generator) -> Mesh:
    """The true grid of a page with small errors, such as a detected grid has.

    It goes on for some boxes beyond the lines that are printed, since names, texts and pulses may stand there; errors
    at the last lines would else grow on the way.
    """
    points = beyond_the_lines(page.grid_points_px, BOXES_BEYOND)
    return Mesh(points + rng.normal(0, jitter_px, points.shape))


def beyond_the_lines(points_px: np.ndarray, boxes: int) -> np.ndarray:
    """Crossings with so many more on every side, where the nearest boxes would have them.

    Args:
        points_px: shape (horizontal lines, vertical lines, 2).
        boxes: how many more.
    """
    rows, columns = (np.arange(-boxes, lines + boxes) for lines in points_px.shape[:2])
    lattice = np.stack(np.meshgrid(columns, rows), axis=-1)
    return Mesh(points_px).to_picture(lattice.reshape(-1, 2).astype(float)).reshape(lattice.shape)


def take_view(page: Page, mesh: Mesh, config: MarkerViewsConfig, rng: np.random.Generator) -> MarkerView:
    """Take a part of a page, laid flat by its grid; some views are turned, and then hardly anything counts."""
    usual = PX_PER_BOX * (rng.uniform(1, CLOSER[-1]) if rng.random() < config.closer_share else 1.0)
    size, boxes = config.size_px, config.size_px / usual
    about = rng.random() < config.marks_share
    corner = (_corner_about_a_mark(page, mesh, boxes, rng) if about else None) or _corner_anywhere(mesh, boxes, rng)
    across, down = usual * (1 + rng.uniform(-config.scale_error, config.scale_error, 2))
    image = mesh.flatten(page.image, px_per_box=(across, down), corner=corner, size=(size, size))
    mask = draw_targets(page, mesh, corner, size, (across, down))
    if rng.random() < config.turned_share:
        turned = int(rng.integers(1, NUM_ORIENTATIONS))
        return MarkerView(oriented(image, turned), without_what_changes(oriented(mask, turned), turned))
    return MarkerView(image, mask)


def without_what_changes(mask: np.ndarray, orientation: int) -> np.ndarray:
    """A turned view's classes: only of what looks the same as upright, all else is nothing to be read."""
    kept = [CLASSES.index(name) for name in LOOKS_THE_SAME.get(orientation, ())]
    return np.where(np.isin(mask, kept), mask, 0).astype(np.uint8)


def _corner_anywhere(mesh: Mesh, boxes: float, rng: np.random.Generator) -> tuple[float, float]:
    """Lattice column and row of the first pixel of a view so wide and high from anywhere on a page."""
    spare = np.array(mesh.points_px.shape[1::-1]) - 1 - boxes
    column, row = rng.uniform(np.minimum(spare, -1) - 1, np.maximum(spare, 0) + 1)
    return float(column), float(row)


def _corner_about_a_mark(page: Page, mesh: Mesh, boxes: float, rng: np.random.Generator) -> tuple[float, float] | None:
    """Lattice column and row of the first pixel of a view so wide and high about one of the `SUBJECTS`; None where the
    page has none."""
    subjects = [
        (share, _on_the_mesh(mesh, things))
        for kind, share in SUBJECTS.items()
        for things, share in _parts(page, kind, share)
    ]
    there = [(share, places) for share, places in subjects if len(places)]
    if not there:
        return None
    shares = np.array([share for share, _ in there])
    _, chosen = there[int(rng.choice(len(there), p=shares / shares.sum()))]
    place = chosen[int(rng.integers(len(chosen)))]
    column, row = place - rng.uniform(INSIDE, 1 - INSIDE, 2) * boxes
    return float(column), float(row)


def _parts(page: Page, kind: str, share: float) -> list[tuple[Sequence[Boxed], float]]:
    """What a page has of a subject, and how often views are taken about it: unusual scales count by themselves."""
    if kind != "scale_texts":
        return [(getattr(page, kind), share)]
    usual = [text for text in page.scale_texts if text.value in USUAL_SCALES]
    unusual = [text for text in page.scale_texts if text.value not in USUAL_SCALES]
    return [(usual, share), (unusual, UNUSUAL_SHARE * share)]


def _on_the_mesh(mesh: Mesh, things: Sequence[Boxed]) -> np.ndarray:
    """Lattice column and row of the middles of those things that lie on a mesh: shape (n, 2)."""
    middles = [thing.centre_px for thing in things if np.isfinite(thing.corners_px).all()]
    if not middles:
        return np.zeros((0, 2))
    places = mesh.to_lattice(np.array(middles, float))
    last = np.array(mesh.points_px.shape[1::-1]) - 1
    result: np.ndarray = places[((places >= 0) & (places <= last)).all(axis=1)]
    return result
