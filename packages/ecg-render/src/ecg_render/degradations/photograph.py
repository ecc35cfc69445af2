"""A shaped and lit sheet as a camera sees it."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.camera import Camera, overhead, raised_warp, to_sheet_mm
from ecg_render.degradations.coarse import STEP_PX, shine
from ecg_render.degradations.relief import Relief
from ecg_render.degradations.relief_table import displacement_table
from ecg_render.degradations.shading import Lamp
from ecg_render.degradations.sharpening import sharpen
from ecg_render.degradations.warp import BESIDE_RGB, resample, source_map
from ecg_render.page import Page
from ecg_render.style import Rgb

SHADOW_OFFSET_MM = 1.5
SHADOW_WIDTH_MM = 3.0
CREASE_NODES = 1.2
CREASE_SHARPENING = 1.0
EXPOSURE = 0.85
"""Brightness of white paper that lies flat; what is lit better is brighter."""


def photograph(
    page: Page,
    relief: Relief,
    lamp: Lamp,
    *,
    camera: Camera | None = None,
    around: np.ndarray | Rgb = BESIDE_RGB,
    shadow: float = 0.0,
    light: np.ndarray | float = EXPOSURE,
) -> Page:
    """Take a picture of a page.

    Args:
        page: any page.
        relief: the shape of the sheet.
        lamp: what shades it.
        camera: where it is seen from; None is straight above, at the scale of the page.
        around: the table: a colour, or a picture of the camera's size, which is drawn over.
        shadow: share of the light that the sheet takes from a table given as a picture, beside its edge.
        light: more light over the whole picture, as in `shine`, of shape (rows, columns, 3) or one figure.

    Returns:
        A page of the camera's size.
    """
    camera = camera or overhead(page)
    warp = raised_warp(page, camera, displacement_table(page, relief))
    sources = source_map(warp)
    if isinstance(around, np.ndarray) and shadow > 0:
        around = shine(around, _shadow_beside(page, sources, lamp, shadow, camera.px_per_mm))
    shading = _shading(page, sources, relief, lamp)
    return resample(page, warp, sources, around, light=light * shading)


def _on_sheet(page: Page, sources: np.ndarray) -> np.ndarray:
    """A mask that is 1 at the nodes that see the sheet, else 0; uint8, shape (rows, columns)."""
    last = np.array([page.width_px, page.height_px]) - 1
    return np.asarray(((sources >= 0) & (sources <= last)).all(axis=-1), np.uint8)


def _shading(page: Page, sources: np.ndarray, relief: Relief, lamp: Lamp) -> np.ndarray:
    """Light on the shaped sheet at the coarse nodes, shape (rows, columns, 3).

    It is 1 on the table, from the second node beside the sheet on. Creases are brought out: the nodes are too far apart
    to show how sharp they are.
    """
    last = np.array([page.width_px, page.height_px]) - 1
    nearest = sources.clip(0, last).reshape(-1, 2)
    brightness = (
        lamp.brightness(relief.slope(to_sheet_mm(page, nearest))).astype(np.float32).reshape(*sources.shape[:2], 3)
    )
    brightness = sharpen(brightness, CREASE_NODES, CREASE_SHARPENING)
    near = cv2.dilate(_on_sheet(page, sources), np.ones((3, 3), np.uint8))
    return np.where(near[..., None], brightness, np.float32(1))


def _shadow_beside(page: Page, sources: np.ndarray, lamp: Lamp, strength: float, px_per_mm: float) -> np.ndarray:
    """Light that the sheet leaves on the table: darkest under the edge that is turned away from the lamp."""
    nodes_per_mm = px_per_mm / STEP_PX
    azimuth = np.radians(lamp.azimuth_deg)
    shift = -SHADOW_OFFSET_MM * nodes_per_mm * np.array([np.cos(azimuth), np.sin(azimuth)])
    covered = _on_sheet(page, sources).astype(np.float32)
    moved = cv2.warpAffine(covered, np.column_stack((np.eye(2), shift)), covered.shape[::-1])
    soft = cv2.GaussianBlur(moved, (0, 0), max(SHADOW_WIDTH_MM * nodes_per_mm, 0.5))
    return np.asarray(1 - strength * soft)
