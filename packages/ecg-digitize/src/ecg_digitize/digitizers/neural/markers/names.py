"""The names of leads on flat paper."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import cv2
import numpy as np
from scipy.ndimage import find_objects

from ecg_core.protocols import Network
from ecg_core.tiles import predict_tiles
from ecg_digitize.digitizers.neural.markers.classes import CLASSES, RHYTHM
from ecg_digitize.digitizers.neural.scaling import TILING

LEAST_NAME_PX = 40
"""Fewer pixels are a blot; the mark of a lead I has about 100."""

APART_PX = 20
"""Two names are never so near to each other; of two that are found the larger and more certain one counts."""

LEAST_CERTAINTY = 0.5
LIKELY_NATS = 1.0
"""Where background is likelier than every name by more, no two names together are likelier than it."""


@attrs.frozen(eq=False)
class FoundName:
    """A printed name of a lead.

    Attributes:
        name: one of `ecg_digitize.digitizers.neural.markers.classes.MARKERS`.
        place_px: its middle, (x, y) on the flat paper.
        certainty: mean probability of its pixels, 0 to 1.
    """

    name: str
    place_px: tuple[float, float]
    certainty: float


def find_names(paper: np.ndarray, network: Network) -> list[FoundName]:
    """Names on flat, upright paper.

    Args:
        paper: uint8 RGB, shape (height, width, 3), `ecg_digitize.digitizers.neural.grid.flattening.PX_PER_BOX`.
        network: the marker network.
    """
    logits = predict_tiles(paper, lambda tile: network(tile)[0], len(CLASSES), TILING)
    classes, certainty = _classify(logits)
    spots = (spot for value, box in _boxes(classes) for spot in _spots(value, box, classes, certainty))
    kept: list[_Spot] = []
    for spot in sorted(spots, key=lambda spot: -spot.area_px * spot.certainty):
        if all(max(abs(spot.x_px - other.x_px), abs(spot.y_px - other.y_px)) > APART_PX for other in kept):
            kept.append(spot)
    return [FoundName(CLASSES[spot.value], (spot.x_px, spot.y_px), spot.certainty) for spot in kept]


@attrs.frozen
class _Spot:
    """A patch of one class."""

    value: int
    x_px: float
    y_px: float
    area_px: int
    certainty: float


def _classify(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class of every pixel and how certain it is; the long row of lead II counts as lead II, for they read the same.

    Args:
        logits: shape (classes, height, width).

    Returns:
        uint8 and float32, shape (height, width); where nothing but background is likely both are 0.
    """
    near = logits[1:].max(axis=0) > logits[0] - LIKELY_NATS
    own = logits[:, near]
    shares = np.exp(own - own.max(axis=0))
    shares /= shares.sum(axis=0)
    shares[CLASSES.index("II")] += shares[CLASSES.index(RHYTHM)]
    shares[CLASSES.index(RHYTHM)] = 0
    classes, certainty = np.zeros(near.shape, np.uint8), np.zeros(near.shape, np.float32)
    classes[near], certainty[near] = shares.argmax(axis=0), shares.max(axis=0)
    return classes, certainty


def _boxes(classes: np.ndarray) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Every class that is there, and what of the paper it lies within."""
    for value, box in enumerate(find_objects(classes), start=1):
        if box is not None:
            yield value, box


def _spots(value: int, box: tuple[slice, slice], classes: np.ndarray, certainty: np.ndarray) -> Iterator[_Spot]:
    """Every patch of a class that is large and certain enough."""
    there, certainty = (classes[box] == value).astype(np.uint8), certainty[box]
    first_y, first_x = (side.start for side in box)
    count, patches, stats, middles = cv2.connectedComponentsWithStats(there, connectivity=8)
    for patch in range(1, count):
        left, top, width, height, area_px = map(int, stats[patch])
        if area_px < LEAST_NAME_PX:
            continue
        around = slice(top, top + height), slice(left, left + width)
        certain = float(certainty[around][patches[around] == patch].mean())
        if certain >= LEAST_CERTAINTY:
            x_px, y_px = middles[patch]
            yield _Spot(value, float(x_px) + first_x, float(y_px) + first_y, area_px, certain)
