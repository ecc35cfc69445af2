"""Faults of a printer, drawn over a finished page."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.style import PageStyle, Rgb

DOT_MM = 0.125
"""Height of one dot of a thermal print head, which has 8 a millimetre."""

BAND_MM = 25.0
"""Distance over which a print fades and comes back."""

GRAIN_MM = (0.08, 0.25)


def add_faults(image: np.ndarray, px_per_mm: float, style: PageStyle, rng: np.random.Generator) -> None:
    """Draw what the style's printer does wrong, in place."""
    faults = style.faults
    if faults.fading:
        _fade(image, faults.fading, px_per_mm, style.paper_rgb, rng)
    for _ in range(faults.dead_dots):
        _leave_out_a_line(image, px_per_mm, style.paper_rgb, rng)
    if faults.speckles_per_cm2:
        _speckle(image, faults.speckles_per_cm2, px_per_mm, style.trace_rgb, rng)


def _fade(image: np.ndarray, most: float, px_per_mm: float, paper_rgb: Rgb, rng: np.random.Generator) -> None:
    """Blend columns towards bare paper, by smooth random shares."""
    width = image.shape[1]
    num_bands = max(2, round(width / px_per_mm / BAND_MM))
    shares = cv2.resize(rng.uniform(0, most, (1, num_bands)).astype(np.float32), (width, 1))
    paper = np.array(paper_rgb, np.int16)
    weights = np.rint(256 * shares[0]).astype(np.int32)[:, None]
    image += (((paper - image.astype(np.int16)) * weights) >> 8).astype(np.uint8)


def _leave_out_a_line(image: np.ndarray, px_per_mm: float, paper_rgb: Rgb, rng: np.random.Generator) -> None:
    top = int(rng.integers(image.shape[0]))
    image[top : top + max(1, round(DOT_MM * px_per_mm))] = paper_rgb


def _speckle(image: np.ndarray, per_cm2: float, px_per_mm: float, ink_rgb: Rgb, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    number = int(rng.poisson(per_cm2 * height * width / (10 * px_per_mm) ** 2))
    places = rng.integers(0, (width, height), (number, 2))
    for place, radius_px in zip(places.tolist(), rng.uniform(*GRAIN_MM, number) * px_per_mm / 2, strict=True):
        cv2.circle(image, place, max(0, round(radius_px)), ink_rgb, cv2.FILLED)
