"""The tokens that printed words are spelled with, and the words that matter: names of leads, speeds and gains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import attrs

from ecg_digitize.digitizers.neural.markers.classes import NAMES

END = ""
"""Behind the last token of a word."""

ANY = "?"
"""Any letters and signs that have no token of their own, one after the other."""

PER_SECOND, PER_MILLIVOLT = "mm/s", "mm/mV"

TOKENS = (
    END,
    *("I", "II", "III", "a", "V", "R", "L", "F"),
    *"0123456789",
    *(".", "-"),
    *(PER_SECOND, PER_MILLIVOLT),
    ANY,
)
"""What the reader tells apart, in the order of its outputs. Roman numbers and units are tokens of their own: strokes
side by side are hard to count one by one, and letters that make up a unit mean nothing elsewhere."""

LONGEST = 8
"""A word has so many tokens at most."""

SPEEDS_MM_PER_S = (12.5, 25.0, 50.0, 100.0)
GAINS_MM_PER_MV = (2.5, 5.0, 10.0, 20.0, 40.0)
"""What pages are printed at."""

UNIT = re.compile(r"mm\s*/\s*(?:(?P<speed>s(?:ec|ek)?)|(?P<gain>1?\s*mv))\.?(?![a-z])", re.IGNORECASE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
NAME = re.compile(r"-?(?:I{1,3}|aV[RLF]|V[1-9]|V[3-6]R)", re.IGNORECASE)
FEW_DIGITS = 6
"""A stray number with more digits and signs is not spelled out: it is long enough to be told by that."""

Kind = Literal["name", "speed", "gain", "none"]


@attrs.frozen
class Word:
    """A word that matters.

    Attributes:
        kind: what it is; ``none`` is no word at all, or a word without numbers that is no name.
        value: the lead, or the number in mm/s or mm/mV as text (``12.5``); empty for none.
        tokens: numbers in `TOKENS` of how it is spelled.
    """

    kind: Kind
    value: str
    tokens: tuple[int, ...]


def tokens_of_name(name: str) -> tuple[int, ...]:
    """The tokens of a lead's name, however it is spelled: ``avr`` as ``aVR``."""
    plain = name.lower().replace(" ", "")
    if set(plain.lstrip("-")) == {"i"}:
        return _numbers((*("-" * plain.startswith("-")), plain.lstrip("-").upper()))
    return _numbers("a" if letter == "a" else letter.upper() for letter in plain)


def tokens_of_number(number: str, unit: str = "") -> tuple[int, ...]:
    """The tokens of a number and its unit, one of `PER_SECOND` and `PER_MILLIVOLT`, or none."""
    return _numbers((*number.replace(",", "."), *([unit] if unit else [])))


def tokens_of_text(text: str) -> tuple[int, ...]:
    """The tokens of any words as the reader is to read them: names, numbers with what follows them, or just words."""
    text = text.strip(" :,;|[]()=")
    if NAME.fullmatch(text):
        return tokens_of_name(text)
    number = NUMBER.match(text)
    unit = UNIT.match(text[number.end() :].strip()) if number else None
    if number and unit:
        return tokens_of_number(number[0], PER_SECOND if unit["speed"] else PER_MILLIVOLT)
    known = [letter if letter in "0123456789.-" else ANY for letter in text.replace(",", ".") if letter != " "]
    kept = [sign for place, sign in enumerate(known) if sign != ANY or place == 0 or known[place - 1] != ANY]
    return _numbers(kept if len(kept) <= FEW_DIGITS else (ANY,))


def known_words() -> tuple[Word, ...]:
    """Every word that matters in every way in which it is spelled, and what shows that there is none."""
    names = [Word("name", name, tokens_of_name(sign + name)) for name in NAMES for sign in _signs(name)]
    speeds = [
        Word("speed", f"{value:g}", tokens_of_number(text, PER_SECOND))
        for value in SPEEDS_MM_PER_S
        for text in _spelled(value)
    ]
    gains = [
        Word("gain", f"{value:g}", tokens_of_number(text, PER_MILLIVOLT))
        for value in GAINS_MM_PER_MV
        for text in _spelled(value)
    ]
    return (*names, *speeds, *gains, Word("none", "", ()), Word("none", "", _numbers((ANY,))))


def _signs(name: str) -> Sequence[str]:
    """Only aVR is printed upside down."""
    return ("", "-") if name == "aVR" else ("",)


def _spelled(value: float) -> Sequence[str]:
    return (f"{value:g}", f"{value:.1f}") if value == int(value) else (f"{value:g}",)


def _numbers(tokens: Iterable[str]) -> tuple[int, ...]:
    return tuple(TOKENS.index(token) for token in tokens)
