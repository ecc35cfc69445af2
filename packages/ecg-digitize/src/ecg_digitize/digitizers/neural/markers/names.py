"""The names of leads on flat paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import cv2
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.markers.class_map import ClassMap, Patch, find_patches, join_patches, map_classes
from ecg_digitize.digitizers.neural.markers.classes import CLASSES, NAMES
from ecg_digitize.digitizers.structure.evidence import STROKE

LEAST_NAME_PX = 40
"""Fewer pixels are a blot; the mark of a lead I has about 100."""

APART_PX = 20
"""Two names are never so near to each other; of two that are found the larger and more certain one counts."""

LETTERS_APART_PX = (4, 2)
"""Patches of one name with no more columns and rows between them belong together: "a" and "VR", say."""

MOST_STROKES = 3
STROKES_APART_PX = 5
"""Two or three names "I" with no more columns between them are the strokes of II or III."""

LEAST_STROKE_PX, STROKES_ALIKE = 20, 0.7
"""A stroke has so many pixels, and neighbours are side by side for so much of the height of the higher one."""

LEAST_CERTAINTY = 0.5

MAYBE_NATS = 1.4
"""A name may stand where one is unlikelier than background by no more: it has a probability of a fifth or so."""

HINTS_APART_PX = (8, 4)
"""Pixels that hint at names with no more columns and rows between them hint at the same one."""


@attrs.frozen(eq=False)
class FoundName:
    """A printed name of a lead.

    Attributes:
        name: one of `ecg_digitize.digitizers.neural.markers.classes.NAMES`.
        place_px: its middle, (x, y) on the flat paper.
        certainty: mean probability of its pixels, 0 to 1.
        size_px: how wide and high it is, with a margin of about 1.5 px on every side.
        others: what it may be as well, the likeliest first, each with its probability.
    """

    name: str
    place_px: tuple[float, float]
    certainty: float
    size_px: tuple[float, float] = (0.0, 0.0)
    others: tuple[tuple[str, float], ...] = ()


@attrs.frozen
class NameHint:
    """A place at which a name may stand, whether or not it could be read.

    Attributes:
        place_px: its middle, (x, y) on the flat paper.
        size_px: how wide and high it is.
        name: the likeliest name.
        nats: by how much that is likelier there than background; less than 0 where background is likelier.
    """

    place_px: tuple[float, float]
    size_px: tuple[float, float]
    name: str
    nats: float


def find_names(paper: np.ndarray, network: Network) -> list[FoundName]:
    """Names on flat, upright paper; `ecg_digitize.digitizers.neural.markers.marks.find_marks` finds all else, too.

    Args:
        paper: uint8 RGB, shape (height, width, 3), `ecg_digitize.digitizers.neural.grid.flattening.PX_PER_BOX`.
        network: the marker network.
    """
    return names_of(map_classes(paper, network))


def names_of(found: ClassMap) -> list[FoundName]:
    """The names on a map of classes, the largest and most certain first."""
    kept: list[Patch] = []
    for patch in sorted(_candidates(found), key=lambda patch: -patch.weight):
        if all(np.abs(np.subtract(patch.middle_px, other.middle_px)).max() > APART_PX for other in kept):
            kept.append(patch)
    return [
        FoundName(CLASSES[each.value], each.middle_px, each.certainty, (each.width_px, each.height_px)) for each in kept
    ]


def hints_of(found: ClassMap, of: Sequence[str] = NAMES) -> tuple[NameHint, ...]:
    """All places on a map of classes at which a name, or another class, may stand, the likeliest first.

    Args:
        found: the map.
        of: the classes, as they follow each other in `CLASSES`.
    """
    first, last = CLASSES.index(of[0]), CLASSES.index(of[-1])
    names = found.logits[first : last + 1]
    nats = names.max(axis=0) - found.logits[0]
    maybe = nats >= -MAYBE_NATS
    across, down = HINTS_APART_PX
    joined = cv2.dilate(maybe.astype(np.uint8), np.ones((down + 1, across + 1), np.uint8))
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    likeliest: dict[int, tuple[float, str]] = {}
    values = zip(numbers[maybe].tolist(), nats[maybe].tolist(), names[:, maybe].argmax(axis=0).tolist(), strict=True)
    for number, value, name in values:
        likeliest[number] = max(likeliest.get(number, (-np.inf, "")), (value, of[name]))
    hints = []
    for number, (value, name) in likeliest.items():
        left, top, width, height, _ = stats[number].tolist()
        place_px = left + (width - 1) / 2, top + (height - 1) / 2
        hints.append(NameHint(place_px, (width - across, height - down), name, value))
    return tuple(sorted(hints, key=lambda hint: -hint.nats))


def _candidates(found: ClassMap) -> Iterator[Patch]:
    """Every patch that may be a name."""
    stroke = CLASSES.index(STROKE)
    others = [CLASSES.index(name) for name in NAMES if name != STROKE]
    strokes = [patch for patch in find_patches(found, [stroke], apart_px=(0, 2)) if patch.area_px >= LEAST_STROKE_PX]
    for patch in (*find_patches(found, others, apart_px=LETTERS_APART_PX), *_joined_strokes(strokes)):
        if patch.area_px >= LEAST_NAME_PX and patch.certainty >= LEAST_CERTAINTY:
            yield patch


def _joined_strokes(strokes: list[Patch]) -> Iterator[Patch]:
    """Names "I" by themselves as they are; two or three side by side as II or III, more as none."""
    row: list[Patch] = []
    for patch in sorted(strokes, key=lambda patch: patch.left):
        if row and not _are_side_by_side(row[-1], patch):
            yield from _name_of_strokes(row)
            row = []
        row.append(patch)
    yield from _name_of_strokes(row)


def _name_of_strokes(row: list[Patch]) -> Iterator[Patch]:
    if 0 < len(row) <= MOST_STROKES:
        yield attrs.evolve(join_patches(row), value=CLASSES.index(STROKE * len(row)))


def _are_side_by_side(one: Patch, other: Patch) -> bool:
    across, down = one.gap_px(other)
    return across <= STROKES_APART_PX and -down >= STROKES_ALIKE * max(one.height_px, other.height_px)
