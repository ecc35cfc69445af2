"""Ink of the traces of a picture, at the size at which the network sees it clearly.

A page that fills a part of a photo, made as small as its grid is sought at, has traces of less than a pixel: of these
the network is sure nowhere. On a larger picture it is.
"""

from __future__ import annotations

from typing import Self

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS, grid_maps
from ecg_digitize.digitizers.neural.scaling import scaled

LARGEST_PX = 2304
"""Longer side of the largest picture that is looked at whole."""

PERHAPS, SURE = 0.1, 0.5
"""Probability from which on a pixel may be part of a trace, and from which on it is one."""

CLEAR, CLEARER = 0.5, 1.2
"""Share of what may be traces that surely is, up to which a larger picture is looked at; and so many times that share
the larger one must have."""

ANOTHER_SIZE = 1.05
"""A size of a picture is another one if it is so many times as large, or as small: it shows nothing new otherwise."""


@attrs.frozen(eq=False)
class Traces:
    """Where the traces of a picture are.

    Attributes:
        ink: float32 from 0 to 1, shape (height, width).
        scale: how many times as large as the picture ``ink`` is.
    """

    ink: np.ndarray
    scale: float

    @classmethod
    def of_maps(cls, maps: np.ndarray, scale: float) -> Self:
        """The traces of what the network says of a picture that was made so many times as large."""
        return cls(maps[OUTPUTS.index("trace")], scale)

    @property
    def clarity(self) -> float:
        """Share of what may be traces that surely is."""
        return float(self.ink[self.ink >= SURE].sum() / max(float(self.ink[self.ink >= PERHAPS].sum()), 1.0))


def clearer_traces(traces: Traces, image: np.ndarray, network: Network) -> Traces:
    """The traces as a larger picture shows them, if they hardly stand out and do so there.

    Args:
        traces: those of a smaller picture.
        image: uint8 RGB, shape (height, width, 3).
        network: the grid network.
    """
    scale = min(1.0, LARGEST_PX / max(image.shape[:2]))
    if traces.clarity >= CLEAR or scale < ANOTHER_SIZE * traces.scale:
        return traces
    larger = Traces.of_maps(grid_maps(scaled(image, scale), network), scale)
    return larger if larger.clarity >= CLEARER * traces.clarity else traces
