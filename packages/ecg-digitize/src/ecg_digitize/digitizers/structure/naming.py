"""Names of all leads of a page: as they were read, and where they were not, as makers print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement

import attrs
import numpy as np

from ecg_core.leads import EXTRA_LEADS
from ecg_core.paper import Layout
from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import NameGrid
from ecg_digitize.digitizers.structure.orders import OTHER, SAME, Block, Family, families, likeness, plain

UNKNOWN = "?"
"""Stands for a name that nobody could read."""

UNREAD, NO_COLUMN = -0.15, -1.0
"""What a name of a block costs that was not read, in names that fit; and a column of which none was read."""

FREE, FREE_UNREAD, TWICE = 0.65, -0.4, -1.0
"""What a name is worth in a block that no maker is known to print; one that was not read; and one that stands twice."""

SPARE_NAME, SPARE_ROW = -0.9, -0.25
"""What a name beside a block costs that its row should not have, and a row that no name tells of."""

LONG_NAME = 0.3
ABOVE = -0.5
"""What a row of one lead costs that stands above those of several, which is rare."""

RHYTHM_PRIOR: Mapping[str, float] = {"II": 0.3, "V1": 0.2, "V5": 0.15}
"""What leads are likelier than others to have a row for themselves, in names."""

STRAY, MOST_STRAYS = -0.2, 15
"""What a name costs that stands nowhere, and how many count at most: waves of a restless trace are taken for names."""

LEAST_READ = 0.3
"""Share of the names of a block that must be read as makers print them, for the others to be taken from there."""

LEAST_WAVES = 0.1
"""A row with ink away from its level in fewer columns is the line of a frame."""

SURE = 0.6
"""Certainty from which a name is believed against what a maker would print there."""

WEAK, SHORT, BROKEN, NEAR = 0.45, 0.5, 0.75, 0.45
"""A row without a name is none if its ink is weaker than so much of that of the others, if it is shorter, if it has
more gaps, or if it lies nearer to another row than so much of their distance."""


@attrs.frozen
class RowNames:
    """A row of leads.

    Attributes:
        row: number of the row of ink.
        leads: its leads, from left to right; `UNKNOWN` where a name is not known.
        is_read: for each whether its name was read as that.
    """

    row: int
    leads: tuple[str, ...]
    is_read: tuple[bool, ...]


@attrs.frozen
class Naming:
    """The names of a page.

    Attributes:
        rows: the rows that are traces, from the top.
        agreement: share of the names of the short rows that were read as they are.
        misread: what was read where another name is meant: pairs of the lead and what was read.
        score: what all of it is worth, in names that fit.
    """

    rows: tuple[RowNames, ...]
    agreement: float
    misread: tuple[tuple[str, str], ...]
    score: float


@attrs.frozen
class NamedRows:
    """The likeliest names of a page, and the grid that they were read from."""

    grid: NameGrid
    naming: Naming


def name_rows(grids: Iterable[NameGrid], rows: Sequence[InkRow], layouts: Iterable[Layout] = ()) -> NamedRows:
    """The names of the leads of every row.

    Every run of rows is tried as the block of short rows, and for it every order that makers print.

    Args:
        grids: names by rows and columns, in every way that may be meant.
        rows: the rows of ink, from the top.
        layouts: further knowledge of what is printed.
    """
    layouts = tuple(layouts)
    found = [NamedRows(grid, _name_by(grid, rows, layouts)) for grid in grids]
    return max(found, key=lambda each: each.naming.score)


def _name_by(grid: NameGrid, rows: Sequence[InkRow], layouts: Sequence[Layout]) -> Naming:
    columns = max(len(grid.columns_mm), 1)
    cells = [row if row else (None,) for row in grid.cells]
    real = is_trace(rows, [has_own_name(row) for row in cells])
    best = Naming((), 0.0, (), -np.inf)
    for first, last in combinations_with_replacement(range(len(rows)), 2):
        block = [row for row in range(first, last + 1) if real[row]]
        if not block or block[0] != first or block[-1] != last:
            continue
        best = max(best, _best_of_block(cells, rows, real, block, columns, layouts), key=lambda found: found.score)
    strays = sorted((mark.certainty for mark in grid.strays), reverse=True)
    return attrs.evolve(best, score=best.score + STRAY * sum(strays[:MOST_STRAYS]))


def traces_among(rows: Sequence[InkRow]) -> list[InkRow]:
    """Rows of ink without frames and lines of words, which are straight or have gaps and are short."""
    if not rows:
        return []
    length = float(np.median([row.length_mm for row in rows]))
    return [
        row for row in rows if row.waves >= LEAST_WAVES and (row.coverage >= BROKEN or row.length_mm >= SHORT * length)
    ]


def is_trace(rows: Sequence[InkRow], named: Sequence[bool]) -> list[bool]:
    """Whether each row of ink is a trace; a named one is, others have to look like one."""
    if not rows:
        return []
    sample = [row for row, has_name in zip(rows, named, strict=True) if has_name] or list(rows)
    strength, length = np.median([(row.strength, row.length_mm) for row in sample], axis=0)
    pitch = _pitch([row.y_mm for row in sample])
    kept: list[bool] = []
    for row, has_name in zip(rows, named, strict=True):
        beside = min((abs(row.y_mm - other.y_mm) for other in sample if other is not row), default=np.inf)
        looks = (
            row.strength >= WEAK * strength
            and row.length_mm >= SHORT * length
            and row.coverage >= BROKEN
            and beside >= NEAR * pitch
        )
        kept.append(bool(has_name or looks))
    return kept


def _pitch(heights: Sequence[float]) -> float:
    return float(np.median(np.diff(sorted(heights)))) if len(heights) > 1 else 0.0


def _best_of_block(
    cells: Sequence[Sequence[NameMark | None]],
    rows: Sequence[InkRow],
    real: Sequence[bool],
    block: Sequence[int],
    columns: int,
    layouts: Sequence[Layout],
) -> Naming:
    """The best names where some rows are those of several leads, or, of one column, all that there are."""
    reads = [list(cells[row]) for row in block]
    known = [_by_family(reads, family) for family in families(len(block), columns, layouts)]
    likely = [found for found in known if _share_read(reads, found[0]) >= LEAST_READ]
    names, score = max([*likely, _as_read(reads)], key=lambda found: found[1])
    outside = [row for row in range(len(rows)) if real[row] and row not in block]
    long_rows = []
    for row in outside:
        if columns == 1:
            score += SPARE_NAME if any(cells[row]) else SPARE_ROW
            continue
        lead, worth = name_long_row(cells[row])
        long_rows.append(RowNames(row, (lead,), (lead != UNKNOWN,)))
        score += worth + (ABOVE if row < block[0] else 0.0)
    short = [RowNames(row, leads, _are_read(own, leads)) for row, leads, own in zip(block, names, reads, strict=True)]
    misread = [
        (lead, mark.name)
        for leads, own in zip(names, reads, strict=True)
        for lead, mark in zip(leads, own, strict=True)
        if mark is not None and plain(mark.name) != plain(lead)
    ]
    every = tuple(sorted((*short, *long_rows), key=lambda each: each.row))
    return Naming(every, _share_read(reads, names), tuple(misread), score)


def _by_family(reads: Sequence[Sequence[NameMark | None]], family: Family) -> tuple[Block, float]:
    """A block as a maker prints it, but for leads that only its print can tell; and what it is worth."""
    score, names = family.prior, []
    for own, expected in zip(reads, family.rows, strict=True):
        leads = []
        for mark, lead in zip(own, expected, strict=True):
            is_extra = mark is not None and mark.name in EXTRA_LEADS and mark.certainty >= SURE
            leads.append(mark.name if mark is not None and is_extra else lead)
            score += UNREAD if mark is None else mark.certainty * likeness(mark.name, leads[-1])
        names.append(tuple(leads))
    score += NO_COLUMN * sum(not any(column) for column in zip(*reads, strict=True))
    return tuple(names), score


def _share_read(reads: Sequence[Sequence[NameMark | None]], names: Block) -> float:
    """Share of the names of a block that were read as they are."""
    return float(
        np.mean([is_read for own, leads in zip(reads, names, strict=True) for is_read in _are_read(own, leads)])
    )


def _are_read(marks: Sequence[NameMark | None], leads: Sequence[str]) -> tuple[bool, ...]:
    return tuple(mark is not None and plain(mark.name) == plain(lead) for mark, lead in zip(marks, leads, strict=True))


def _as_read(reads: Sequence[Sequence[NameMark | None]]) -> tuple[Block, float]:
    """A block as it was read; and what it is worth."""
    names = tuple(tuple(UNKNOWN if mark is None else mark.name for mark in own) for own in reads)
    marks = [mark for own in reads for mark in own]
    score = sum(FREE_UNREAD if mark is None else FREE * mark.certainty for mark in marks)
    known = [name for row in names for name in row if name != UNKNOWN]
    return names, score + TWICE * (len(known) - len(set(known)))


def has_own_name(cells: Sequence[NameMark | None]) -> bool:
    """Whether a row is named where its first lead begins, or in several columns."""
    return bool(cells) and (cells[0] is not None or sum(mark is not None for mark in cells) > 1)


def name_long_row(cells: Sequence[NameMark | None]) -> tuple[str, float]:
    """Lead of a row that has one alone, and what that is worth; its name may be printed in every column."""
    marks = [mark for mark in cells if mark is not None]
    if not has_own_name(cells):
        return UNKNOWN, SPARE_ROW + SPARE_NAME * len(marks)
    names = {mark.name for mark in marks}
    worth = {
        name: sum(mark.certainty * max(likeness(mark.name, name), OTHER) for mark in marks)
        + RHYTHM_PRIOR.get(name, 0.0)
        for name in names
    }
    lead = max(worth, key=lambda name: worth[name])
    others = sum(plain(mark.name) != plain(lead) for mark in marks)
    return lead, LONG_NAME * SAME + SPARE_NAME * others
