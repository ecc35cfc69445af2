"""Orders in which makers print leads: prior knowledge by which names that were misread or not read are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import attrs

from ecg_core.leads import CABRERA_LEADS, CHEST_LEADS, EXTRA_LEADS, LIMB_LEADS, STANDARD_LEADS, UNKNOWN_LEAD
from ecg_core.paper import Layout

Block = tuple[tuple[str, ...], ...]

RIGHT_AND_BACK = (("V4R", "V8", "V9"), ("V3R", "V4R", "V7"), ("V7", "V8", "V9"))
ORDERS: tuple[tuple[str, ...], ...] = (
    STANDARD_LEADS,
    CABRERA_LEADS,
    LIMB_LEADS,
    CHEST_LEADS,
    CABRERA_LEADS[:6],
    *((*STANDARD_LEADS, *extra) for extra in RIGHT_AND_BACK),
)
"""Leads in the order in which they are printed down the columns of a page, the likeliest first."""

USUAL = (*STANDARD_LEADS, *EXTRA_LEADS)
"""All leads, as they follow each other where any of them are printed."""

SEVERAL = 4
"""Fewer names stand in their order by chance."""

RARER = 0.05
"""How much less likely an order is than the one before it, in names that fit."""

ALIKE = (
    {"I", "II", "III"},
    {"aVR", "aVL", "aVF"},
    {*CHEST_LEADS, *EXTRA_LEADS},
)
"""Names that look alike when print is small or a bar or a trace runs through them."""

SAME, SIMILAR, OTHER = 1.0, 0.3, -0.7

MOVED = {"V3": {"V3R"}, "V4": {"V4R", "V7"}, "V5": {"V8"}, "V6": {"V7", "V9"}}
"""What is printed instead of a chest lead whose electrode was put elsewhere, on the right side or on the back."""


@attrs.frozen
class Family:
    """Names of a block of rows and columns.

    Attributes:
        rows: the names, row by row.
        prior: what it is less likely than the likeliest, in names that fit.
    """

    rows: Block
    prior: float


def plain(lead: str) -> str:
    """A lead as its name reads: one that is printed upside down has the same letters beside a sign."""
    return lead.removeprefix("-")


def likeness(read: str, expected: str) -> float:
    """How well a name that was read fits the one that was expected, from `OTHER` to `SAME`."""
    if plain(read) == plain(expected):
        return SAME
    return SIMILAR if any({plain(read), plain(expected)} <= group for group in ALIKE) else OTHER


def may_be_printed_instead(lead: str, expected: str) -> bool:
    """Whether a lead of the right side or the back may stand where a maker prints another one.

    No electrode is moved from the middle of the breast bone to the back: V9 between V1 and V3 is a misread V2.
    """
    return lead in EXTRA_LEADS and (expected in EXTRA_LEADS or lead in MOVED.get(expected, ()))


def families(num_rows: int, num_columns: int, layouts: Iterable[Layout] = ()) -> list[Family]:
    """Blocks of so many rows and columns as makers print them, the likeliest first.

    Args:
        num_rows: rows of the block.
        num_columns: columns of the block.
        layouts: further knowledge: the short rows of these layouts are blocks as well.
    """
    found: dict[Block, float] = {}
    for number, order in enumerate(ORDERS):
        if len(order) == num_rows * num_columns:
            found.setdefault(_down(order, num_rows), -RARER * number)
            found.setdefault(_along(order, num_columns), -RARER * (number + len(ORDERS)))
    for layout in layouts:
        if len(layout.rows) == num_rows and {len(row) for row in layout.rows} == {num_columns}:
            found.setdefault(layout.rows, -RARER * len(ORDERS))
    return [Family(rows, prior) for rows, prior in found.items()]


def rise(block: Block) -> bool:
    """Whether several names all stand in the usual order, down the columns or along the rows, with some left out."""
    along = [lead for row in block for lead in row if lead != UNKNOWN_LEAD]
    down = [lead for column in zip(*block, strict=True) for lead in column if lead != UNKNOWN_LEAD]
    return len(along) >= SEVERAL and any(
        all(USUAL.index(plain(before)) < USUAL.index(plain(lead)) for before, lead in pairwise(order))
        for order in (along, down)
    )


def _down(order: Sequence[str], num_rows: int) -> Block:
    return tuple(tuple(order[row::num_rows]) for row in range(num_rows))


def _along(order: Sequence[str], num_columns: int) -> Block:
    return tuple(tuple(order[first : first + num_columns]) for first in range(0, len(order), num_columns))
