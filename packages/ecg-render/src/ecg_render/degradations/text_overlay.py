"""Printed words over the page: who, when, and what a machine read out of the trace."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_render.drawing.ink import Ink, blend, mark
from ecg_render.drawing.letters import letters
from ecg_render.drawing.strokes import Patch
from ecg_render.labels import PRINT
from ecg_render.page import Page
from ecg_render.style import Rgb

LINES = (
    "Sinus rhythm",
    "Normal ECG",
    "Unconfirmed diagnosis",
    "Vent. rate {} bpm",
    "PR interval {} ms",
    "QRS duration {} ms",
    "QT/QTc {}/{} ms",
    "P-R-T axes {} {} {}",
    "ID: {}{}",
    "Age: {} yrs",
    "Weight: {} kg",
    "Borderline T wave abnormality",
    "Filter 0.05-150 Hz   50 Hz",
    "Technician: {}",
)
SIZES_MM = (2.5, 5.0)
MAX_BLOCKS = 3
MAX_LINES = 6
COLOURS = ((20, 20, 24), (20, 20, 24), (30, 40, 120), (150, 30, 30))


def degrade(page: Page, seed: int) -> Page:
    """Print one to three blocks of words at random places, over the traces as it may be."""
    rng = np.random.default_rng(seed)
    for _ in range(rng.integers(1, MAX_BLOCKS + 1)):
        lines = [random_line(rng) for _ in range(rng.integers(1, MAX_LINES + 1))]
        place_mm = rng.uniform(0, 0.85, 2) * (page.width_px, page.height_px) / page.px_per_mm
        colour = COLOURS[rng.integers(len(COLOURS))]
        page = overlay_text(page, lines, place_mm=place_mm, size_mm=rng.uniform(*SIZES_MM), rgb=colour)
    return page


def overlay_text(
    page: Page, lines: Sequence[str], *, place_mm: tuple[float, float] | np.ndarray, size_mm: float, rgb: Rgb
) -> Page:
    """A page with words printed over it.

    Args:
        page: any page.
        lines: the words, one string a line.
        place_mm: left end of the first line's foot, from the page's left and top edge.
        size_mm: height of the font; the lines stand 1.25 times as far apart.
        rgb: of the ink.
    """
    image, labels = page.image.copy(), page.labels.copy()
    size_px = max(1, round(size_mm * page.px_per_mm))
    for number, line in enumerate(lines):
        left, foot = (round(mm * page.px_per_mm) for mm in (place_mm[0], place_mm[1] + 1.25 * number * size_mm))
        word = letters(line, size_px)
        patch = Patch(left + word.left, foot + word.top, word.coverage)
        blend(image, patch, rgb)
        mark(labels, Ink(PRINT, patch))
    return page.redrawn(image, labels=labels)


def random_line(rng: np.random.Generator) -> str:
    """A line as a machine prints it, with random figures."""
    line = LINES[rng.integers(len(LINES))]
    return line.format(*(int(figure) for figure in rng.integers(40, 480, line.count("{}"))))
