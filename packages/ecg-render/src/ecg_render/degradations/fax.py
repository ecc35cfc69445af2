"""A fax: black or white in few lines a millimetre, the grid nearly as black as the trace, lines lost on the way."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.affine import move_affinely
from ecg_render.degradations.defocus import blur
from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.noise import add_noise
from ecg_render.degradations.paper_tone import on_light_paper, paper_rgb
from ecg_render.degradations.resizing import resized, scaled
from ecg_render.labels import HORIZONTAL, SMALL_HORIZONTAL, SMALL_VERTICAL, TRACE, VERTICAL
from ecg_render.page import Page

DOTS_PER_MM = 8.0
LINES_PER_MM = (4.0, 8.0)
"""Of a fax in standard and in fine resolution."""

SHARE_FINE = 0.65
SHARES_OF_GRID = {"large": 0.5, "all": 0.3, "none": 0.2}
"""How often the large boxes' lines alone come out black, those of all boxes, or none."""

MAX_TURN_DEG = 1.0
MOST_CONTRAST = 60.0
NOISES = (0.1, 0.4)
"""Spread of the noise as a share of the difference between what comes out black and what stays white."""

MOST_LOST_GROUPS = 4
MOST_LOST_LINES = 3
SHARE_STREAKED = 0.3
SHARE_SCANNED = 0.35
"""How often the fax was then scanned, or saved as a small picture in shades of gray."""

SCANNED_PX_PER_MM = (3.6, 8.0)
LUMA = np.array([0.299, 0.587, 0.114])


def degrade(page: Page, seed: int) -> Page:
    """Send a page as a fax. The picture has eight dots a millimetre, however fine the page was, or fewer."""
    rng = np.random.default_rng(seed)
    page = on_light_paper(page)
    threshold, contrast = _threshold(page, rng)
    moved = move_affinely(page, turn_deg=rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG), around=(255, 255, 255))
    width, height = (max(8, round(length / page.px_per_mm * DOTS_PER_MM)) for length in (page.width_px, page.height_px))
    lines_per_mm = LINES_PER_MM[int(rng.random() < SHARE_FINE)]
    lines = max(4, round(height * lines_per_mm / DOTS_PER_MM))
    fine = resized(moved, (width, height))
    coarse = cv2.resize(fine.image, (width, lines), interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(add_noise(coarse, rng.uniform(*NOISES) * contrast, rng, grain_px=0.4), cv2.COLOR_RGB2GRAY)
    sent = _received(np.where(gray < threshold, np.uint8(0), np.uint8(255)), rng)
    doubled = cv2.resize(sent, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    received = fine.redrawn(cv2.cvtColor(doubled, cv2.COLOR_GRAY2RGB))
    return _scanned(received, rng) if rng.random() < SHARE_SCANNED else received


def _threshold(page: Page, rng: np.random.Generator) -> tuple[float, float]:
    """Gray level below which a dot is black, and how far what is to be black lies from what is to be white.

    It is such that none of the grid comes out, the large boxes' lines alone, or all.
    """
    paper = float(LUMA @ np.array(paper_rgb(page), float))
    large = _level(page, HORIZONTAL | VERTICAL, otherwise=0.8 * paper)
    small = max(_level(page, SMALL_HORIZONTAL | SMALL_VERTICAL, otherwise=0.93 * paper), large)
    ink = min(_level(page, TRACE, otherwise=30.0), large)
    kept = str(rng.choice(list(SHARES_OF_GRID), p=list(SHARES_OF_GRID.values())))
    darker, lighter = {"none": (ink, large), "large": (large, small), "all": (small, paper)}[kept]
    return darker + (lighter - darker) * rng.uniform(0.45, 0.8), min(lighter - darker, MOST_CONTRAST)


def _level(page: Page, bits: int, *, otherwise: float) -> float:
    """Median gray level of the pixels that show one thing alone, or a usual level where there is none."""
    others = (HORIZONTAL | VERTICAL | SMALL_HORIZONTAL | SMALL_VERTICAL | TRACE) & ~bits
    there = (page.labels & bits > 0) & (page.labels & others == 0)
    return float(np.median(page.image[there] @ LUMA)) if there.any() else otherwise


def _received(sent: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Black and white lines, some of which were lost: they repeat the line above or stay white; and black streaks."""
    received = sent.copy()
    for _ in range(int(rng.integers(MOST_LOST_GROUPS + 1))):
        first = int(rng.integers(1, len(sent)))
        lost = slice(first, first + int(rng.integers(1, MOST_LOST_LINES + 1)))
        received[lost] = 255 if rng.random() < 0.4 else received[first - 1]
    if rng.random() < SHARE_STREAKED:
        column = int(rng.integers(sent.shape[1]))
        received[rng.random(len(sent)) < rng.uniform(0.4, 1), column] = 0
    return received


def _scanned(page: Page, rng: np.random.Generator) -> Page:
    """A fax in shades of gray, smaller, and saved as JPEG."""
    soft = page.redrawn(blur(page.image, rng.uniform(0.4, 0.8)))
    small = scaled(soft, min(1.0, rng.uniform(*SCANNED_PX_PER_MM) / DOTS_PER_MM))
    return small.redrawn(compress_as_jpeg(small.image, int(rng.integers(50, 92))))
