"""Photo of a screen: its coloured dots and the camera's pixels, nearly as fine, make broad bands together."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.affine import rotation
from ecg_render.degradations.coarse import coarse_nodes, enlarge, shine
from ecg_render.page import Page

DOT_OFFSETS = np.array([0, 1, 2]) / 3
"""Places of the red, green and blue part of a dot, as shares of its width."""

PITCH_DIFFERENCES = (0.01, 0.06)
"""Least and greatest difference of the pitch of the dots from that of the pixels; the bands are as wide as 1 by it."""

MAX_TURN_DEG = 2.5
DEPTHS = (0.06, 0.2)
BULGES = (-0.006, 0.006)
PHASES = 256


def degrade(page: Page, seed: int) -> Page:
    """Show a page on a screen whose dots are nearly as far apart as the pixels, and photograph it."""
    return page.redrawn(random_moire(page.image, np.random.default_rng(seed)))


def random_moire(image: np.ndarray, rng: np.random.Generator, *, depths: tuple[float, float] = DEPTHS) -> np.ndarray:
    """A picture with `add_moire` of random bands and of a depth within bounds."""
    return add_moire(
        image,
        pitch_px=1 + rng.choice((-1, 1)) * rng.uniform(*PITCH_DIFFERENCES),
        turn_deg=rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG),
        bulge=rng.uniform(*BULGES),
        depth=rng.uniform(*depths),
        rolling=rng.uniform(0, 0.06),
    )


def add_moire(
    image: np.ndarray, *, pitch_px: float, turn_deg: float, bulge: float, depth: float, rolling: float = 0.0
) -> np.ndarray:
    """A picture on a screen of dots, each sampled where the camera's pixels lie.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        pitch_px: distance of the dots in pixels of the camera; near 1 the bands are broad.
        turn_deg: of the screen against the camera.
        bulge: by which share the screen's picture is greater half a width from its middle than in it.
        depth: share of the light that is missing between the dots, from 0 to 1.
        rolling: share of the light missing in the dark bands of a screen that is rebuilt during the exposure.
    """
    height, width = image.shape[:2]
    dots = _dot_coordinates(width, height, pitch_px, turn_deg, bulge)
    levels = 255 * (1 - depth / 2 * (1 - np.cos(2 * np.pi * np.arange(PHASES) / PHASES)))
    columns, rows = (_phase(dots[..., axis], width, height) for axis in (0, 1))
    coloured = [cv2.LUT(columns, _table(levels, offset)) for offset in DOT_OFFSETS]
    lit = cv2.multiply(image, cv2.merge(coloured), scale=1 / 255)
    lit = cv2.multiply(lit, cv2.cvtColor(cv2.LUT(rows, _table(levels, 0.0)), cv2.COLOR_GRAY2RGB), scale=1 / 255)
    return shine(lit, _rolling_light(width, height, rolling))


def _dot_coordinates(width: int, height: int, pitch_px: float, turn_deg: float, bulge: float) -> np.ndarray:
    """Number of the dot, to the right and down, at each coarse node: shape (rows, columns, 2)."""
    from_middle = coarse_nodes(width, height) - (width / 2, height / 2)
    swell = 1 + bulge * (from_middle**2).sum(axis=-1, keepdims=True) / (width / 2) ** 2
    return (from_middle * swell) @ rotation(turn_deg) / pitch_px


def _phase(dots: np.ndarray, width: int, height: int) -> np.ndarray:
    """Place within a dot at every pixel, 256 to the whole: uint8, shape (height, width)."""
    return enlarge((dots * PHASES).astype(np.float32), width, height).astype(np.int32).astype(np.uint8)


def _table(levels: np.ndarray, offset: float) -> np.ndarray:
    return np.rint(np.roll(levels, round(offset * PHASES))).astype(np.uint8)


def _rolling_light(width: int, height: int, strength: float) -> np.ndarray:
    rows, columns = coarse_nodes(width, height).shape[:2]
    waves = 0.5 + 0.5 * np.cos(np.linspace(0, 7 * np.pi, rows))
    return np.broadcast_to(1 - strength * waves[:, None], (rows, columns))
