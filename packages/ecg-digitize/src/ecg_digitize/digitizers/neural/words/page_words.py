"""The names, speeds and gains of a page once more, by the reader: at every place where the markers hint at one.

The markers find the places well and tell letters badly, least of all rare ones. So what they took a name for counts as
evidence beside the letters; a number they hint at counts by its letters alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.classes import NAMES
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks
from ecg_digitize.digitizers.neural.markers.names import APART_PX, FoundName, NameHint
from ecg_digitize.digitizers.neural.markers.printed_scales import agreed
from ecg_digitize.digitizers.neural.words.alphabet import Kind
from ecg_digitize.digitizers.neural.words.reading import WordPlace, WordReading, read_words

MOST_NAMES, MOST_SCALES = 48, 24
"""So many places are read at most, the likeliest first."""

MARGIN_PX = 1.5
"""The marks of words reach beyond their letters by so much, in pixels of the flat paper."""

SURE_CLASS = 0.7
"""However certain the markers are of a name, it may be another one: V7 is taken for V6."""

NONE_SHARE = 0.5
"""Of what the markers leave open about a name, so much is for there being none."""

HINTED = 0.25
"""How likely the name is that the markers hint at, and do not claim."""

MISREAD = 0.002
"""How likely the reader says something else altogether, of each word and of none."""

LEAST_NAME, LEAST_SCALE = 0.5, 0.3
"""What is less certain is taken for no name of a lead, and for no speed or gain."""

NONE = ""


def with_words(marks: PageMarks, flat: FlatPage, image: np.ndarray, reader: Network) -> PageMarks:
    """The marks of a page with names, speeds and gains as the reader spells them.

    Args:
        marks: what the markers found.
        flat: the page, upright.
        image: the picture that its mesh is of, uint8 RGB, shape (height, width, 3).
        reader: the network.
    """
    names = [*marks.names, *_hinted_names(marks)][:MOST_NAMES]
    scales = marks.scale_hints[:MOST_SCALES]
    places = [*map(_place_of_name, names), *map(_place_of_hint, scales)]
    if not places:
        return marks
    readings = read_words(image, flat, places, reader)
    return attrs.evolve(
        marks,
        names=tuple(_named(names, readings[: len(names)])),
        speeds=agreed(_scales("speed", scales, readings[len(names) :])),
        gains=agreed(_scales("gain", scales, readings[len(names) :])),
    )


def joint_name(reading: WordReading, name: str, certainty: float) -> tuple[str, float]:
    """The likeliest name at a place, or `NONE`, and its probability by markers and reader together.

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
    best = max(worth, key=lambda each: worth[each])
    return best, worth[best] / sum(worth.values())


def _named(names: Sequence[FoundName], readings: Sequence[WordReading]) -> Iterator[FoundName]:
    """The names that are there, the most certain first."""
    found = []
    for name, reading in zip(names, readings, strict=True):
        read, certainty = joint_name(reading, name.name, name.certainty)
        if read != NONE and certainty >= LEAST_NAME:
            found.append(attrs.evolve(name, name=read, certainty=certainty))
    return iter(sorted(found, key=lambda name: -name.certainty))


def _hinted_names(marks: PageMarks) -> Iterator[FoundName]:
    """Places that hint at a name where none was found."""
    for hint in marks.hints:
        away = [np.abs(np.subtract(hint.place_px, name.place_px)).max() for name in marks.names]
        if min(away, default=np.inf) > APART_PX:
            yield FoundName(hint.name, hint.place_px, HINTED, hint.size_px)


def _scales(kind: Kind, hints: Iterable[NameHint], readings: Iterable[WordReading]) -> Iterator[FoundScale]:
    """The speeds, or gains, among the words at some places."""
    for hint, reading in zip(hints, readings, strict=True):
        value, certainty = reading.best(kind)
        if certainty >= LEAST_SCALE:
            yield FoundScale(float(value), hint.place_px, certainty)


def _place_of_name(name: FoundName) -> WordPlace:
    return WordPlace(name.place_px, name.size_px[1] - 2 * MARGIN_PX)


def _place_of_hint(hint: NameHint) -> WordPlace:
    return WordPlace(hint.place_px, hint.size_px[1] - 2 * MARGIN_PX)
