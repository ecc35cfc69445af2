"""Whether the boxes of a mesh have sides of 5 mm or of 1 mm, as those of paper that has no other lines, or only dots.

A page is told by how large it would be; a part of one, or a strip, by the letters on it: they are 2 to 4 mm high.
"""

from __future__ import annotations

import numpy as np

from ecg_core.paper import LARGE_BOX_MM
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.ink_words import contrast_of, words_in_ink
from ecg_digitize.digitizers.neural.scaling import scaled

MOST_PAPER_MM, SMALL_PER_LARGE_BOX = (900.0, 450.0), 5
"""Half a minute on a roll is so long, and no page is so wide across: what seems larger has boxes of 1 mm, not 5."""

USUAL_LINES = 62
"""Ordinary paper has no more large boxes than so many on a side; only larger paper is asked what its letters say."""

LEAST_CONTRAST, INKED, AS_DARK = 50.0, 0.005, 0.5
"""Letters are darker than the paper by so many of 255 levels; and, of so much of the picture as is darkest, by so much
of how dark that is: lines of a grid are less."""

WORD_LETTERS, LEAST_LETTERS, MANY_TIMES = 3, 12, 4
"""Words of so many letters tell their size, if there are so many letters, and so many times those of the other size:
waves and dots side by side pass for a few."""


def of_large_boxes(mesh: Mesh, image: np.ndarray, scale: float) -> Mesh:
    """The mesh, or every fifth line of one of small boxes.

    Where all lines are alike any fifth ones will do: nothing on a page depends on which.

    Args:
        mesh: a mesh without holes.
        image: the picture, uint8 RGB, shape (height, width, 3).
        scale: how many times as large the picture is that the mesh is of.
    """
    is_large = max(mesh.points_px.shape[:2]) > USUAL_LINES
    if not (_is_more_than_a_page(mesh) or (is_large and _has_large_letters(scaled(image, scale), mesh.box_px))):
        return mesh
    return Mesh(mesh.points_px[::SMALL_PER_LARGE_BOX, ::SMALL_PER_LARGE_BOX])


def _is_more_than_a_page(mesh: Mesh) -> bool:
    """Whether there is more paper than any page has, were the boxes large."""
    short_mm, long_mm = (LARGE_BOX_MM * number for number in sorted(mesh.points_px.shape[:2]))
    return long_mm > MOST_PAPER_MM[0] or short_mm > MOST_PAPER_MM[1]


def _has_large_letters(image: np.ndarray, box_px: float) -> bool:
    """Whether letters are as high as a box and more, which they never are where boxes are large."""
    large, small = (_num_letters(image, box_px / side_mm) for side_mm in (LARGE_BOX_MM, 1.0))
    return small >= max(LEAST_LETTERS, MANY_TIMES * large)


def _num_letters(image: np.ndarray, px_per_mm: float) -> int:
    """Letters of words in a picture of such a scale."""
    contrast = contrast_of(image, px_per_mm)
    darkest = float(np.quantile(contrast, 1 - INKED))
    words = words_in_ink(contrast, px_per_mm, max(AS_DARK * darkest, LEAST_CONTRAST))
    return sum(word.num_letters for word in words if word.num_letters >= WORD_LETTERS)
