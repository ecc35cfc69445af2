"""Why a page was refused, and what to try next, written above its picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import cv2
import numpy as np

from ecg_digitize.record.quality import Quality

LEAST_WIDTH_PX = 600
"""A narrower picture gets white beside it, so that the text can be read."""

LETTERS_A_LINE = 95
LETTER_PX, LINE_PX = 15.5, 36.0
"""Width of a letter and distance of two lines at scale 1."""

FONT = cv2.FONT_HERSHEY_SIMPLEX
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def with_reasons(picture: np.ndarray, quality: Quality) -> np.ndarray:
    """A picture below the reasons for its verdict and the advice.

    Args:
        picture: uint8 RGB, shape (height, width, 3).
        quality: of the page that it shows.
    """
    missing_px = max(0, LEAST_WIDTH_PX - picture.shape[1])
    wide = cv2.copyMakeBorder(picture, 0, 0, 0, missing_px, cv2.BORDER_CONSTANT, value=WHITE)
    told = [f"{quality.verdict}: {'; '.join(quality.warnings)}", *(f"try {advice}" for advice in quality.advice)]
    return np.concatenate([_text_box(told, wide.shape[1]), wide])


def _text_box(paragraphs: Iterable[str], width: int) -> np.ndarray:
    """Black on white, each paragraph wrapped."""
    lines = [line for text in paragraphs for line in textwrap.wrap(text, LETTERS_A_LINE, subsequent_indent="    ")]
    scale = width / (LETTERS_A_LINE * LETTER_PX)
    line_px = LINE_PX * scale
    box = np.full((round(line_px * (len(lines) + 1)), width, 3), 255, np.uint8)
    for number, line in enumerate(lines, start=1):
        place = round(line_px / 2), round(line_px * (number + 0.2))
        cv2.putText(box, line, place, FONT, scale, BLACK, max(1, round(1.5 * scale)), cv2.LINE_AA)
    return box
