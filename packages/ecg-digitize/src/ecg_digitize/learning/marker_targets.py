"""What a view of flat paper shows, pixel by pixel: the truth that the marker network learns from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs
import numpy as np

from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.classes import (
    CLASSES,
    PULSE,
    SEPARATOR,
    class_of_gain,
    class_of_name,
    class_of_speed,
)
from ecg_render import Page

TEXT_MARGIN_PX = 1.5
"""The mark of a name or a printed scale reaches so far beyond its ink."""

BAR_MARGIN_PX = 1.0
"""The mark of a separator reaches so far beyond its ink, which may be thinner than a pixel."""

PRINTED_SPEED = re.compile(r"\s*(\d+(?:\.\d+)?)\s*mm\s*/\s*s(?:ec)?\.?\s*")
PRINTED_GAIN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*mm\s*/\s*mV\s*")


@attrs.frozen(eq=False)
class Target:
    """Something on a page that has a class.

    Attributes:
        value: its number in `CLASSES`; not 0.
        corners_px: shape (4, 2): in the picture, see `ecg_render.scene.Boxed`.
        margin_px: its mark reaches so far beyond these corners on flat paper.
    """

    value: int
    corners_px: np.ndarray
    margin_px: float


def targets_of(page: Page) -> list[Target]:
    """All that has a class on a page; of two that overlap the later one wins."""
    every = (*_separators(page), *_pulses(page), *_scales(page), *_names(page))
    return [target for target in every if target.value and np.isfinite(target.corners_px).all()]


def draw_targets(
    page: Page, mesh: Mesh, corner: tuple[float, float], size: int, px_per_box: tuple[float, float]
) -> np.ndarray:
    """Class of every pixel of a view: uint8, shape (size, size).

    Args:
        page: the page that the view is of.
        mesh: its grid.
        corner: lattice column and row of the view's first pixel.
        size: side of the view in pixels.
        px_per_box: its scale, across and down.
    """
    mask = np.zeros((size, size), np.uint8)
    targets = targets_of(page)
    if not targets:
        return mask
    places = mesh.to_lattice(np.concatenate([target.corners_px for target in targets])).reshape(-1, 4, 2)
    for target, corners in zip(targets, (places - corner) * px_per_box, strict=True):
        fill_box(mask, _grown(corners, target.margin_px), target.value)
    return mask


def fill_box(mask: np.ndarray, corners: np.ndarray, value: int) -> None:
    """Give every pixel whose middle lies within a convex box a value, so that the box keeps its width and height.

    Args:
        mask: shape (height, width), changed in place.
        corners: shape (4, 2): x and y, in turn around the box.
        value: what is written.
    """
    height, width = mask.shape
    left, top = np.floor(corners.min(axis=0)).astype(int).clip(0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (width, height))
    if left >= right or top >= bottom:
        return
    x, y = np.meshgrid(np.arange(left, right), np.arange(top, bottom))
    sides = np.roll(corners, -1, axis=0) - corners
    turns = np.stack([dx * (y - cy) - dy * (x - cx) for (cx, cy), (dx, dy) in zip(corners, sides, strict=True)])
    mask[top:bottom, left:right][(turns >= 0).all(axis=0) | (turns <= 0).all(axis=0)] = value


def _grown(corners: np.ndarray, margin_px: float) -> np.ndarray:
    """A box with every side so far beyond where it was."""
    across, down = (corners[[1, 2]] - corners[[0, 3]]).mean(axis=0), (corners[[3, 2]] - corners[[0, 1]]).mean(axis=0)
    right, below = (margin_px * each / max(float(np.linalg.norm(each)), 1e-6) for each in (across, down))
    return corners + np.stack((-right - below, right - below, right + below, -right + below))


def _names(page: Page) -> Iterator[Target]:
    return (Target(class_of_name(name.lead), name.corners_px, TEXT_MARGIN_PX) for name in page.lead_names)


def _pulses(page: Page) -> Iterator[Target]:
    return (Target(CLASSES.index(PULSE), pulse.corners_px, 0.0) for pulse in page.pulses)


def _separators(page: Page) -> Iterator[Target]:
    return (Target(CLASSES.index(SEPARATOR), bar.corners_px, BAR_MARGIN_PX) for bar in page.separators)


def _scales(page: Page) -> Iterator[Target]:
    """The printed speeds and gains of a page: texts that say nothing else."""
    for text in page.texts:
        if speed := PRINTED_SPEED.fullmatch(text.text):
            yield Target(class_of_speed(float(speed[1])), text.corners_px, TEXT_MARGIN_PX)
        elif gain := PRINTED_GAIN.fullmatch(text.text):
            yield Target(class_of_gain(float(gain[1])), text.corners_px, TEXT_MARGIN_PX)
