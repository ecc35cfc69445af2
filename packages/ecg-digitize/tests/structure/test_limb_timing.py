"""Limb leads tell how far rows lean and where columns begin: their sums are zero only where time agrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_digitize.digitizers.structure.limb_timing import shift_by_limb_leads, slant_by_limb_leads
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.printed_pieces import PrintedPiece

LEVELS_MM = (40.0, 75.0, 110.0, 145.0, 180.0, 215.0)


def beats(x_mm: np.ndarray, widths_mm: Sequence[float]) -> np.ndarray:
    """A signal of beats 20 mm apart, its waves of the given widths."""
    phase_mm = np.mod(x_mm, 20.0)
    return sum(
        (-1) ** wave * 8.0 * np.exp(-(((phase_mm - 8 - 1.5 * wave) / width_mm) ** 2))
        for wave, width_mm in enumerate(widths_mm)
    )


def limb_leads(x_mm: np.ndarray) -> dict[str, np.ndarray]:
    one, two = beats(x_mm, (0.7, 0.9)), beats(x_mm, (1.1, 0.6, 1.5))
    return {
        "I": one,
        "II": two,
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
        "-aVR": (one + two) / 2,
    }


def page(columns: Sequence[Sequence[str]], slant: float, length_mm: float = 60.0) -> list[PrintedPiece]:
    """A page whose rows lean, cut as if they did not."""
    rows = len(columns[0])
    middle_mm = float(np.mean(LEVELS_MM[:rows]))
    pieces = []
    for column, leads in enumerate(columns):
        for row, lead in enumerate(leads):
            x_mm = column * length_mm + np.arange(0, length_mm, STEP_MM)
            height_mm = limb_leads(x_mm - slant * (LEVELS_MM[row] - middle_mm))[lead]
            pieces.append(
                PrintedPiece(
                    lead=lead,
                    row=row,
                    at_mm=column * length_mm,
                    column=column,
                    is_long=False,
                    x_mm=x_mm,
                    height_mm=height_mm + 3.0 * row,
                )
            )
    return pieces


@settings(max_examples=20, deadline=None)
@given(
    columns=st.sampled_from(
        [
            (("I", "II", "III"), ("aVR", "aVL", "aVF")),
            (("I", "II", "III", "aVR", "aVL", "aVF"),),
            (("aVL", "I", "-aVR", "II", "aVF", "III"),),
        ]
    ),
    slant=st.sampled_from([-0.018, -0.01, -0.004, 0.0, 0.003, 0.008, 0.015]),
)
def test_limb_leads_tell_any_slant(columns: Sequence[Sequence[str]], slant: float) -> None:
    pieces = page(columns, slant)
    assert slant_by_limb_leads(pieces, LEVELS_MM[: len(columns[0])]) == pytest.approx(slant, abs=0.0006)


def test_missing_stretches_do_not_count() -> None:
    pieces = page([("I", "II", "III")], 0.01)
    for number, piece in enumerate(pieces):
        piece.height_mm[number * 60 : number * 60 + 100] = np.nan
    assert slant_by_limb_leads(pieces, LEVELS_MM[:3]) == pytest.approx(0.01, abs=0.0006)


@pytest.mark.parametrize("columns", [[("aVR", "aVF")], [("I",)], [("I", "II"), ("III", "aVR")]])
def test_leads_of_no_common_sum_tell_nothing(columns: Sequence[Sequence[str]]) -> None:
    assert slant_by_limb_leads(page(columns, 0.01), LEVELS_MM[: len(columns[0])]) == 0


def test_leads_that_never_fit_tell_nothing() -> None:
    pieces = page([("I", "II", "aVR", "aVL")], 0.01)
    shuffled = [
        PrintedPiece(
            lead=lead,
            row=piece.row,
            at_mm=0.0,
            column=0,
            is_long=False,
            x_mm=piece.x_mm,
            height_mm=piece.height_mm,
        )
        for piece, lead in zip(pieces, ("aVR", "aVL", "I", "II"), strict=True)
    ]
    assert slant_by_limb_leads(shuffled, LEVELS_MM[:4]) == 0


def test_a_page_without_leads_tells_nothing() -> None:
    assert slant_by_limb_leads([], []) == 0
    assert shift_by_limb_leads([], 2.0) == 0


def columns_cut(shift_mm: float, border_mm: float, margin_mm: float) -> list[PrintedPiece]:
    """Two columns that touch at a border, cut as if it were so much farther left."""
    x_mm = np.arange(0, 2 * border_mm, STEP_MM)
    leads = limb_leads(x_mm)
    pieces = []
    for row, names in enumerate((("I", "aVR"), ("II", "aVL"), ("III", "aVF"))):
        row_mm = np.where(x_mm < border_mm, leads[names[0]], leads[names[1]])
        for column, lead in enumerate(names):
            ends_mm = (border_mm * column - shift_mm, border_mm * (column + 1) - shift_mm)
            along_mm = np.arange(ends_mm[0] - margin_mm, ends_mm[1] + margin_mm, STEP_MM)
            height_mm = np.interp(along_mm, x_mm, row_mm, left=np.nan, right=np.nan)
            pieces.append(
                PrintedPiece(
                    lead=lead,
                    row=row,
                    at_mm=ends_mm[0],
                    column=column,
                    is_long=False,
                    x_mm=along_mm,
                    height_mm=height_mm,
                )
            )
    return pieces


@pytest.mark.parametrize("shift_mm", [-0.75, -0.25, 0.0, 0.5, 1.0])
def test_a_complex_at_the_border_of_two_columns_tells_where_it_is(shift_mm: float) -> None:
    assert shift_by_limb_leads(columns_cut(shift_mm, 68.5, 2.5), 2.5) == pytest.approx(shift_mm, abs=0.25)


def test_a_border_without_a_complex_stays_where_it_is() -> None:
    assert shift_by_limb_leads(columns_cut(0.5, 60.0, 2.5), 2.5) == 0
