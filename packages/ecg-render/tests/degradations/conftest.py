from __future__ import annotations

from collections.abc import Callable

import attrs
import cv2
import numpy as np
import pytest

from ecg_core.synthetic import synthesize_record
from ecg_render import Page, PageStyle, render_page
from ecg_render.labels import HORIZONTAL, PRINT, PULSE, SHEET, VERTICAL
from ecg_render.style import SeparatorStyle

DOT_RADIUS_PX = 2.6
REACH_PX = 5
WINDOW = np.arange(-REACH_PX, REACH_PX + 1)

Offsets = Callable[[Page], np.ndarray]


@pytest.fixture(scope="session")
def record_page() -> Page:
    """A whole page of a synthetic record, 720 x 557 pixels."""
    return render_page(synthesize_record(seed=3), style=PageStyle(separators=SeparatorStyle()), dots_per_inch=65.5)


@pytest.fixture(scope="session")
def dotted_page(record_page: Page) -> Page:
    """White paper with a black dot, and labels of a crossing, where each second pair of large-box lines cross."""
    points = record_page.grid_points_px[2:-2:2, 2:-2:2]
    y, x = np.mgrid[: record_page.height_px, : record_page.width_px]
    ink = np.zeros(x.shape)
    for px, py in points.reshape(-1, 2):
        ink = np.maximum(ink, (DOT_RADIUS_PX + 0.5 - np.hypot(x - px, y - py)).clip(0, 1))
    gray = np.rint(255 - 225 * ink).astype(np.uint8)
    labels = np.where(ink > 0.5, HORIZONTAL | VERTICAL | SHEET, SHEET).astype(np.uint8)
    return attrs.evolve(
        record_page,
        image=cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB),
        labels=labels,
        grid_points_px=points,
        pieces=(),
        pulses=(),
        lead_names=(),
        texts=(),
        separators=(),
    )


@pytest.fixture(scope="session")
def named_page() -> Page:
    """A page at 100 dpi on whose labels the lead names alone, and nothing else, count as pulse."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    labels = np.full_like(page.labels, SHEET)
    for name in page.lead_names:
        left, top, right, bottom = (round(edge + 0.5) for edge in name.box_px)
        box = slice(top, bottom), slice(left, right)
        labels[box] |= np.where(page.labels[box] & PRINT > 0, PULSE, 0).astype(np.uint8)
    return attrs.evolve(page, labels=labels)


@pytest.fixture(scope="session")
def crop() -> Page:
    """64 x 64 pixels of a page, of which no coordinates are known."""
    page = render_page(synthesize_record(seed=4))
    cut = slice(640, 704), slice(480, 544)
    return attrs.evolve(
        page,
        image=page.image[cut].copy(),
        labels=page.labels[cut].copy(),
        width_px=64,
        height_px=64,
        pieces=(),
        pulses=(),
        lead_names=(),
        texts=(),
        separators=(),
        grid_points_px=np.zeros((0, 0, 2)),
    )


@pytest.fixture(scope="session")
def gray_page(crop: Page) -> Page:
    """Even gray paper of 400 x 300 pixels at 200 dpi."""
    return attrs.evolve(
        crop,
        image=np.full((300, 400, 3), 180, np.uint8),
        labels=np.full((300, 400), SHEET, np.uint8),
        width_px=400,
        height_px=300,
    )


@pytest.fixture(scope="session")
def offsets_in_picture() -> Offsets:
    """How far the ink of each visible dot of a dotted page lies from its coordinates, found in the picture alone."""
    return _offsets_in_picture


@pytest.fixture(scope="session")
def offsets_in_labels() -> Offsets:
    """The same for the labels of the dots, found in the labels alone."""
    return _offsets_in_labels


def _visible_points(page: Page) -> np.ndarray:
    """Grid points, shape (points, 2), far enough from the picture's edge, each other and what is printed over them.

    Where the paper recedes, dots stand so close that a neighbour's ink reaches into the window of one.
    """
    points = page.grid_points_px.reshape(-1, 2)
    apart_px = np.abs(points[:, None] - points).max(axis=2) + np.diag(np.full(len(points), np.inf))
    points = points[apart_px.min(axis=1) > REACH_PX + DOT_RADIUS_PX]
    size = np.array([page.width_px, page.height_px])
    points = points[((points > REACH_PX + 1) & (points < size - REACH_PX - 2)).all(axis=1)]
    printed = (_windows(page.labels, points) & PRINT).any(axis=(1, 2))
    return np.asarray(points[~printed])


def _offsets_in_picture(page: Page) -> np.ndarray:
    """How far the centre of each visible dot's ink lies from its coordinates, shape (points, 2)."""
    points = _visible_points(page)
    gray = _windows(page.image[..., 1], points).astype(float)
    half_way = (np.median(gray, axis=(1, 2)) + gray.min(axis=(1, 2))) / 2
    return _offsets(np.clip(half_way[:, None, None] - gray, 0, None), points)


def _offsets_in_labels(page: Page) -> np.ndarray:
    """How far the centre of the labels of each visible dot lies from its coordinates, shape (points, 2)."""
    points = _visible_points(page)
    return _offsets((_windows(page.labels, points) & HORIZONTAL > 0).astype(float), points)


def _windows(plane: np.ndarray, points: np.ndarray) -> np.ndarray:
    x, y = np.rint(points).astype(int).T[:, :, None, None]
    return np.asarray(plane[y + WINDOW[:, None], x + WINDOW])


def _offsets(weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=(1, 2))
    assert (total > 0).all(), "a dot is missing"
    centres = np.stack(((weights.sum(axis=1) @ WINDOW), (weights.sum(axis=2) @ WINDOW)), axis=1) / total[:, None]
    return np.asarray(np.rint(points) + centres - points)
