"""Kinds of masks that are written beside pages and crops, by name."""

from __future__ import annotations

from functools import cache

import numpy as np

from ecg_core.errors import ConfigError
from ecg_render.labels import PageClass, class_mask, look_up

MASK_KINDS = {
    "classes": ("background", "horizontal", "vertical", "intersection", "waveform"),
    "grid-wave": ("background", "grid", "waveform"),
    "grid": ("background", "grid"),
    "wave": ("background", "waveform"),
}
"""Names of the values of each kind, from 0 on. Lines are those of the large boxes."""

_OF_CLASSES = {
    "classes": (0, 1, 2, 3, 4),
    "grid-wave": (0, 1, 1, 1, 2),
    "grid": (0, 1, 1, 1, 0),
    "wave": (0, 0, 0, 0, 1),
}
"""Value of each `PageClass` in a kind."""


def mask_of(labels: np.ndarray, kind: str) -> np.ndarray:
    """A mask of a kind from the labels of a page: uint8, shape (height, width).

    Raises:
        ConfigError: no such kind.
    """
    return mask_of_classes(class_mask(labels), kind)


def mask_of_classes(classes: np.ndarray, kind: str) -> np.ndarray:
    """A mask of a kind from the five classes of a page.

    Raises:
        ConfigError: no such kind.
    """
    if kind not in _OF_CLASSES:
        raise ConfigError(f"there is no kind of mask {kind!r}; choose from {', '.join(MASK_KINDS)}")
    return look_up(classes, _table(kind))


@cache
def _table(kind: str) -> np.ndarray:
    table = np.zeros(256, np.uint8)
    table[: len(PageClass)] = _OF_CLASSES[kind]
    return table
