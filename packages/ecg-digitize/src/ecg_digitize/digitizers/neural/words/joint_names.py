"""Which name stands at a place, by markers and reader together.

The markers find the places well and tell letters badly, least of all rare ones. So what they took a name for counts as
evidence beside the letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from ecg_digitize.digitizers.neural.markers.classes import NAMES
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.words.reading import WordReading
from ecg_digitize.digitizers.structure.evidence import STROKE

SURE_CLASS = 0.35
"""However certain the markers are of a name, it may be another one, such as V7 taken for V6, or a wave: letters that
are read tell more. This, the share of none and what is misread fit the names of 25 drawn pages."""

NONE_SHARE = 0.5
"""Of what the markers leave open about a name, so much is for there being none."""

MISREAD = 0.005
"""How likely the reader says something else altogether, of each word and of none."""

LEAST_OTHER = 0.05
"""From such a probability on a name may be another one than the likeliest."""

NONE = ""


def joint_names(reading: WordReading, name: str, certainty: float) -> dict[str, float]:
    """The names that may stand at a place, or `NONE`, the likeliest first, each with its probability by markers and
    reader together.

    Args:
        reading: what the reader says.
        name: what the markers took it for.
        certainty: how likely that is by the markers.
    """
    own = min(certainty, SURE_CLASS)
    others = (1 - own) * (1 - NONE_SHARE) / (len(NAMES) - 1)
    by_letters = reading.of("name")
    illegible = max(1 - sum(by_letters.values()) - reading.none, 0.0) / (len(NAMES) + 1) + MISREAD
    worth = {each: (own if each == name else others) * (by_letters[each] + illegible) for each in NAMES}
    worth[NONE] = (1 - own) * NONE_SHARE * (reading.none + illegible)
    total = sum(worth.values())
    return {each: worth[each] / total for each in sorted(worth, key=lambda each: -worth[each])}


def named(names: Sequence[FoundName], readings: Iterable[WordReading]) -> Iterator[FoundName]:
    """The names that are there.

    Waves, bars and pulses read as strokes, and so does a part of III in spaced letters: I, II and III become no more
    certain by being read so.
    """
    for name, reading in zip(names, readings, strict=False):
        (read, certainty), *others = joint_names(reading, name.name, name.certainty).items()
        if set(read) == {STROKE}:
            certainty = min(certainty, name.certainty)
        if read != NONE:
            maybe = tuple((other, share) for other, share in others if other != NONE and share >= LEAST_OTHER)
            yield attrs.evolve(name, name=read, certainty=certainty, others=maybe)
