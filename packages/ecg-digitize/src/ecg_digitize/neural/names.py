"""Stage 0: which way up a picture is, and where the names of its leads stand."""

from __future__ import annotations

import attrs
import cv2
import numpy as np

from ecg_digitize.engines import Network
from ecg_digitize.markers import CLASSES
from ecg_digitize.neural.sized import as_batch, padded, scaled, to_original
from ecg_digitize.orientation import upright

LONG_SIDE_PX = 704
MULTIPLE = 32
LEAST_NAME_PX = 5
LEAST_CERTAINTY = 0.4


@attrs.frozen(eq=False)
class FoundName:
    """A printed name of a lead.

    Attributes:
        name: one of `ecg_digitize.markers.MARKERS`.
        place_px: its middle, (x, y) in the picture.
        certainty: mean probability of its pixels, 0 to 1.
    """

    name: str
    place_px: tuple[float, float]
    certainty: float


def find_orientation(image: np.ndarray, network: Network, *, long_side_px: int = LONG_SIDE_PX) -> int:
    """Which of the eight ways a picture lies, see `ecg_digitize.orientation`.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        network: of the markers.
        long_side_px: size at which it is looked at.
    """
    small = scaled(image, min(1.0, long_side_px / max(image.shape[:2])))
    _, turned = network(as_batch(padded(small, MULTIPLE)))
    return int(turned[0].argmax())


def find_names(image: np.ndarray, network: Network, *, long_side_px: int = LONG_SIDE_PX) -> list[FoundName]:
    """Names on an upright picture, each at most once a place; arguments as for `find_orientation`."""
    scale = min(1.0, long_side_px / max(image.shape[:2]))
    small = scaled(image, scale)
    logits, _ = network(as_batch(padded(small, MULTIPLE)))
    shares = _softmax(logits[0, :, : small.shape[0], : small.shape[1]])
    classes = shares.argmax(axis=0).astype(np.uint8)
    found = []
    for value, name in enumerate(CLASSES[1:], start=1):
        for place, certainty in _spots(classes == value, shares[value]):
            found.append(FoundName(name, tuple(to_original(np.array(place), scale)), certainty))
    return found


def turned_upright(image: np.ndarray, network: Network) -> tuple[np.ndarray, int]:
    """A picture turned, and mirrored where it has to be, until it stands upright; and how it lay."""
    orientation = find_orientation(image, network)
    return upright(image, orientation), orientation


def _spots(there: np.ndarray, certainty: np.ndarray) -> list[tuple[tuple[float, float], float]]:
    """Middle and mean certainty of every patch that is large and certain enough."""
    count, patches, stats, middles = cv2.connectedComponentsWithStats(there.astype(np.uint8), connectivity=8)
    spots = []
    for patch in range(1, count):
        certain = float(certainty[patches == patch].mean())
        if stats[patch, cv2.CC_STAT_AREA] >= LEAST_NAME_PX and certain >= LEAST_CERTAINTY:
            spots.append(((float(middles[patch][0]), float(middles[patch][1])), certain))
    return spots


def _softmax(logits: np.ndarray) -> np.ndarray:
    shares = np.exp(logits - logits.max(axis=0))
    return np.asarray(shares / shares.sum(axis=0))
