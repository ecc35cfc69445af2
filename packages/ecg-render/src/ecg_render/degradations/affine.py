"""Turn, shift, scale and shear."""

from __future__ import annotations

import numpy as np

from ecg_render.degradations.warp import BESIDE_RGB, Warp, warp_page
from ecg_render.page import Page
from ecg_render.style import Rgb

MAX_TURN_DEG = 10.0
MAX_SHEAR_DEG = 3.0
MAX_SHIFT_MM = 6.0
SCALES = (0.85, 1.1)


def degrade(page: Page, seed: int) -> Page:
    """Turn, shift, scale and shear a page by chance."""
    rng = np.random.default_rng(seed)
    return move_affinely(
        page,
        turn_deg=rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG),
        shear_deg=rng.uniform(-MAX_SHEAR_DEG, MAX_SHEAR_DEG),
        scale=rng.uniform(*SCALES),
        shift_mm=rng.uniform(-MAX_SHIFT_MM, MAX_SHIFT_MM, 2),
    )


def move_affinely(
    page: Page,
    *,
    turn_deg: float = 0.0,
    shear_deg: float = 0.0,
    scale: float = 1.0,
    shift_mm: tuple[float, float] | np.ndarray = (0.0, 0.0),
    around: Rgb = BESIDE_RGB,
) -> Page:
    """A page of the same size, moved about its centre.

    Args:
        page: any page.
        turn_deg: clockwise as seen.
        shear_deg: by how much upright lines lean to the left before the turn.
        scale: factor of lengths.
        shift_mm: to the right and down.
        around: colour of what comes into view.
    """
    warp = affine_warp(page, turn_deg=turn_deg, shear_deg=shear_deg, scale=scale, shift_mm=shift_mm)
    return warp_page(page, warp, around)


def affine_warp(
    page: Page,
    *,
    turn_deg: float = 0.0,
    shear_deg: float = 0.0,
    scale: float = 1.0,
    shift_mm: tuple[float, float] | np.ndarray = (0.0, 0.0),
) -> Warp:
    """The map of `move_affinely`."""
    centre = (np.array([page.width_px, page.height_px]) - 1) / 2
    lean = np.array([[1, np.tan(np.radians(shear_deg))], [0, 1]])
    linear = scale * rotation(turn_deg) @ lean
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = centre - linear @ centre + np.asarray(shift_mm) * page.px_per_mm
    return Warp.projective(matrix, (page.width_px, page.height_px))


def rotation(turn_deg: float) -> np.ndarray:
    """Matrix, shape (2, 2), of a turn that looks clockwise where y grows downwards."""
    cosine, sine = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    return np.array([[cosine, -sine], [sine, cosine]])
