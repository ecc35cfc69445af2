"""Where words stand on flat paper, by their ink alone: letters side by side."""

from __future__ import annotations

import attrs
import cv2
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

LETTER_MM, LONGEST_MM = (1.0, 6.5), 20.0
"""Height of letters, and how long those may be that run into each other."""

PAPER_MM = 3.0
"""Within so much there is bare paper about every line that is drawn."""

GAP, OVERLAP = 0.35, 0.5
"""Letters of one word have less between them than so much of their height, and stand beside each other for so much of
that of the lower one."""

MOST_LETTERS = 3000
"""So many pieces of ink are no letters but a pattern, such as that of the grid."""


PEN, AS_DARK, LEAST_CONTRAST = 0.6, 0.6, 18.0
"""Where the map of traces has the first there is a trace; words are at least so dark as the second of it, and as the
third, in levels of 255."""


@attrs.frozen
class WordBox:
    """Where a word stands, in pixels.

    Attributes:
        left_px: its left edge.
        right_px: its right edge.
        middle_px: the height of its middle.
        letter_px: how high its highest letter is.
        num_letters: how many pieces of ink it has that are as high as letters.
    """

    left_px: float
    right_px: float
    middle_px: float
    letter_px: float
    num_letters: int


def words_in_ink(contrast: np.ndarray, px_per_mm: float, least_contrast: float) -> list[WordBox]:
    """The words on flat, upright paper, in no order; waves that are as high as letters among them.

    Args:
        contrast: of the paper, see `contrast_of`.
        px_per_mm: its scale.
        least_contrast: by how many of 255 levels ink is darker than the paper about it, at least.
    """
    letters = _letters(contrast >= least_contrast, px_per_mm)
    if not 0 < len(letters) <= MOST_LETTERS:
        return []
    left, top, right, bottom = letters.T
    _, words = connected_components(csr_matrix(_are_of_one_word(letters)), directed=False)
    found = []
    for word in range(words.max() + 1):
        own = words == word
        first_px, last_px = float(left[own].min()), float(right[own].max())
        middle_px = float(top[own].min() + bottom[own].max()) / 2
        found.append(WordBox(first_px, last_px, middle_px, float((bottom - top)[own].max()), int(own.sum())))
    return found


def contrast_of(paper_rgb: np.ndarray, px_per_mm: float) -> np.ndarray:
    """By how much each pixel is darker than the bare paper about it, int16, shape (height, width)."""
    grey = cv2.cvtColor(paper_rgb, cv2.COLOR_RGB2GRAY)
    side = 2 * round(PAPER_MM * px_per_mm / 2) + 1
    bare = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return bare.astype(np.int16) - grey


def contrast_of_words(contrast: np.ndarray, trace: np.ndarray) -> float:
    """How dark words are at least, by how dark the traces are.

    Args:
        contrast: of the paper, see `contrast_of`, shape (height, width).
        trace: where there are traces, likewise.
    """
    pen = contrast[trace >= PEN]
    return max(AS_DARK * float(np.median(pen)), LEAST_CONTRAST) if len(pen) else LEAST_CONTRAST


def _letters(ink: np.ndarray, px_per_mm: float) -> np.ndarray:
    """Left, top, right and bottom of every piece of ink that may be letters, shape (letters, 4)."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    left, top, width, height, _ = stats[1:].T
    lowest, highest = np.multiply(LETTER_MM, px_per_mm)
    kept = (height >= lowest) & (height <= highest) & (width <= LONGEST_MM * px_per_mm)
    return np.stack((left, top, left + width, top + height), axis=1)[kept]


def _are_of_one_word(letters: np.ndarray) -> np.ndarray:
    """Whether each two letters follow each other in a word, shape (letters, letters)."""
    left, top, right, bottom = letters.T
    height = bottom - top
    gap = np.maximum.outer(left, left) - np.minimum.outer(right, right)
    beside = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    is_near = gap <= GAP * np.maximum.outer(height, height)
    return np.asarray(is_near & (beside >= OVERLAP * np.minimum.outer(height, height)))
