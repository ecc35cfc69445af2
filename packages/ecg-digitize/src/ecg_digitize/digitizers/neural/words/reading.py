"""What is printed at some places of flat paper, by the reader: a probability for every word that matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import attrs
import numpy as np

from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_BOX, FlatPage
from ecg_digitize.digitizers.neural.words.alphabet import Kind, Word, known_words
from ecg_digitize.digitizers.neural.words.crops import take_crop
from ecg_digitize.digitizers.neural.words.spelling import log_probabilities

LETTERS_PX = (4.5, 24.0)
"""Letters are taken to be so high at least and at most, in pixels of the flat paper: 1.1 to 6 mm."""

BATCH = 64
"""So many crops are read at a time, which bounds the memory."""


@attrs.frozen
class WordPlace:
    """A place at which a word may stand.

    Attributes:
        middle_px: middle of a name, or of the number of a speed or gain: (x, y) on the flat paper.
        letter_px: how high its letters are there, about.
    """

    middle_px: tuple[float, float]
    letter_px: float


@attrs.frozen(eq=False)
class WordReading:
    """What stands at a place.

    Attributes:
        likely: probability of each word that matters, by what it is and its value.
    """

    likely: dict[tuple[Kind, str], float]

    @property
    def other(self) -> float:
        """Probability that it is any other word, or none."""
        return max(1.0 - sum(share for (kind, _), share in self.likely.items() if kind != "none"), 0.0)

    @property
    def none(self) -> float:
        """Probability that it shows plainly that no word that matters is there."""
        return self.likely.get(("none", ""), 0.0)

    def of(self, kind: Kind) -> dict[str, float]:
        """Probability of each value of a kind."""
        return {value: share for (own, value), share in self.likely.items() if own == kind}

    def best(self, kind: Kind) -> tuple[str, float]:
        """The likeliest value of a kind and its probability."""
        every = self.of(kind)
        value = max(every, key=lambda each: every[each])
        return value, every[value]


def read_words(image: np.ndarray, flat: FlatPage, places: Iterable[WordPlace], network: Network) -> list[WordReading]:
    """What is printed at some places.

    Args:
        image: the picture, uint8 RGB, shape (height, width, 3).
        flat: the page, upright.
        places: where.
        network: the reader.
    """
    crops = [_crop(image, flat, place) for place in places]
    readings: list[WordReading] = []
    for first in range(0, len(crops), BATCH):
        batch = np.stack(crops[first : first + BATCH]).transpose(0, 3, 1, 2)
        readings += readings_of(network(batch)[0])
    return readings


def readings_of(logits: np.ndarray) -> list[WordReading]:
    """What the reader says of crops, as words.

    Args:
        logits: shape (crops, tokens, places).
    """
    words = _words()
    shares = np.exp(log_probabilities(logits, [word.tokens for word in words]))
    readings = []
    for own in shares:
        likely: dict[tuple[Kind, str], float] = {}
        for word, share in zip(words, own.tolist(), strict=True):
            likely[word.kind, word.value] = likely.get((word.kind, word.value), 0.0) + share
        readings.append(WordReading(likely))
    return readings


@cache
def _words() -> Sequence[Word]:
    return known_words()


def _crop(image: np.ndarray, flat: FlatPage, place: WordPlace) -> np.ndarray:
    column, row = flat.lattice_of_px(np.asarray(place.middle_px))
    letter_px = float(np.clip(place.letter_px, *LETTERS_PX))
    return take_crop(image, flat.mesh, (float(column), float(row)), letter_px / PX_PER_BOX)
