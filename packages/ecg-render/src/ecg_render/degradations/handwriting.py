"""Strokes like handwriting, in ballpoint.

A hand that writes swings up and down and to and fro at one rate while it travels to the right; letters come from
changes of the swings' size and phase (J. M. Hollerbach, "An oscillation theory of handwriting", Biological Cybernetics
39, 1981). The words mean nothing.
"""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.affine import rotation
from ecg_render.labels import PRINT
from ecg_render.page import Page
from ecg_render.style import Rgb

BALLPOINT_RGB = ((28, 30, 40), (28, 30, 40), (32, 48, 138))
SIZES_MM = (4.5, 8.0)
PEN_MM = (0.3, 0.5)
MAX_WORDS = 4
POINTS_A_SWING = 24
SLANT = 0.35
SUBPIXEL_BITS = 4
SMOOTHING_PX = 1.5
"""OpenCV draws a smooth line about so much wider than it is asked to."""


def degrade(page: Page, seed: int) -> Page:
    """Write a few words at a random place of a page."""
    return write_note(page, np.random.default_rng(seed))


def write_note(page: Page, rng: np.random.Generator) -> Page:
    """A page with a note of one to four words by a random hand, slightly uphill or downhill."""
    size_mm, turn_deg = rng.uniform(*SIZES_MM), rng.normal(0, 6)
    strokes = [
        stroke @ rotation(turn_deg).T for stroke in line_of_words(int(rng.integers(1, MAX_WORDS + 1)), size_mm, rng)
    ]
    start_mm = rng.uniform((0.05, 0.08), (0.7, 0.95)) * (page.width_px, page.height_px) / page.px_per_mm
    colour = BALLPOINT_RGB[rng.integers(len(BALLPOINT_RGB))]
    return write_strokes(page, [stroke + start_mm for stroke in strokes], pen_mm=rng.uniform(*PEN_MM), rgb=colour)


def write_strokes(page: Page, strokes_mm: list[np.ndarray], *, pen_mm: float, rgb: Rgb) -> Page:
    """A page written on.

    Args:
        page: any page.
        strokes_mm: paths of the pen, each of shape (points, 2), from the page's left and top edge.
        pen_mm: width of the line.
        rgb: of the ink.
    """
    paths = [np.rint((path * page.px_per_mm - 0.5) * 2**SUBPIXEL_BITS).astype(np.int32) for path in strokes_mm]
    ink = np.zeros(page.labels.shape, np.uint8)
    thickness = max(1, round(pen_mm * page.px_per_mm - SMOOTHING_PX))
    cv2.polylines(ink, paths, False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    left, top, width, height = cv2.boundingRect(ink)
    part = slice(top, top + height), slice(left, left + width)
    image, labels = page.image.copy(), page.labels.copy()
    share = ink[part][..., None].astype(np.float32) / 255
    image[part] = np.rint(image[part] * (1 - share) + np.array(rgb, np.float32) * share).astype(np.uint8)
    labels[part] |= np.where(ink[part] >= 128, np.uint8(PRINT), np.uint8(0))
    return page.redrawn(image, labels=labels)


def line_of_words(num_words: int, size_mm: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Paths of words one after another, from (0, 0) to the right: one of shape (points, 2) a stroke."""
    strokes, start_mm = [], 0.0
    for _ in range(num_words):
        word = size_mm * _word(int(rng.integers(4, 12)), rng)
        strokes.append(word + np.array((start_mm, 0.0)))
        if rng.random() < 0.4:
            strokes.append(_cross_stroke(strokes[-1], size_mm, rng))
        start_mm += float(np.ptp(word[:, 0])) + size_mm * rng.uniform(0.5, 1.0)
    return strokes


def _word(num_swings: int, rng: np.random.Generator) -> np.ndarray:
    """One word of unit height in one stroke: shape (points, 2)."""
    time = np.arange(num_swings * POINTS_A_SWING) / POINTS_A_SWING
    rise = _changing(rng.choice((0.45, 0.5, 0.55, 1.1), num_swings, p=(0.35, 0.25, 0.2, 0.2)))
    sway = _changing(rng.uniform(0.1, 0.28, num_swings))
    phase = _changing(rng.uniform(-1.6, 0.9, num_swings))
    pace = _changing(rng.uniform(0.35, 0.65, num_swings))
    below = _changing(np.where(rng.random(num_swings) < 0.12, 0.9, 0.0))
    y = -rise * (0.5 - 0.5 * np.cos(2 * np.pi * time)) + below * (0.5 - 0.5 * np.cos(2 * np.pi * time))
    x = np.cumsum(pace) / POINTS_A_SWING + sway * np.sin(2 * np.pi * time + phase)
    tremble = cv2.GaussianBlur(rng.standard_normal((len(time), 2)), (1, 0), 0, sigmaY=4.0) * 0.03
    return np.column_stack((x - x[0] - SLANT * y, y)) + tremble


def _changing(values: np.ndarray) -> np.ndarray:
    """A smooth course over time through one value for each swing."""
    each = np.repeat(values, POINTS_A_SWING)[:, None]
    return cv2.GaussianBlur(each, (1, 0), 0, sigmaY=POINTS_A_SWING / 5, borderType=cv2.BORDER_REPLICATE)[:, 0]


def _cross_stroke(word: np.ndarray, size_mm: float, rng: np.random.Generator) -> np.ndarray:
    """The bar of a t somewhere on a word."""
    place = word[rng.integers(len(word)), 0]
    length = size_mm * rng.uniform(0.4, 1.0)
    return np.array([(place - length / 2, -0.8 * size_mm), (place + length / 2, -rng.uniform(0.75, 0.95) * size_mm)])
