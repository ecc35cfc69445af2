"""The names, speeds and gains of a page once more, by the reader: where the markers found names, or hint at anything.

A number they hint at counts by its letters alone, since no wave reads as one with a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks
from ecg_digitize.digitizers.neural.markers.names import APART_PX, FoundName, NameHint
from ecg_digitize.digitizers.neural.markers.printed_scales import agreed
from ecg_digitize.digitizers.neural.words.alphabet import Kind
from ecg_digitize.digitizers.neural.words.hinted_names import LEAST_LEGIBLE, hinted_names, spelled
from ecg_digitize.digitizers.neural.words.joint_names import named
from ecg_digitize.digitizers.neural.words.reading import WordPlace, WordReading, read_words

MOST_NAMES, MOST_SCALES = 64, 24
"""So many places are read at most, the likeliest first."""

MARGIN_PX = 1.5
"""The marks of words reach beyond their letters by so much, in pixels of the flat paper."""

LETTER_SHARE = 0.72
"""The letters of a name are read best when taken for so high, as a share of what the markers mark without margins."""

HINT_MARGINS_PX = 7.5
"""Hints at a scale are higher than its letters by so much, above and below together."""

TWO_LINES_PX = 26.0
"""A hint so high may be at two numbers, one above the other, or at one in large letters."""

LEAST_SCALE = 0.3
"""What is less certain is taken for no speed or gain."""

CLEAR_SCALE, LOWER = 0.95, 0.8
"""A number that is read less clearly is read once more with its letters taken for lower, by the second: the marks of
blurred ones are too high."""


def with_words(marks: PageMarks, flat: FlatPage, image: np.ndarray, reader: Network) -> PageMarks:
    """The marks of a page with names, speeds and gains as the reader spells them.

    Args:
        marks: what the markers found.
        flat: the page, upright.
        image: the picture that its mesh is of, uint8 RGB, shape (height, width, 3).
        reader: the network.
    """
    names = marks.names[:MOST_NAMES]
    hinted = hinted_names(marks)[: MOST_NAMES - len(names)]
    told = (*marks.speeds, *marks.gains)
    numbers = [place for hint in marks.scale_hints[:MOST_SCALES] for place in _places_of_hint(hint, told)]
    places = [*map(_place_of_name, (*names, *hinted)), *numbers]
    if not places:
        return marks
    readings = read_words(image, flat, places, reader)
    larger = dict(_larger(names, readings, marks.hints))
    for number, again in zip(larger, read_words(image, flat, larger.values(), reader), strict=True):
        readings[number] = max(readings[number], again, key=lambda reading: reading.best("name")[1])
    of_hinted, of_numbers = readings[len(names) :], readings[len(names) + len(hinted) :]
    lower = dict(_lower(numbers, of_numbers))
    for number, again in zip(lower, read_words(image, flat, lower.values(), reader), strict=True):
        of_numbers[number] = _clearer(of_numbers[number], again)
    found = list(named(names, readings))
    return attrs.evolve(
        marks,
        names=tuple(sorted((*found, *spelled(hinted, of_hinted, found)), key=lambda name: -name.certainty)),
        speeds=agreed(_scales("speed", numbers, of_numbers)),
        gains=agreed(_scales("gain", numbers, of_numbers)),
    )


def _larger(
    names: Sequence[FoundName], readings: Sequence[WordReading], hints: Sequence[NameHint]
) -> Iterator[tuple[int, WordPlace]]:
    """Numbers of the names that could not be read and may be higher, and where they are read once more.

    A closer look finds parts of words that a trace runs through; a hint at one reaches over all of it.
    """
    for number, (name, reading) in enumerate(zip(names, readings, strict=False)):
        about = [hint for hint in hints if np.abs(np.subtract(hint.place_px, name.place_px)).max() <= APART_PX / 2]
        height_px = max((hint.size_px[1] for hint in about), default=0.0)
        if height_px > name.size_px[1] and max(reading.best("name")[1], reading.none) < LEAST_LEGIBLE:
            yield number, _place_of_name(attrs.evolve(name, size_px=(name.size_px[0], height_px)))


def _lower(numbers: Sequence[WordPlace], readings: Sequence[WordReading]) -> Iterator[tuple[int, WordPlace]]:
    """Which places of speeds and gains may show one that was not read clearly, and where it is read once more."""
    for number, (place, reading) in enumerate(zip(numbers, readings, strict=True)):
        if LEAST_SCALE <= _scale_of(reading)[2] < CLEAR_SCALE:
            yield number, attrs.evolve(place, letter_px=LOWER * place.letter_px)


def _clearer(reading: WordReading, again: WordReading) -> WordReading:
    """Of two readings of a number that say the same the clearer one; else the first."""
    (*first, first_certainty), (*second, second_certainty) = _scale_of(reading), _scale_of(again)
    return again if first == second and second_certainty > first_certainty else reading


def _scale_of(reading: WordReading) -> tuple[Kind, str, float]:
    """The likeliest speed or gain of a place: what it is, its value and its probability."""
    kinds: tuple[Kind, ...] = ("speed", "gain")
    return max(((kind, *reading.best(kind)) for kind in kinds), key=lambda scale: scale[2])


def _scales(kind: Kind, places: Iterable[WordPlace], readings: Iterable[WordReading]) -> Iterator[FoundScale]:
    """The speeds, or gains, among the words at some places."""
    for place, reading in zip(places, readings, strict=True):
        value, certainty = reading.best(kind)
        if certainty >= LEAST_SCALE:
            yield FoundScale(float(value), place.middle_px, certainty)


def _place_of_name(name: FoundName) -> WordPlace:
    return WordPlace(name.place_px, LETTER_SHARE * (name.size_px[1] - 2 * MARGIN_PX))


def _places_of_hint(hint: NameHint, told: Iterable[FoundScale]) -> Iterator[WordPlace]:
    """Where the number of a hint is read: in the middle, and in two lines as well where it is high enough for that.

    A hint may reach over words before the number, "Speed: 50 mm/s" say: there it is also read where the markers tell
    one, away from the middle.
    """
    (x_px, y_px), (width_px, height_px) = hint.place_px, hint.size_px
    yield WordPlace(hint.place_px, height_px - HINT_MARGINS_PX)
    for scale in told:
        across_px, down_px = np.abs(np.subtract(scale.place_px, hint.place_px))
        if height_px / 2 < across_px <= width_px / 2 and down_px <= height_px / 2:
            yield WordPlace(scale.place_px, height_px - HINT_MARGINS_PX)
    if height_px < TWO_LINES_PX:
        return
    for away_px in (-height_px / 5, height_px / 5):
        yield WordPlace((x_px, y_px + away_px), (height_px - HINT_MARGINS_PX) / 2)
