"""What every registered degradation must keep to."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core.plugins.registry import registry
from ecg_render import Page
from ecg_render.labels import SHEET
from ecg_render.scene import Boxed

NAMES = [entry.name for entry in registry().entries("degradations") if entry.distribution == "ecg-render"]
LABELS_STAY = (
    "colour-cast",
    "defocus",
    "jpeg",
    "moire",
    "motion-blur",
    "noise",
    "printer",
    "shadow",
    "stain",
    "thermal",
    "uneven-light",
    "weak-grid",
    "white-balance",
)


def test_all_the_degradations_are_registered() -> None:
    assert set(NAMES) >= {
        *("affine", "camera", "curl", "fold", "perspective", "table", "wrinkle"),
        *("colour-cast", "shadow", "uneven-light", "white-balance"),
        *("defocus", "jpeg", "moire", "motion-blur", "noise", "printer"),
        *("handwriting", "occlusion", "stain", "text-overlay"),
        *("bw-scan", "gray-scan", "phone", "phone-crumpled", "phone-turned", "scan", "screen"),
        *("crop", "cropped", "fax", "photocopy", "screen-photo", "screenshot", "thermal", "weak-grid", "zoomed"),
        *("grid", "grid-moire-blur-required", "grid-wave-mix", "wave-only"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_page_stays_a_page(name: str, record_page: Page) -> None:
    image, labels = record_page.image.copy(), record_page.labels.copy()
    degraded = registry().load("degradations", name)(record_page, 5)
    assert degraded.image.dtype == np.uint8
    assert degraded.labels.dtype == np.uint8
    assert degraded.image.shape == (degraded.height_px, degraded.width_px, 3)
    assert degraded.labels.shape == (degraded.height_px, degraded.width_px)
    assert degraded.px_per_mm == record_page.px_per_mm
    assert all(np.isfinite(coordinates).all() for coordinates in _coordinates(degraded))
    assert (degraded.image != 0).any()
    assert (degraded.labels & SHEET).any()
    np.testing.assert_array_equal(record_page.image, image)
    np.testing.assert_array_equal(record_page.labels, labels)


@pytest.mark.parametrize("name", NAMES)
def test_seed_decides(name: str, record_page: Page) -> None:
    degrade = registry().load("degradations", name)
    once, again = degrade(record_page, 11), degrade(record_page, 11)
    others = [degrade(record_page, seed) for seed in (12, 13, 14)]
    np.testing.assert_array_equal(once.image, again.image)
    np.testing.assert_array_equal(once.labels, again.labels)
    for one, two in zip(_coordinates(once), _coordinates(again), strict=True):
        np.testing.assert_array_equal(one, two)
    assert any(once.image.shape != other.image.shape or (once.image != other.image).any() for other in others)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(4))
def test_small_crop_without_traces_goes_through(name: str, seed: int, crop: Page) -> None:
    degraded = registry().load("degradations", name)(crop, seed)
    assert degraded.image.shape[:2] == degraded.labels.shape == (degraded.height_px, degraded.width_px)
    assert degraded.grid_points_px.shape == (0, 0, 2)


@pytest.mark.parametrize("name", NAMES)
def test_gap_of_a_trace_stays_a_gap(name: str, record_page: Page) -> None:
    piece = record_page.pieces[-1]
    y_px = piece.y_px.copy()
    y_px[100:150] = np.nan
    with_gap = attrs.evolve(record_page, pieces=(attrs.evolve(piece, y_px=y_px),))
    degraded = registry().load("degradations", name)(with_gap, 3)
    np.testing.assert_array_equal(np.isnan(degraded.pieces[0].y_px), np.isnan(y_px))


@pytest.mark.parametrize("name", LABELS_STAY)
def test_light_and_optics_move_nothing(name: str, record_page: Page) -> None:
    degraded = registry().load("degradations", name)(record_page, 2)
    np.testing.assert_array_equal(degraded.labels, record_page.labels)
    for before, after in zip(_coordinates(record_page), _coordinates(degraded), strict=True):
        np.testing.assert_array_equal(before, after)


def _coordinates(page: Page) -> list[np.ndarray]:
    boxes: tuple[Boxed, ...] = (*page.pulses, *page.lead_names, *page.texts, *page.separators)
    traces = [np.stack((piece.x_px, piece.y_px)) for piece in page.pieces]
    return [page.grid_points_px, *traces, *(box.corners_px for box in boxes)]
