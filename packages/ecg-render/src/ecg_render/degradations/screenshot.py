"""A screenshot of a viewer: coarse, with pixels that are not square, in its window, as JPEG or in few colours."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from ecg_render.degradations.jpeg import compress_as_jpeg
from ecg_render.degradations.resizing import resized
from ecg_render.drawing.letters import letters
from ecg_render.page import Page
from ecg_render.style import Rgb

PX_PER_MM = (2.3, 4.0)
MOST_STRETCH = 1.15
SHARE_SQUARE = 0.5
SHARE_IN_A_WINDOW = 0.4
SHARE_JPEG, SHARE_PALETTE = 0.45, 0.25
JPEG_QUALITIES = (35, 92)
COLOURS = (12, 64)
WINDOWS_RGB: tuple[tuple[Rgb, Rgb], ...] = (
    ((240, 240, 240), (30, 30, 30)),
    ((32, 34, 38), (225, 225, 230)),
    ((52, 92, 160), (255, 255, 255)),
    ((0, 0, 0), (200, 200, 200)),
)
"""Colours of a window and of the words on it."""

WORDS = ("ECG Viewer", "File   View   Tools   Help", "12-lead ECG", "Page 1 of 1", "25 mm/s", "100 %", "Close  x")


def degrade(page: Page, seed: int) -> Page:
    """Take a screenshot of a page by chance."""
    rng = np.random.default_rng(seed)
    shot = shown_coarsely(page, rng)
    if rng.random() < SHARE_IN_A_WINDOW:
        shot = in_a_window(shot, rng)
    return shot.redrawn(_saved(shot.image, rng))


def shown_coarsely(page: Page, rng: np.random.Generator) -> Page:
    """A page on a screen: a few pixels a millimetre, not always as many across as down."""
    down = min(rng.uniform(*PX_PER_MM) / page.px_per_mm, 1.0)
    stretch = 1.0 if rng.random() < SHARE_SQUARE else rng.uniform(1 / MOST_STRETCH, MOST_STRETCH)
    size_px = max(8, round(page.width_px * down * stretch)), max(8, round(page.height_px * down))
    quick = rng.random() < 0.15  # viewers that are in a hurry leave pixels out
    return resized(page, size_px, interpolation=cv2.INTER_LINEAR if quick else None)


def in_a_window(page: Page, rng: np.random.Generator) -> Page:
    """A page in the window of a program: a bar above, often a bar below and one beside it."""
    window_rgb, words_rgb = WINDOWS_RGB[int(rng.integers(len(WINDOWS_RGB)))]
    top = int(rng.integers(18, 46))
    bottom = int(rng.integers(12, 40)) if rng.random() < 0.6 else int(rng.integers(0, 4))
    left, right = (int(rng.integers(10, 90)) if rng.random() < 0.3 else int(rng.integers(0, 6)) for _ in range(2))
    sides = top, bottom, left, right
    image = cv2.copyMakeBorder(page.image, *sides, cv2.BORDER_CONSTANT, value=window_rgb)
    labels = cv2.copyMakeBorder(page.labels, *sides, cv2.BORDER_CONSTANT, value=0)
    _write(image, str(rng.choice(WORDS)), (8, top - 6), words_rgb)
    if bottom > 11:
        _write(image, str(rng.choice(WORDS)), (8, len(image) - 4), words_rgb)
    corner = np.array((left, top))
    return page.warped(lambda points_px: points_px + corner, image=image, labels=labels)


def _write(image: np.ndarray, words: str, place: tuple[int, int], rgb: Rgb) -> None:
    """Words on the window, as far as they have room."""
    ink = letters(words, 13)
    left, top = place[0] + ink.left, max(place[1] + ink.top, 0)
    part = image[top : top + ink.coverage.shape[0], left : left + ink.coverage.shape[1]]
    share = ink.coverage[: part.shape[0], : part.shape[1], None]
    part[:] = np.rint(part * (1 - share) + share * np.array(rgb, np.float32)).astype(np.uint8)


def _saved(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What is left of a picture after saving: as JPEG, in few colours, or all of it."""
    way = rng.random()
    if way < SHARE_JPEG:
        return compress_as_jpeg(image, int(rng.integers(*JPEG_QUALITIES)))
    if way < SHARE_JPEG + SHARE_PALETTE:
        few = Image.fromarray(image).quantize(int(rng.integers(*COLOURS)), method=Image.Quantize.FASTOCTREE)
        return np.asarray(few.convert("RGB"))
    return image
