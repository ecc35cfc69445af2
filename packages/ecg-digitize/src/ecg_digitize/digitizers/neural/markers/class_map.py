"""What the marker network says of every pixel of flat paper, and the patches of pixels that it says the same of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import cv2
import numpy as np

from ecg_core.protocols import Network
from ecg_core.tiles import predict_tiles
from ecg_digitize.digitizers.neural.markers.classes import CLASSES
from ecg_digitize.digitizers.neural.scaling import TILING

LIKELY_NATS = 1.0
"""Where background is likelier than every other class by more, no two of them together are likelier than it."""

LEAST_FRAGMENT_PX = 6
"""Fewer pixels are no fragment of anything."""


@attrs.frozen(eq=False)
class ClassMap:
    """The class of every pixel.

    Attributes:
        classes: uint8, shape (height, width): numbers in `CLASSES`, 0 where nothing but background is likely.
        certainty: float32, the same shape: probability of that class; 0 where nothing but background is likely.
        logits: float32, shape (classes, height, width), as the network gave them.
    """

    classes: np.ndarray
    certainty: np.ndarray
    logits: np.ndarray

    def probability(self, value: int, window: tuple[slice, slice]) -> np.ndarray:
        """Probability of a class within a window; float32."""
        own = self.logits[(slice(None), *window)]
        shares = np.exp(own - own.max(axis=0))
        result: np.ndarray = shares[value] / shares.sum(axis=0)
        return result


@attrs.frozen(eq=False)
class Patch:
    """Pixels of one class that belong together.

    Attributes:
        value: number of the class.
        left: first column.
        top: first row.
        right: column after the last one.
        bottom: row after the last one.
        middle_px: mean place of its pixels, (x, y).
        area_px: number of its pixels.
        certainty: mean probability of its pixels, 0 to 1.
    """

    value: int
    left: int
    top: int
    right: int
    bottom: int
    middle_px: tuple[float, float]
    area_px: int
    certainty: float

    @property
    def width_px(self) -> int:
        """How wide it is."""
        return self.right - self.left

    @property
    def height_px(self) -> int:
        """How high it is."""
        return self.bottom - self.top

    @property
    def weight(self) -> float:
        """Of two that cannot both be there, the one with the greater weight counts."""
        return self.area_px * self.certainty

    def gap_px(self, other: Patch) -> tuple[int, int]:
        """How many columns and rows lie between two patches; 0 or less where they overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return across, down


def map_classes(paper: np.ndarray, network: Network) -> ClassMap:
    """Pass the marker network over flat, upright paper.

    Args:
        paper: uint8 RGB, shape (height, width, 3), `ecg_digitize.digitizers.neural.grid.flattening.PX_PER_BOX`.
        network: the marker network.
    """
    logits = predict_tiles(paper, lambda tile: network(tile)[0], len(CLASSES), TILING)
    near = logits[1:].max(axis=0) > logits[0] - LIKELY_NATS
    own = logits[:, near]
    shares = np.exp(own - own.max(axis=0))
    shares /= shares.sum(axis=0)
    classes, certainty = np.zeros(near.shape, np.uint8), np.zeros(near.shape, np.float32)
    classes[near], certainty[near] = shares.argmax(axis=0), shares.max(axis=0)
    return ClassMap(classes, certainty, logits)


def find_patches(found: ClassMap, values: Sequence[int], *, apart_px: tuple[int, int]) -> Iterator[Patch]:
    """Patches of some classes.

    Args:
        found: the class of every pixel.
        values: numbers of the classes.
        apart_px: fragments of one class with no more columns and rows between them are one patch.
    """
    for value in values:
        for group in _groups(list(_fragments(found, value)), apart_px):
            yield join_patches(group)


def join_patches(patches: Sequence[Patch]) -> Patch:
    """One patch of several, with the class of the first."""
    if len(patches) == 1:
        return patches[0]
    areas = np.array([patch.area_px for patch in patches], float)
    x_px, y_px = np.average([patch.middle_px for patch in patches], axis=0, weights=areas)
    return Patch(
        value=patches[0].value,
        left=min(patch.left for patch in patches),
        top=min(patch.top for patch in patches),
        right=max(patch.right for patch in patches),
        bottom=max(patch.bottom for patch in patches),
        middle_px=(float(x_px), float(y_px)),
        area_px=int(areas.sum()),
        certainty=float(np.average([patch.certainty for patch in patches], weights=areas)),
    )


def _fragments(found: ClassMap, value: int) -> Iterator[Patch]:
    """Pixels of a class that touch each other."""
    there = found.classes == value
    if not there.any():
        return
    rows, columns = (np.flatnonzero(there.any(axis=axis)) for axis in (1, 0))
    first_y, first_x = int(rows[0]), int(columns[0])
    window = slice(first_y, int(rows[-1]) + 1), slice(first_x, int(columns[-1]) + 1)
    count, numbers, stats, middles = cv2.connectedComponentsWithStats(there[window].astype(np.uint8), connectivity=8)
    for number in range(1, count):
        left, top, width, height, area_px = map(int, stats[number])
        if area_px < LEAST_FRAGMENT_PX:
            continue
        around = slice(top, top + height), slice(left, left + width)
        x_px, y_px = middles[number] + (first_x, first_y)
        yield Patch(
            value=value,
            left=first_x + left,
            top=first_y + top,
            right=first_x + left + width,
            bottom=first_y + top + height,
            middle_px=(float(x_px), float(y_px)),
            area_px=area_px,
            certainty=float(found.certainty[window][around][numbers[around] == number].mean()),
        )


def _groups(patches: list[Patch], apart_px: tuple[int, int]) -> list[list[Patch]]:
    """Patches that lie near each other, or are joined by others that do."""
    groups: list[list[Patch]] = []
    for patch in patches:
        near = [group for group in groups if any(_is_near(patch, other, apart_px) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([patch, *(other for group in near for other in group)])
    return groups


def _is_near(one: Patch, other: Patch, apart_px: tuple[int, int]) -> bool:
    return all(gap <= apart for gap, apart in zip(one.gap_px(other), apart_px, strict=True))
