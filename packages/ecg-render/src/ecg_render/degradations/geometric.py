"""Changes of a page that move things: picture and coordinates by the same map."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.page import Page
from ecg_render.scene import PointMap
from ecg_render.style import Rgb


def turn_and_shift(angle_deg: float, shift_px: tuple[float, float], centre_px: tuple[float, float]) -> np.ndarray:
    """Matrix, shape (2, 3), that turns clockwise as seen on the page about a point, and then shifts by (x, y)."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    centre = np.asarray(centre_px)
    return np.column_stack((turn, centre - turn @ centre + np.asarray(shift_px)))


def affine_map(matrix: np.ndarray) -> PointMap:
    """Points through a matrix of shape (2, 3)."""

    def move(points_px: np.ndarray) -> np.ndarray:
        return points_px @ matrix[:, :2].T + matrix[:, 2]

    return move


def warp_affine(page: Page, matrix: np.ndarray, border_rgb: Rgb) -> Page:
    """A page of the same size, moved by a matrix of shape (2, 3); what comes into view takes the border's colour."""
    size = page.width_px, page.height_px
    image = cv2.warpAffine(page.image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=border_rgb)
    labels = cv2.warpAffine(page.labels, matrix, size, flags=cv2.INTER_NEAREST)
    return page.warped(affine_map(matrix), image=image, labels=labels)
