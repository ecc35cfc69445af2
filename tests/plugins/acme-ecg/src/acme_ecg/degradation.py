"""A page as Acme's scanner takes it: it has slipped in the feeder, and a clip hides a part of its upper edge."""

from __future__ import annotations

import numpy as np

from ecg_render import Page

MAX_SLIP_MM = 4.0
BESIDE_LEVEL = 170
CLIP_WIDTH_MM, CLIP_HEIGHT_MM, CLIP_LEVEL = 30.0, 8.0, 40


def degrade(page: Page, seed: int) -> Page:
    """Move a page by chance, and put a clip on it. The seed alone decides; the page that is given stays as it is."""
    rng = np.random.default_rng(seed)
    right_px, down_px = np.rint(rng.uniform(-MAX_SLIP_MM, MAX_SLIP_MM, 2) * page.px_per_mm).astype(int)
    return clipped(slipped(page, right_px, down_px), rng.uniform(0.2, 0.8))


def slipped(page: Page, right_px: int, down_px: int) -> Page:
    """A page whose picture, labels and coordinates have moved by the same way; beside the sheet no label is set."""
    return page.warped(
        lambda points_px: points_px + np.array([right_px, down_px]),
        image=_shifted(page.image, right_px, down_px, BESIDE_LEVEL),
        labels=_shifted(page.labels, right_px, down_px, 0),
    )


def clipped(page: Page, place: float) -> Page:
    """A page with a clip at a share of its width. What it hides has no label; coordinates stay where they are."""
    width_px, height_px = round(CLIP_WIDTH_MM * page.px_per_mm), round(CLIP_HEIGHT_MM * page.px_per_mm)
    left_px = max(round(place * page.width_px - width_px / 2), 0)
    hidden = np.s_[:height_px, left_px : left_px + width_px]
    image, labels = page.image.copy(), page.labels.copy()
    image[hidden], labels[hidden] = CLIP_LEVEL, 0
    return page.redrawn(image, labels=labels)


def _shifted(pixels: np.ndarray, right_px: int, down_px: int, beside: int) -> np.ndarray:
    """An array of (height, width, …), its contents moved within the same size."""
    height, width = pixels.shape[:2]
    margin = max(abs(right_px), abs(down_px))
    widths = [(margin, margin)] * 2 + [(0, 0)] * (pixels.ndim - 2)
    padded = np.pad(pixels, widths, constant_values=beside)
    top, left = margin - down_px, margin - right_px
    return padded[top : top + height, left : left + width]
