"""Moving a page: where its points go, and one sampling of picture and labels however many moves there are."""

from __future__ import annotations

from typing import Self

import attrs
import cv2
import numpy as np

from ecg_render.degradations.coarse import coarse_nodes, enlarge, shine, strips
from ecg_render.page import Page
from ecg_render.scene import PointMap
from ecg_render.style import Rgb

TOLERANCE_PX = 0.02
"""Distance from its aim at which the search for the source of a point ends."""

MAX_SEARCH_STEPS = 20
BESIDE_RGB: Rgb = (180, 178, 174)
"""Colour beside a page where nothing else is asked for: that of a gray table."""

FEWER = 4
"""Every so many-th node is sought first."""


@attrs.frozen(kw_only=True, eq=False)
class Warp:
    """A map from the points of a picture to those of another one.

    Attributes:
        forward: the exact map; coordinates move by it.
        backward: takes points of the new picture back, exactly or nearly; the sources of pixels are sought from there.
        size_px: width and height of the new picture.
    """

    forward: PointMap
    backward: PointMap
    size_px: tuple[int, int]

    @classmethod
    def projective(cls, matrix: np.ndarray, size_px: tuple[int, int]) -> Self:
        """The map by a homography, shape (3, 3)."""
        return cls(forward=homography(matrix), backward=homography(np.linalg.inv(matrix)), size_px=size_px)

    def then(self, later: Warp) -> Warp:
        """This map and another one after it, as one."""
        return Warp(
            forward=lambda points_px: later.forward(self.forward(points_px)),
            backward=lambda points_px: self.backward(later.backward(points_px)),
            size_px=later.size_px,
        )


def homography(matrix: np.ndarray) -> PointMap:
    """Points through a matrix of shape (3, 3)."""

    def move(points_px: np.ndarray) -> np.ndarray:
        x, y, scale = matrix[:, :2] @ points_px.T + matrix[:, 2:]
        return np.stack((x / scale, y / scale), axis=1)

    return move


def find_sources(warp: Warp, points_px: np.ndarray, guess: np.ndarray | None = None) -> np.ndarray:
    """Points of the old picture that go to the given ones, by fixed-point iteration.

    Args:
        warp: the map.
        points_px: float, shape (points, 2), in the new picture.
        guess: where the search begins, overwritten; None is where ``warp.backward`` says.
    """
    aim = warp.backward(points_px)
    sources = aim.copy() if guess is None else guess
    still = np.arange(len(points_px))
    for _ in range(MAX_SEARCH_STEPS):
        reached = warp.forward(sources[still])
        far = np.abs(reached - points_px[still]).max(axis=1) >= TOLERANCE_PX
        still = still[far]
        if not len(still):
            break
        sources[still] += aim[still] - warp.backward(reached[far])
    return sources


def source_map(warp: Warp) -> np.ndarray:
    """Where the coarse nodes of the new picture come from: float64, shape (rows, columns, 2), see `coarse_nodes`.

    The search begins from what it found for a few nodes.
    """
    nodes = coarse_nodes(*warp.size_px)
    few = nodes[::FEWER, ::FEWER]
    few_off = find_sources(warp, few.reshape(-1, 2)) - warp.backward(few.reshape(-1, 2))
    spread = np.array([[FEWER, 0, 0], [0, FEWER, 0]], float)
    off = cv2.warpAffine(
        few_off.reshape(few.shape), spread, nodes.shape[1::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    points_px = nodes.reshape(-1, 2)
    return find_sources(warp, points_px, warp.backward(points_px) + off.reshape(-1, 2)).reshape(nodes.shape)


def resample(
    page: Page, warp: Warp, sources: np.ndarray, around: np.ndarray | Rgb, *, light: np.ndarray | None = None
) -> Page:
    """The page after a move whose `source_map` is known.

    Args:
        page: the page before.
        warp: the map.
        sources: its `source_map`.
        around: what is seen beside the page: a colour, or a picture of the new size, which is drawn over.
        light: factor of the brightness in the new picture, as in `shine`.
    """
    width, height = warp.size_px
    image = around if isinstance(around, np.ndarray) else plain(width, height, around)
    labels = np.zeros((height, width), np.uint8)
    x_nodes, y_nodes = np.ascontiguousarray(np.moveaxis(sources, -1, 0), np.float32)
    for strip, near in strips(height):
        x, y = (enlarge(nodes[near], width, strip.stop - strip.start) for nodes in (x_nodes, y_nodes))
        cv2.remap(page.image, x, y, cv2.INTER_LINEAR, dst=image[strip], borderMode=cv2.BORDER_TRANSPARENT)
        cv2.remap(page.labels, x, y, cv2.INTER_NEAREST, dst=labels[strip])
        if light is not None:
            image[strip] = shine(image[strip], light[near])
    return page.warped(_finite_only(warp.forward), image=image, labels=labels)


def plain(width_px: int, height_px: int, rgb: Rgb) -> np.ndarray:
    """A picture of one colour."""
    return cv2.resize(np.array([[rgb]], np.uint8), (width_px, height_px), interpolation=cv2.INTER_NEAREST)


def warp_page(page: Page, warp: Warp, around: np.ndarray | Rgb) -> Page:
    """The page after a move; arguments as in `resample`."""
    return resample(page, warp, source_map(warp), around)


def _finite_only(point_map: PointMap) -> PointMap:
    """A map that leaves points without coordinates, as in a gap of a trace, without coordinates."""

    def move(points_px: np.ndarray) -> np.ndarray:
        moved = np.full_like(points_px, np.nan)
        finite = np.isfinite(points_px).all(axis=1)
        if finite.any():
            moved[finite] = point_map(points_px[finite])
        return moved

    return move
