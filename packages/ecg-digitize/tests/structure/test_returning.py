"""Columns whose beats are the same ones, wherever each begins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.parted import columns_from
from ecg_digitize.digitizers.structure.printed_pieces import PrintedPiece, starts_by_beats_mm
from ecg_digitize.digitizers.structure.returning import shifts_of_same_beats_mm
from ecg_digitize.digitizers.structure.same_seconds import show_same_seconds

COLUMN_MM = 64.0
IRREGULAR = np.cumsum([4.0, 16.7, 12.8, 10.5, 10.7])


def bumps(at_mm: np.ndarray, length_mm: float = COLUMN_MM) -> np.ndarray:
    x_mm = np.arange(0, length_mm, STEP_MM)
    return np.exp(-(((x_mm[:, None] - at_mm) / 0.8) ** 2)).sum(axis=1)


@given(
    intervals_mm=st.permutations([8.0, 11.0, 14.5, 18.0]),
    shifts_mm=st.lists(st.floats(-5, 5), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
)
@settings(max_examples=100, deadline=None)
def test_beats_of_the_same_seconds_tell_where_each_column_begins(
    intervals_mm: list[float], shifts_mm: list[float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    beats_mm = 6 + np.cumsum([0.0, *intervals_mm])
    columns = [beats_mm + shift + rng.normal(0, 0.1, len(beats_mm)) for shift in (0.0, *shifts_mm)]
    found = shifts_of_same_beats_mm(columns, COLUMN_MM)
    assert found is not None
    assert found == pytest.approx([0.0, *shifts_mm], abs=0.4)


def test_a_column_may_show_one_beat_more_or_less_at_an_end() -> None:
    found = shifts_of_same_beats_mm([IRREGULAR, IRREGULAR[1:] - 3.0, np.array([*IRREGULAR, 63.0]) + 1.0], COLUMN_MM)
    assert found == pytest.approx([0.0, -3.0, 1.0])


@pytest.mark.parametrize(
    "others_mm",
    [
        [np.cumsum([4.0, 12.8, 10.5, 16.7, 10.7])],
        [IRREGULAR + 9.0],
        [IRREGULAR, np.add(IRREGULAR, [0, 2, 0, 0, 0])],
        [IRREGULAR[:3], IRREGULAR[:3]],
    ],
    ids=["other intervals", "too far", "one beat elsewhere", "too few"],
)
def test_other_beats_are_not_the_same(others_mm: list[np.ndarray]) -> None:
    assert shifts_of_same_beats_mm([IRREGULAR, *others_mm], COLUMN_MM) is None


@pytest.mark.parametrize(
    "intervals_mm", [(15.0, 15.0, 15.0), (10.0, 18.0, 10.0, 18.0), (8.0, 8.0, 14.0, 8.0, 8.0, 14.0)]
)
def test_a_rhythm_that_repeats_itself_returns_in_other_seconds_too(intervals_mm: tuple[float, ...]) -> None:
    beats_mm = 3 + np.cumsum([0.0, *intervals_mm])
    assert shifts_of_same_beats_mm([beats_mm, beats_mm + 2.0], 90.0) is None


def test_columns_that_are_not_alike_may_show_the_same_seconds() -> None:
    at_mm = [IRREGULAR + shift for shift in (0.0, -0.8, 2.7, 4.9)]
    assert show_same_seconds([bumps(own) for own in at_mm], STEP_MM) is True
    follow = [bumps(np.cumsum(own)) for own in ([4, 16.7, 12.8, 10.5, 10.7], [3, 11, 14, 10, 15], [6, 9, 12.4, 17, 11])]
    assert show_same_seconds(follow, STEP_MM) is False


def test_their_beats_tell_how_long_such_columns_are() -> None:
    shifts_mm = (0.0, -0.8, 2.7, 4.9)
    x_mm = np.arange(0, COLUMN_MM, STEP_MM)
    pieces = [
        PrintedPiece(
            lead=lead,
            row=0,
            at_mm=column * COLUMN_MM,
            column=column,
            is_long=False,
            x_mm=column * COLUMN_MM + x_mm,
            height_mm=8 * bumps(IRREGULAR + shifts_mm[column]),
        )
        for column, lead in enumerate(("V1", "V2", "V3", "V4"))
    ]
    starts_mm = starts_by_beats_mm(pieces)
    assert starts_mm == pytest.approx([0.0, 63.2, 130.7, 196.9], abs=0.3)
    columns = columns_from(starts_mm, 256.0)
    assert columns is not None
    assert columns.lengths_mm == pytest.approx((63.2, 67.5, 66.2, 59.1), abs=0.5)
    assert columns_from([0.0, 63.2, 130.7, 250.0], 256.0) is None, "no room for the last"
    alike = [p for p in pieces if p.column < 2]
    assert starts_by_beats_mm(alike) is None, "where they were taken to be"
