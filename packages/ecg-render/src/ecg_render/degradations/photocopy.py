"""A photocopy: steep in contrast, the grid partly lost, specks of toner, larger or smaller than what was copied."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.affine import move_affinely
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.paper_tone import on_light_paper, paper_rgb, random_patches
from ecg_render.page import Page

SCALES = (0.7, 1.2)
SHARE_AT_FULL_SIZE = 0.35
MAX_TURN_DEG = 1.5
MAX_SHIFT_MM = 4.0
WIDTHS = (8.0, 40.0)
"""Gray levels over which the copier goes from black to white, at either side of the middle."""

MIDDLES = (0.6, 0.97)
"""Gray level that comes out as the middle, as a share of the paper's."""

PATCHES = 12.0
SPECKS_PER_CM2 = (0.0, 1.5)


def degrade(page: Page, seed: int) -> Page:
    """Copy a page by chance."""
    rng = np.random.default_rng(seed)
    page = on_light_paper(page)
    scale = 1.0 if rng.random() < SHARE_AT_FULL_SIZE else rng.uniform(*SCALES)
    soft = page.redrawn(blur(page.image, 0.04 * page.px_per_mm + 0.35 * max(1 / scale - 1, 0)))
    around = (255, 255, 255) if rng.random() < 0.7 else (30, 30, 30)
    moved = move_affinely(
        soft,
        turn_deg=rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG),
        scale=scale,
        shift_mm=rng.uniform(-MAX_SHIFT_MM, MAX_SHIFT_MM, 2),
        around=around,
    )
    gray = cv2.cvtColor(moved.image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    paper = float(np.mean(paper_rgb(page)))
    middle = rng.uniform(*MIDDLES) * paper + PATCHES * random_patches(moved, rng)
    copied = 255 / (1 + np.exp(-(gray - middle) / (rng.uniform(*WIDTHS) / 2)))
    speckled = _speckled(copied, moved.px_per_mm, rng)
    image = cv2.cvtColor(np.rint(speckled).clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
    image = add_noise(blur(image, 0.03 * page.px_per_mm), rng.uniform(1, 6), rng, black_level=rng.uniform(0, 35))
    return moved.redrawn(compress_as_jpeg(image, int(rng.integers(60, 95))))


def _speckled(gray: np.ndarray, px_per_mm: float, rng: np.random.Generator) -> np.ndarray:
    """Grains of toner beside the print, and white specks in it."""
    height, width = gray.shape
    number = round(rng.uniform(*SPECKS_PER_CM2) * height * width / (10 * px_per_mm) ** 2)
    speckled = gray.copy()
    for _ in range(number):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        radius = max(0, round(rng.exponential(0.08) * px_per_mm))
        cv2.circle(speckled, (x, y), min(radius, 4), 255.0 if rng.random() < 0.25 else rng.uniform(0, 90), -1)
    return speckled
