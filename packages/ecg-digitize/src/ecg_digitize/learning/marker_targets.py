"""What a view of flat paper shows, pixel by pixel: the truth that the marker network learns from."""

from __future__ import annotations

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
from ecg_render.labels import SHEET

TEXT_MARGIN_PX = 1.5
"""The mark of a name or a printed scale reaches so far beyond its ink."""

BAR_MARGIN_PX = 1.0
"""The mark of a separator reaches so far beyond its ink, which may be thinner than a pixel."""

LEGIBLE_NAME, LEGIBLE_NUMBER = 0.8, 0.97
"""Shares of a name and of the number of a printed scale that must be seen."""


@attrs.frozen(eq=False)
class Target:
    """Something on a page that has a class.

    Attributes:
        value: its number in `CLASSES`; not 0.
        corners_px: shape (4, 2): in the picture, see `ecg_render.scene.Boxed`.
        margin_px: its mark reaches so far beyond these corners on flat paper.
        least_shown: it has a mark where the view shows so much of it, the rest being cut off or covered.
    """

    value: int
    corners_px: np.ndarray
    margin_px: float
    least_shown: float = 0.0


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
        box = _grown(corners, target.margin_px)
        x, y = pixels_within(box, size)
        shown = _is_on_sheet(page, mesh.to_picture(np.stack((x, y), axis=1) / px_per_box + corner))
        if shown.sum() >= target.least_shown * _area(box):
            mask[y[shown], x[shown]] = target.value
    return mask


def pixels_within(corners: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows of the pixels of a view whose middles lie within a convex box: it keeps its width and height.

    Args:
        corners: shape (4, 2): x and y, in turn around the box.
        size: side of the view in pixels.
    """
    left, top = np.floor(corners.min(axis=0)).clip(0, size).astype(int)
    right, bottom = (np.ceil(corners.max(axis=0)) + 1).clip(0, size).astype(int)
    x, y = (each.ravel() for each in np.meshgrid(np.arange(left, right), np.arange(top, bottom)))
    sides = np.roll(corners, -1, axis=0) - corners
    turns = np.stack([dx * (y - cy) - dy * (x - cx) for (cx, cy), (dx, dy) in zip(corners, sides, strict=True)])
    within = (turns >= 0).all(axis=0) | (turns <= 0).all(axis=0)
    return x[within], y[within]


def _area(corners: np.ndarray) -> float:
    """Area of a box, by the cross product of its diagonals."""
    one, other = corners[2] - corners[0], corners[3] - corners[1]
    return abs(float(one[0] * other[1] - one[1] * other[0])) / 2


def _is_on_sheet(page: Page, points_px: np.ndarray) -> np.ndarray:
    """Whether the picture shows paper at each point: bool, shape (n,)."""
    column, row = np.rint(points_px.clip(-1, max(page.labels.shape))).astype(int).T
    height, width = page.labels.shape
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    result: np.ndarray = inside & (page.labels[row * inside, column * inside] & SHEET > 0)
    return result


def _grown(corners: np.ndarray, margin_px: float) -> np.ndarray:
    """A box with every side so far beyond where it was."""
    across, down = (corners[[1, 2]] - corners[[0, 3]]).mean(axis=0), (corners[[3, 2]] - corners[[0, 1]]).mean(axis=0)
    right, below = (margin_px * each / max(float(np.linalg.norm(each)), 1e-6) for each in (across, down))
    return corners + np.stack((-right - below, right - below, right + below, -right + below))


def _names(page: Page) -> Iterator[Target]:
    return (Target(class_of_name(name.lead), name.corners_px, TEXT_MARGIN_PX, LEGIBLE_NAME) for name in page.lead_names)


def _pulses(page: Page) -> Iterator[Target]:
    return (Target(CLASSES.index(PULSE), pulse.corners_px, 0.0) for pulse in page.pulses)


def _separators(page: Page) -> Iterator[Target]:
    return (Target(CLASSES.index(SEPARATOR), bar.corners_px, BAR_MARGIN_PX) for bar in page.separators)


def _scales(page: Page) -> Iterator[Target]:
    """The numbers of the printed speeds and gains of a page.

    Units are longer and look alike for all of them: were they marked, too, most of the pixels could only be guessed.
    """
    for text in page.scale_texts:
        value = class_of_speed(text.value) if text.kind == "speed" else class_of_gain(text.value)
        yield Target(value, text.number_corners_px, TEXT_MARGIN_PX, LEGIBLE_NUMBER)
