"""What the grid network says of every pixel of a picture."""

from __future__ import annotations

import numpy as np

from ecg_core.protocols import Network
from ecg_core.tiles import predict_tiles
from ecg_digitize.digitizers.neural.scaling import TILING

OUTPUTS = ("crossing", "horizontal", "vertical", "trace")
"""The maps, in the order of the network's outputs: crossings and lines of the large boxes; traces with their
calibration pulses."""


def grid_maps(image: np.ndarray, network: Network) -> np.ndarray:
    """The maps of a picture: float32 from 0 to 1, shape (outputs, height, width)."""
    return predict_tiles(image, lambda tile: _sigmoid(network(tile)[0]), len(OUTPUTS), TILING)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logits)))
