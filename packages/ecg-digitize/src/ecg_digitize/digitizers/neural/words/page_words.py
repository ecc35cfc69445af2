"""The names, speeds and gains of a page once more, by the reader: where the markers found them, or hint at some.

The markers find the places well and tell letters badly, least of all rare ones. So what they took a name for counts as
evidence beside the letters; a number they hint at counts by its letters alone, since no wave reads as one with a
unit, and so does a name, but for strokes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.classes import NAMES
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks
from ecg_digitize.digitizers.neural.markers.names import APART_PX, STROKE, FoundName, NameHint
from ecg_digitize.digitizers.neural.markers.printed_scales import agreed
from ecg_digitize.digitizers.neural.words.alphabet import Kind
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

SURE_CLASS = 0.35
"""However certain the markers are of a name, it may be another one, such as V7 taken for V6, or a wave: letters that
are read tell more. This, the share of none and what is misread fit the names of 25 drawn pages."""

NONE_SHARE = 0.5
"""Of what the markers leave open about a name, so much is for there being none."""

MISREAD = 0.005
"""How likely the reader says something else altogether, of each word and of none."""

LEAST_NATS, LEAST_LEGIBLE, LEGIBLE_ALONE = 1.0, 0.4, 0.75
"""Where the markers tell by so much that a name stands, but not which, V7, V8 or V9 say, what is read there is one from
the second certainty on; and from the third where it stands below or above no other: waves lie anywhere."""

MOST_ALONE = 0.8
"""What the reader alone tells is no more certain."""

SAME_COLUMN_PX = 16.0
"""Names one below the other are no farther apart across: 4 mm."""

LEAST_OTHER = 0.05
"""From such a probability on a name may be another one than the likeliest."""

LEAST_SCALE = 0.3
"""What is less certain is taken for no speed or gain."""

NONE = ""


def with_words(marks: PageMarks, flat: FlatPage, image: np.ndarray, reader: Network) -> PageMarks:
    """The marks of a page with names, speeds and gains as the reader spells them.

    Args:
        marks: what the markers found.
        flat: the page, upright.
        image: the picture that its mesh is of, uint8 RGB, shape (height, width, 3).
        reader: the network.
    """
    names = marks.names[:MOST_NAMES]
    hinted = _hinted_names(marks)[: MOST_NAMES - len(names)]
    numbers = [place for hint in marks.scale_hints[:MOST_SCALES] for place in _places_of_hint(hint)]
    places = [*map(_place_of_name, (*names, *hinted)), *numbers]
    if not places:
        return marks
    readings = read_words(image, flat, places, reader)
    larger = {number: place for number, place in enumerate(_larger(names, readings, marks.hints)) if place is not None}
    for number, again in zip(larger, read_words(image, flat, larger.values(), reader), strict=True):
        readings[number] = max(readings[number], again, key=lambda reading: reading.best("name")[1])
    of_hinted, of_numbers = readings[len(names) :], readings[len(names) + len(hinted) :]
    found = list(_named(names, readings))
    legible = list(_spelled(hinted, of_hinted))
    found += [name for name in legible if name.certainty >= LEGIBLE_ALONE or _stands_in_a_column(name, found)]
    return attrs.evolve(
        marks,
        names=tuple(sorted(found, key=lambda name: -name.certainty)),
        speeds=agreed(_scales("speed", numbers, of_numbers)),
        gains=agreed(_scales("gain", numbers, of_numbers)),
    )


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


def _named(names: Sequence[FoundName], readings: Iterable[WordReading]) -> Iterator[FoundName]:
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


def _larger(
    names: Sequence[FoundName], readings: Sequence[WordReading], hints: Sequence[NameHint]
) -> Iterator[WordPlace | None]:
    """Where names that are no waves and could not be read are read once more, with letters as high as a hint there is.

    A closer look finds parts of words that a trace runs through, the hints all of them.
    """
    for name, reading in zip(names, readings, strict=False):
        about = [hint for hint in hints if np.abs(np.subtract(hint.place_px, name.place_px)).max() <= APART_PX / 2]
        height_px = max((hint.size_px[1] for hint in about), default=0.0)
        is_open = max(reading.best("name")[1], reading.none) < LEAST_LEGIBLE
        is_higher = is_open and height_px > name.size_px[1]
        yield _place_of_name(attrs.evolve(name, size_px=(name.size_px[0], height_px))) if is_higher else None


def _hinted_names(marks: PageMarks) -> list[FoundName]:
    """Names that surely stand where none was found, for it may be any: the likeliest is no likelier than the others."""
    known_px = [name.place_px for name in marks.names]
    return [
        FoundName(hint.name, hint.place_px, (1 - NONE_SHARE) / len(NAMES), hint.size_px)
        for hint in marks.hints
        if hint.nats >= LEAST_NATS and all(np.abs(np.subtract(hint.place_px, px)).max() > APART_PX for px in known_px)
    ]


def _stands_in_a_column(name: FoundName, others: Iterable[FoundName]) -> bool:
    """Whether a name stands above or below one of some others."""
    return any(abs(name.place_px[0] - other.place_px[0]) <= SAME_COLUMN_PX for other in others)


def _spelled(hinted: Sequence[FoundName], readings: Iterable[WordReading]) -> Iterator[FoundName]:
    """The names among those that are hinted at that their letters tell, which those of strokes do not: waves and edges
    are strokes, too. It is not clear which one it is where the markers would rather tell another one."""
    for name, reading in zip(hinted, readings, strict=False):
        for read in _named([name], [reading]):
            if read.certainty >= LEAST_LEGIBLE and set(read.name) != {STROKE}:
                most = 1.0 if read.name == name.name else MOST_ALONE
                yield attrs.evolve(read, certainty=min(read.certainty, most))


def _scales(kind: Kind, places: Iterable[WordPlace], readings: Iterable[WordReading]) -> Iterator[FoundScale]:
    """The speeds, or gains, among the words at some places."""
    for place, reading in zip(places, readings, strict=True):
        value, certainty = reading.best(kind)
        if certainty >= LEAST_SCALE:
            yield FoundScale(float(value), place.middle_px, certainty)


def _place_of_name(name: FoundName) -> WordPlace:
    return WordPlace(name.place_px, LETTER_SHARE * (name.size_px[1] - 2 * MARGIN_PX))


def _places_of_hint(hint: NameHint) -> Iterator[WordPlace]:
    """Where the number of a hint is read: in the middle, and in two lines as well where it is high enough for that."""
    (x_px, y_px), (_, height_px) = hint.place_px, hint.size_px
    yield WordPlace(hint.place_px, height_px - HINT_MARGINS_PX)
    if height_px < TWO_LINES_PX:
        return
    for away_px in (-height_px / 5, height_px / 5):
        yield WordPlace((x_px, y_px + away_px), (height_px - HINT_MARGINS_PX) / 2)
