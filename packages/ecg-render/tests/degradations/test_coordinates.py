"""Whatever moves a page moves its picture, its labels and its coordinates together."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.plugins.registry import registry
from ecg_render import Page
from ecg_render.degradations.affine import move_affinely
from ecg_render.degradations.camera import Camera, look_at
from ecg_render.degradations.curl import curl_page
from ecg_render.degradations.fold import Fold, fold_page
from ecg_render.degradations.perspective import move_corners
from ecg_render.degradations.shading import Lamp
from ecg_render.degradations.wrinkle import wrinkle_page
from ecg_render.labels import PULSE

Offsets = Callable[[Page], np.ndarray]

GEOMETRIC = ("affine", "camera", "curl", "fold", "perspective", "table", "wrinkle")
PRESETS = (
    "bw-scan",
    "gray-scan",
    "grid",
    "grid-moire-blur-required",
    "grid-wave-mix",
    "phone",
    "phone-crumpled",
    "phone-turned",
    "scan",
    "screen",
    "wave-only",
)

SEEDS = st.integers(0, 2**32 - 1)


def check_picture(
    offsets: np.ndarray, *, of_crossings: float = 0.99, within_px: float = 0.5, on_average_px: float = 0.15
) -> None:
    assert len(offsets) > 100
    assert np.mean(np.hypot(*offsets.T) < within_px) >= of_crossings
    assert np.abs(offsets.mean(axis=0)).max() < on_average_px


def check_labels(offsets: np.ndarray) -> None:
    """Nearest neighbours are half a pixel off at most in either direction, all alike after a mere shift."""
    assert np.median(np.abs(offsets), axis=0).max() < 0.55
    assert np.abs(offsets).max() < 1.0


@pytest.mark.parametrize("name", GEOMETRIC)
@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_crossings_follow_what_moves_a_page(
    name: str, seed: int, dotted_page: Page, offsets_in_picture: Offsets, offsets_in_labels: Offsets
) -> None:
    moved = registry().load("degradations", name)(dotted_page, seed)
    check_picture(offsets_in_picture(moved), within_px=0.25)
    check_labels(offsets_in_labels(moved))


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS)
def test_crossings_follow_the_presets(
    name: str, seed: int, dotted_page: Page, offsets_in_picture: Offsets, offsets_in_labels: Offsets
) -> None:
    degraded = registry().load("degradations", name)(dotted_page, seed)
    two_tone = name == "bw-scan"  # whole pixels and specks of noise: the centre of a dot is less sure
    within_px, on_average_px = (1.0, 0.25) if two_tone else (0.5, 0.15)
    check_picture(offsets_in_picture(degraded), of_crossings=0.93, within_px=within_px, on_average_px=on_average_px)
    check_labels(offsets_in_labels(degraded))


@settings(max_examples=8, deadline=None)
@given(
    turn_deg=st.floats(-45, 45),
    shear_deg=st.floats(-10, 10),
    scale=st.floats(0.7, 1.4),
    shift_mm=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
)
def test_affine_of_any_strength(
    turn_deg: float,
    shear_deg: float,
    scale: float,
    shift_mm: tuple[float, float],
    dotted_page: Page,
    offsets_in_picture: Offsets,
    offsets_in_labels: Offsets,
) -> None:
    moved = move_affinely(dotted_page, turn_deg=turn_deg, shear_deg=shear_deg, scale=scale, shift_mm=shift_mm)
    check_picture(offsets_in_picture(moved), within_px=0.25)
    check_labels(offsets_in_labels(moved))


@settings(max_examples=8, deadline=None)
@given(shifts=st.lists(st.floats(-0.08, 0.08), min_size=8, max_size=8))
def test_corners_anywhere(shifts: list[float], dotted_page: Page, offsets_in_picture: Offsets) -> None:
    moved = move_corners(dotted_page, np.reshape(shifts, (4, 2)))
    check_picture(offsets_in_picture(moved), within_px=0.25)


@settings(max_examples=8, deadline=None)
@given(
    distance_mm=st.floats(250, 800), tilt_deg=st.floats(0, 30), towards=st.floats(0, 360), roll_deg=st.floats(-180, 180)
)
def test_camera_anywhere(
    distance_mm: float,
    tilt_deg: float,
    towards: float,
    roll_deg: float,
    dotted_page: Page,
    offsets_in_picture: Offsets,
) -> None:
    pose = Camera(
        distance_mm=distance_mm, tilt_deg=tilt_deg, tilt_towards_deg=towards, roll_deg=roll_deg, size_px=(1000, 900)
    )
    seen = look_at(dotted_page, pose.aimed_at(dotted_page, 0.95))
    assert seen.image.shape == (900, 1000, 3)
    offsets = offsets_in_picture(seen)
    assert len(offsets) == dotted_page.grid_points_px[..., 0].size  # all of the page is in the picture
    check_picture(offsets, within_px=0.25)


@settings(max_examples=8, deadline=None)
@given(
    folds=st.lists(
        st.builds(Fold, direction_deg=st.floats(-90, 90), offset_mm=st.floats(-120, 120), angle_deg=st.floats(-20, 20)),
        min_size=1,
        max_size=4,
    ),
    azimuth_deg=st.floats(0, 360),
)
def test_folds_anywhere(folds: list[Fold], azimuth_deg: float, dotted_page: Page, offsets_in_picture: Offsets) -> None:
    folded = fold_page(dotted_page, folds, Lamp(azimuth_deg=azimuth_deg))
    check_picture(offsets_in_picture(folded), of_crossings=0.97, within_px=0.35)


@settings(max_examples=6, deadline=None)
@given(direction_deg=st.floats(0, 360), radius_mm=st.floats(250, 2000), flat_to_mm=st.floats(-150, 100))
def test_curls_of_any_radius(
    direction_deg: float, radius_mm: float, flat_to_mm: float, dotted_page: Page, offsets_in_picture: Offsets
) -> None:
    curled = curl_page(dotted_page, Lamp(), direction_deg=direction_deg, radius_mm=radius_mm, flat_to_mm=flat_to_mm)
    check_picture(offsets_in_picture(curled), within_px=0.25)


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, tilt_deg=st.floats(1, 12), facet_mm=st.floats(15, 80))
def test_wrinkles_of_any_size(
    seed: int, tilt_deg: float, facet_mm: float, dotted_page: Page, offsets_in_picture: Offsets
) -> None:
    rng = np.random.default_rng(seed)
    crumpled = wrinkle_page(dotted_page, Lamp(), rng, tilt_deg=tilt_deg, facet_mm=facet_mm)
    check_picture(offsets_in_picture(crumpled), of_crossings=0.97, within_px=0.35)


@pytest.mark.parametrize("name", (*GEOMETRIC, "phone", "phone-crumpled", "phone-turned", "scan", "screen"))
@settings(max_examples=4, deadline=None)
@given(seed=SEEDS)
def test_name_boxes_hold_the_names(name: str, seed: int, named_page: Page) -> None:
    degraded = registry().load("degradations", name)(named_page, seed)
    in_boxes, expected, found = np.zeros(degraded.labels.shape, bool), 0.0, 0
    for printed, seen in zip(named_page.lead_names, degraded.lead_names, strict=True):
        in_boxes |= _inside(degraded.labels, seen.corners_px)
        if _is_in_picture(degraded, seen.corners_px):
            before, after = (cv2.contourArea(name.corners_px.astype(np.float32)) for name in (printed, seen))
            expected += after / before * _ink(named_page, printed.corners_px)
            found += _ink(degraded, seen.corners_px)
            assert _contrast(degraded, seen.corners_px) > 15
    assert found == pytest.approx(expected, rel=0.15)
    beside = (degraded.labels & PULSE > 0) & ~cv2.dilate(in_boxes.astype(np.uint8), np.ones((3, 3))).astype(bool)
    assert not beside.any()


def _is_in_picture(page: Page, corners_px: np.ndarray) -> bool:
    return bool((corners_px > 1).all() and (corners_px < (page.width_px - 2, page.height_px - 2)).all())


def _ink(page: Page, corners_px: np.ndarray) -> int:
    """Labelled pixels of a name."""
    box = cv2.dilate(_inside(page.labels, corners_px).astype(np.uint8), np.ones((3, 3)))
    return int((page.labels[box > 0] & PULSE > 0).sum())


def _inside(plane: np.ndarray, corners_px: np.ndarray) -> np.ndarray:
    mask = np.zeros(plane.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(corners_px * 16).astype(np.int32)], 1, shift=4)
    return mask > 0


def _contrast(page: Page, corners_px: np.ndarray) -> float:
    """How much darker the darkest part of a box is than its typical surroundings."""
    gray = page.image[..., 1].astype(float)
    inside = _inside(gray, corners_px)
    wide = _inside(gray, corners_px.mean(axis=0) + 2.5 * (corners_px - corners_px.mean(axis=0))) & ~inside
    return float(np.median(gray[wide]) - np.percentile(gray[inside], 10))


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_labels_are_not_shifted_on_the_whole(seed: int, dotted_page: Page, offsets_in_labels: Offsets) -> None:
    turn_deg, scale = np.random.default_rng(seed).uniform((5, 0.9), (40, 1.1))
    offsets = offsets_in_labels(move_affinely(dotted_page, turn_deg=turn_deg, scale=scale))
    np.testing.assert_allclose(offsets.mean(axis=0), 0, atol=0.1)  # a label out of step would be off by half a pixel
