"""Levels to colours."""

from __future__ import annotations

import numpy as np

ANCHORS_RGB = np.array(
    [
        (68, 1, 84),
        (71, 44, 122),
        (59, 81, 139),
        (44, 113, 142),
        (33, 144, 141),
        (39, 173, 129),
        (92, 200, 99),
        (170, 220, 50),
        (253, 231, 37),
    ],
    float,
)
"""The colour map viridis at nine levels from 0 to 1: lightness rises evenly, also in gray and for the colour-blind."""


def coloured(levels: np.ndarray) -> np.ndarray:
    """Levels from 0 to 1, any shape, as uint8 RGB, the shape and 3; others count as the nearer end."""
    place = np.clip(np.nan_to_num(levels), 0, 1) * (len(ANCHORS_RGB) - 1)
    channels = [np.interp(place, np.arange(len(ANCHORS_RGB)), anchors) for anchors in ANCHORS_RGB.T]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
