"""Rows of ink that are printed words."""

from __future__ import annotations

import attrs

from ecg_digitize.digitizers.structure.evidence import InkRow, PrintedScale
from ecg_digitize.digitizers.structure.word_rows import which_are_words

WORDS = InkRow(120.2, 0.09, 10.0, 187.0, 0.92, 0.43, joined=0.32)
SPEED, GAIN = PrintedScale("speed", 25.0, 0.99, (24.0, 121.0)), PrintedScale("gain", 10.0, 0.99, (38.0, 121.0))


def test_ink_in_pieces_where_speed_and_gain_are_printed_is_their_words() -> None:
    trace = attrs.evolve(WORDS, y_mm=80.0)
    assert which_are_words([trace, WORDS], [SPEED, GAIN]) == [False, True]


def test_words_that_touch_the_edge_of_a_grid_are_words() -> None:
    assert which_are_words([attrs.evolve(WORDS, joined=0.57)], [SPEED, GAIN]) == [True]


def test_a_trace_that_words_stand_beside_is_none() -> None:
    """It hangs together; of words that stand about, one may come near to any row."""
    whole = attrs.evolve(WORDS, joined=0.9)
    assert which_are_words([whole], [SPEED, GAIN]) == [False]
    far = attrs.evolve(GAIN, place_mm=(150.0, 200.0))
    for printed in ([SPEED], [SPEED, far], [SPEED, attrs.evolve(GAIN, place_mm=None)], []):
        assert which_are_words([WORDS], printed) == [False]
