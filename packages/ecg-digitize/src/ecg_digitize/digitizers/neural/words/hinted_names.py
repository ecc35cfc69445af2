"""Names that the markers see and cannot tell, V7, V8 or V9 say: they are those that their letters tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.neural.markers.classes import NAMES
from ecg_digitize.digitizers.neural.markers.marks import PageMarks
from ecg_digitize.digitizers.neural.markers.names import APART_PX, FoundName
from ecg_digitize.digitizers.neural.words.joint_names import NONE_SHARE, named
from ecg_digitize.digitizers.neural.words.reading import WordReading
from ecg_digitize.digitizers.structure.evidence import STROKE

LEAST_NATS = 1.0
"""A name is likelier than none by so much where one surely stands."""

LEAST_LEGIBLE, LEGIBLE_ALONE = 0.4, 0.75
"""What is read there is a name from such a certainty on; and from the second where it stands below or above no other:
waves lie anywhere."""

MOST_ALONE = 0.8
"""It is no more certain than that where the markers would rather tell another one."""

SAME_COLUMN_PX = 16.0
"""Names one below the other are no farther apart across: 4 mm."""


def hinted_names(marks: PageMarks) -> list[FoundName]:
    """Names that surely stand where none was found, for it may be any: the likeliest is no likelier than the others."""
    known_px = [name.place_px for name in marks.names]
    return [
        FoundName(hint.name, hint.place_px, (1 - NONE_SHARE) / len(NAMES), hint.size_px)
        for hint in marks.hints
        if hint.nats >= LEAST_NATS and all(np.abs(np.subtract(hint.place_px, px)).max() > APART_PX for px in known_px)
    ]


def spelled(
    hinted: Sequence[FoundName], readings: Iterable[WordReading], found: Sequence[FoundName]
) -> Iterator[FoundName]:
    """The names among those that are hinted at that their letters tell.

    Args:
        hinted: the names, as the markers would rather tell them.
        readings: what the reader says of each.
        found: the names that are known.
    """
    for name, reading in zip(hinted, readings, strict=False):
        for read in named([name], [reading]):
            if _is_legible(read, found):
                yield read if read.name == name.name else attrs.evolve(read, certainty=min(read.certainty, MOST_ALONE))


def _is_legible(name: FoundName, found: Sequence[FoundName]) -> bool:
    """Whether letters tell a name; those of strokes do not, for waves and edges are strokes, too."""
    stands_in_a_column = any(abs(name.place_px[0] - other.place_px[0]) <= SAME_COLUMN_PX for other in found)
    return set(name.name) != {STROKE} and name.certainty >= (LEAST_LEGIBLE if stands_in_a_column else LEGIBLE_ALONE)
