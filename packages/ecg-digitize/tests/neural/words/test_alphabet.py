from __future__ import annotations

import pytest

from ecg_digitize.digitizers.neural.markers.classes import NAMES
from ecg_digitize.digitizers.neural.words.alphabet import (
    LONGEST,
    TOKENS,
    known_words,
    tokens_of_name,
    tokens_of_number,
    tokens_of_text,
)


def spelled(tokens: tuple[int, ...]) -> str:
    return " ".join(TOKENS[token] for token in tokens)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|II|", "II"),
        ("III:", "III"),
        ("AVR", "a V R"),
        ("avl", "a V L"),
        ("-aVR", "- a V R"),
        ("v6", "V 6"),
        ("V3R", "V 3 R"),
        ("25mm/s", "2 5 mm/s"),
        ("12,5 mm/sec", "1 2 . 5 mm/s"),
        ("10.0 mm/mV,", "1 0 . 0 mm/mV"),
        ("10 mm/mv", "1 0 mm/mV"),
        ("50 Hz", "5 0 ?"),
        ("25 years", "2 5 ?"),
        ("25 mm", "2 5 ?"),
        ("5 mm/min", "5 ?"),
        ("0.05-150 Hz", "?"),
        ("Sinus", "?"),
        ("V10", "? 1 0"),
        ("IV", "?"),
        ("96", "9 6"),
        ("", ""),
    ],
)
def test_words_are_spelled_as_they_are_to_be_read(text: str, expected: str) -> None:
    assert spelled(tokens_of_text(text)) == expected


def test_names_are_spelled_alike_in_every_writing() -> None:
    for name in NAMES:
        same = {tokens_of_name(text) for text in (name, name.upper(), name.lower(), " ".join(name))}
        assert len(same) == 1, name
    assert len({tokens_of_name(name) for name in NAMES}) == len(NAMES)


def test_words_that_matter_are_told_apart_and_fit() -> None:
    words = known_words()
    assert len({word.tokens for word in words}) == len(words)
    assert all(len(word.tokens) <= LONGEST and all(word.tokens) for word in words)
    assert {word.value for word in words if word.kind == "speed"} == {"12.5", "25", "50", "100"}
    assert tokens_of_number("12.5", "mm/s") in {word.tokens for word in words if word.value == "12.5"}
    assert {word.value for word in words if word.kind == "name"} == set(NAMES)
