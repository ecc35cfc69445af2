"""Words that the markers missed, found by their ink: on the page, and on the paper about it that has no grid.

The markers look at the paper of the grid alone, and miss about a quarter of the numbers that are printed there, small
and grey ones mostly. The reader reads whatever words there are. But most of them are no names and no numbers with a
unit, and the markers speak for none of these: so only what the letters leave no doubt about counts, and no stroke, for
waves, bars and edges read as I, II and III.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import filterfalse

import attrs
import cv2
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.extended import extended
from ecg_digitize.digitizers.neural.grid.flattening import MARGIN_BOXES, PX_PER_BOX, PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.ink_words import WordBox, contrast_of, contrast_of_words, words_in_ink
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks
from ecg_digitize.digitizers.neural.markers.names import APART_PX, FoundName
from ecg_digitize.digitizers.neural.markers.printed_scales import agreed
from ecg_digitize.digitizers.neural.words.alphabet import Kind
from ecg_digitize.digitizers.neural.words.page_words import MARGIN_PX
from ecg_digitize.digitizers.neural.words.reading import WordPlace, WordReading, read_words
from ecg_digitize.digitizers.structure.evidence import STROKE

MOST_BEYOND_BOXES = 20
"""So far beyond the grid words are looked for: 100 mm."""

FINER = 1.5
"""Words are found on paper so many times as fine: letters of 2 mm have gaps of a quarter of one between them."""

SHORT, NUMBERS = 3.0, (0.65, 1.15)
"""A word so many letters high long, or shorter, is read in its middle; of a longer one the number that it may begin
with, whose middle lies so many letters' heights behind its beginning: that of two digits, and of three and a point."""

NARROWEST = 0.3
"""What is not so wide by its height is a stroke, of a grid line or a wave, and no digit, nor any name that counts."""

MOST_WORDS = 256
"""So many places are read at most, the largest letters first."""

CERTAIN = 0.99
"""What is less certain may be anything."""


def with_missed_words(marks: PageMarks, flat: FlatPage, image: np.ndarray, reader: Network) -> PageMarks:
    """The marks of a page with the speeds, gains and names as well that the markers missed.

    Args:
        marks: what is known.
        flat: the page, upright.
        image: the picture that its mesh is of, uint8 RGB, shape (height, width, 3).
        reader: the network.
    """
    height, width = image.shape[:2]
    larger = extended(flat.mesh, (width, height), MOST_BEYOND_BOXES)
    about = attrs.evolve(flat, mesh=larger.mesh)
    contrast = contrast_of(_finer_paper(about, image), FINER * PX_PER_MM)
    boxes = words_in_ink(contrast, FINER * PX_PER_MM, contrast_of_words(contrast_of(flat.paper, PX_PER_MM), flat.trace))
    boxes = sorted(filterfalse(_is_stroke, boxes), key=lambda box: -box.letter_px)
    places = [place for box in boxes for place in _places_in(box)][:MOST_WORDS]
    readings = read_words(image, about, places, reader)
    of_the_page = [_moved(place, larger.first) for place in places]
    return attrs.evolve(
        marks,
        names=(*marks.names, *_missed_names(marks, of_the_page, readings, flat.paper.shape)),
        speeds=agreed((*marks.speeds, *_scales("speed", of_the_page, readings))),
        gains=agreed((*marks.gains, *_scales("gain", of_the_page, readings))),
    )


def _finer_paper(flat: FlatPage, image: np.ndarray) -> np.ndarray:
    """All of the paper laid flat, `FINER`."""
    rows, columns = flat.mesh.points_px.shape[:2]
    scale, margin = FINER * PX_PER_BOX, float(MARGIN_BOXES)
    width, height = (round((lines - 1 + 2 * margin) * scale) + 1 for lines in (columns, rows))
    return flat.mesh.flatten(
        image,
        px_per_box=(scale, scale),
        corner=(-margin, -margin),
        size=(width, height),
        resampling=cv2.INTER_CUBIC,  # to find words, not to read them
    )


def _is_stroke(box: WordBox) -> bool:
    return box.right_px - box.left_px < NARROWEST * box.letter_px


def _places_in(box: WordBox) -> Iterator[WordPlace]:
    """Where a word is read, on the flat paper of the usual scale."""
    left_px, right_px, y_px, letter_px = np.array((box.left_px, box.right_px, box.middle_px, box.letter_px)) / FINER
    if right_px - left_px <= SHORT * letter_px:
        middles_px = [(left_px + right_px) / 2]
    else:
        middles_px = [left_px + share * letter_px for share in NUMBERS]
    for x_px in middles_px:
        yield WordPlace((float(x_px), float(y_px)), float(letter_px))


def _moved(place: WordPlace, first: tuple[int, int]) -> WordPlace:
    """A place on the larger paper as one on that of the grid."""
    x_px, y_px = np.subtract(place.middle_px, np.multiply(first, PX_PER_BOX))
    return attrs.evolve(place, middle_px=(float(x_px), float(y_px)))


def _scales(kind: Kind, places: Iterable[WordPlace], readings: Iterable[WordReading]) -> Iterator[FoundScale]:
    """The speeds, or gains, that are beyond doubt."""
    for place, reading in zip(places, readings, strict=True):
        value, certainty = reading.best(kind)
        if certainty >= CERTAIN:
            yield FoundScale(float(value), place.middle_px, certainty)


def _missed_names(
    marks: PageMarks, places: Sequence[WordPlace], readings: Sequence[WordReading], shape: tuple[int, ...]
) -> Iterator[FoundName]:
    """The names that are beyond doubt, on the paper of the grid, where no other one was found."""
    known_px = [name.place_px for name in marks.names]
    for place, reading in zip(places, readings, strict=True):
        name, certainty = reading.best("name")
        if certainty < CERTAIN or set(name) == {STROKE} or not _is_on(place, shape):
            continue
        if all(np.abs(np.subtract(place.middle_px, other)).max() > APART_PX for other in known_px):
            known_px.append(place.middle_px)
            yield FoundName(name, place.middle_px, certainty, _size_px(name, place.letter_px))


def _is_on(place: WordPlace, shape: tuple[int, ...]) -> bool:
    (x_px, y_px), (height, width) = place.middle_px, shape[:2]
    return 0 <= x_px < width and 0 <= y_px < height


def _size_px(name: str, letter_px: float) -> tuple[float, float]:
    """How wide and high the markers would mark a name: with a margin."""
    return letter_px * len(name) + 2 * MARGIN_PX, letter_px + 2 * MARGIN_PX
