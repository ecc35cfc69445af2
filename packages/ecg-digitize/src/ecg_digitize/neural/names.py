"""The names of leads on flat paper."""

from __future__ import annotations

import attrs
import cv2
import numpy as np

from ecg_core.tiles import predict_tiles
from ecg_digitize.engines import Network
from ecg_digitize.markers import CLASSES, RHYTHM
from ecg_digitize.neural.sized import TILING

LEAST_NAME_PX = 12
"""Fewer pixels are a blot."""

LEAST_CERTAINTY = 0.5


@attrs.frozen(eq=False)
class FoundName:
    """A printed name of a lead.

    Attributes:
        name: one of `ecg_digitize.markers.MARKERS`.
        place_px: its middle, (x, y) on the flat paper.
        certainty: mean probability of its pixels, 0 to 1.
    """

    name: str
    place_px: tuple[float, float]
    certainty: float


def find_names(paper: np.ndarray, network: Network) -> list[FoundName]:
    """Names on flat, upright paper.

    Args:
        paper: uint8 RGB, shape (height, width, 3), `ecg_digitize.markers.PX_PER_BOX`.
        network: of the markers.
    """
    shares = predict_tiles(paper, lambda tile: _softmax(network(tile)[0]), len(CLASSES), TILING)
    _join_both_of_lead_ii(shares)
    classes = shares.argmax(axis=0).astype(np.uint8)
    return [
        FoundName(name, place, certainty)
        for value, name in enumerate(CLASSES[1:], start=1)
        for place, certainty in _spots(classes == value, shares[value])
    ]


def _join_both_of_lead_ii(shares: np.ndarray) -> None:
    """Count the name of the long row of lead II as that of lead II, in place: they read the same."""
    shares[CLASSES.index("II")] += shares[CLASSES.index(RHYTHM)]
    shares[CLASSES.index(RHYTHM)] = 0


def _spots(there: np.ndarray, certainty: np.ndarray) -> list[tuple[tuple[float, float], float]]:
    """Middle and mean certainty of every patch that is large and certain enough."""
    count, patches, stats, middles = cv2.connectedComponentsWithStats(there.astype(np.uint8), connectivity=8)
    spots = []
    for patch in range(1, count):
        if stats[patch, cv2.CC_STAT_AREA] < LEAST_NAME_PX:
            continue
        certain = float(certainty[patches == patch].mean())
        if certain >= LEAST_CERTAINTY:
            spots.append(((float(middles[patch][0]), float(middles[patch][1])), certain))
    return spots


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Over the classes of a batch (batch, classes, height, width)."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
