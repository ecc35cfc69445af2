"""Meshes by the lines of every millimetre, on pages drawn with lines so faint that no crossing of two is seen."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.paper import LARGE_BOX_MM
from ecg_digitize.digitizers.neural.grid.millimetres import mesh_by_millimetres

HEIGHT, WIDTH, PX_PER_MM = 900, 1300, 6.0
WIDTH_MM = WIDTH / PX_PER_MM


def millimetres(fold_mm: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Where every pixel of a page lies on paper that is askew, in perspective, and folded down the middle.

    Args:
        fold_mm: by how much more the page rises from the fold to its right edge.
    """
    x, y = np.meshgrid(np.arange(WIDTH) / PX_PER_MM, np.arange(HEIGHT) / PX_PER_MM)
    near = 1 + 4e-4 * x + 3e-4 * y
    across, down = (x + 0.07 * y) / near, (y - 0.05 * x) / near
    return across, down + fold_mm * np.maximum(x / WIDTH_MM - 0.5, 0.0)


def page(
    places_mm: tuple[np.ndarray, np.ndarray], *, apart_mm: float = 1.0, dark: float = 10.0, seed: int = 0
) -> np.ndarray:
    """A picture of thin lines so far apart, fainter than its noise."""
    noise = np.random.default_rng(seed).normal(0, 14, (HEIGHT, WIDTH))
    lines = sum(np.exp(-((_away_mm(each, apart_mm) / 0.15) ** 2) / 2) for each in places_mm)
    grey = np.clip(205 + noise - dark * lines, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _away_mm(places_mm: np.ndarray, apart_mm: float) -> np.ndarray:
    return np.asarray((places_mm / apart_mm + 0.5) % 1 - 0.5) * apart_mm


def off_mm(points_px: np.ndarray, places_mm: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """How far crossings lie from where a step of five millimetres from their neighbours has them, on paper."""
    x, y = np.rint(points_px).astype(int).reshape(-1, 2).T
    inside = (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
    x, y = x.clip(0, WIDTH - 1), y.clip(0, HEIGHT - 1)
    on_paper = np.stack([each[y, x] for each in places_mm], axis=-1)
    on_paper[~inside] = np.nan
    lattice = np.stack(np.meshgrid(*(np.arange(length) for length in points_px.shape[1::-1])), axis=-1)
    first_mm = on_paper - LARGE_BOX_MM * lattice.reshape(-1, 2)
    return np.abs(first_mm - np.nanmedian(first_mm, axis=0))


@pytest.mark.parametrize("fold_mm", [0.0, 8.0])
def test_lines_fainter_than_noise_tell_the_mesh_of_a_folded_page(fold_mm: float) -> None:
    """Every crossing lies within a pixel, about a fifth of a millimetre: none is that of another line."""
    places_mm = millimetres(fold_mm)
    mesh = mesh_by_millimetres(page(places_mm))
    assert mesh is not None
    assert mesh.found.mean() > 0.9
    assert mesh.found.sum() > 0.8 * WIDTH_MM * HEIGHT / PX_PER_MM / LARGE_BOX_MM**2 / 1.2
    off = off_mm(np.nan_to_num(mesh.points_px, nan=-1e6), places_mm)
    assert np.nanquantile(off, 0.99) < 0.25


def test_a_stronger_pattern_of_a_printer_that_lies_aslant_is_not_the_grid() -> None:
    """It has the period of the lines, but is not square to those that cross them."""
    across, down = places_mm = millimetres()
    waves = 8 * np.sin(2 * np.pi * (down + 0.4 * across))
    image = (page(places_mm) + waves[..., None]).clip(0, 255).astype(np.uint8)
    mesh = mesh_by_millimetres(image)
    assert mesh is not None
    assert np.nanquantile(off_mm(np.nan_to_num(mesh.points_px, nan=-1e6), places_mm), 0.95) < 0.25


@pytest.mark.parametrize("apart_mm", [2.0, 2.5, 3.0])
def test_thin_lines_farther_apart_are_not_taken_for_millimetres(apart_mm: float) -> None:
    assert mesh_by_millimetres(page(millimetres(), apart_mm=apart_mm, dark=60.0)) is None


def test_thin_lines_of_large_boxes_alone_tell_large_boxes() -> None:
    """Their fifth wave has the period of a millimetre."""
    places_mm = millimetres()
    mesh = mesh_by_millimetres(page(places_mm, apart_mm=LARGE_BOX_MM, dark=60.0))
    assert mesh is None or np.nanquantile(off_mm(np.nan_to_num(mesh.points_px, nan=-1e6), places_mm), 0.95) < 0.25


def test_a_page_without_lines_has_none() -> None:
    assert mesh_by_millimetres(page(millimetres(), dark=0.0)) is None
    assert mesh_by_millimetres(np.full((HEIGHT, WIDTH, 3), 255, np.uint8)) is None
    assert mesh_by_millimetres(np.full((40, 60, 3), 255, np.uint8)) is None


def test_dots_tell_their_rows_and_columns_also_where_their_diagonals_are_stronger() -> None:
    x, y = (2 * np.pi * each for each in millimetres())
    dots = 0.7 * (np.cos(x) + np.cos(y)) + np.cos(x + y) + np.cos(x - y)
    noise = np.random.default_rng(1).normal(0, 5, dots.shape)
    grey = (190 - 15 * dots + noise).clip(0, 255).astype(np.uint8)
    mesh = mesh_by_millimetres(np.repeat(grey[..., None], 3, axis=2))
    assert mesh is not None
    assert np.nanquantile(off_mm(np.nan_to_num(mesh.points_px, nan=-1e6), millimetres()), 0.95) < 0.25
