"""Names of all leads of a page: as they were read, and where they were not, as makers print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, pairwise
from statistics import median
from typing import Self

import attrs
import numpy as np

from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Layout
from ecg_digitize.digitizers.structure.evidence import BEYOND_MM, MOSTLY_JOINED, STROKE, InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import NEARER, NameGrid
from ecg_digitize.digitizers.structure.once import each_once, surest_of_each
from ecg_digitize.digitizers.structure.orders import (
    OTHER,
    SAME,
    Block,
    Family,
    families,
    likeness,
    may_be_printed_instead,
    plain,
    rise,
)

UNREAD, NO_COLUMN = -0.15, -1.0
"""What a name of a block costs that was not read, in names that fit; and a column of which none was read."""

BEHIND_A_LINE_MM, MISSED_LINE = (-6.0, 21.0), -1.0
"""The names of a column stand so far to the right of the line that parts it from the one before; and what it costs that
such a line has no column."""

FREE, FREE_IN_ORDER, FREE_UNREAD, TWICE = 0.65, 0.85, -0.4, -1.0
"""What a name is worth in a block that no maker is known to print; where they all rise from lead to lead, though some
are left out; one that was not read; and one that stands twice."""

SPARE_NAME, SPARE_ROW = -0.9, -0.25
"""What a name beside a block costs that its row should not have, and a row that no name tells of."""

LEFT_OUT, NO_INK_MM = -0.4, 1.0
"""What it costs on a page without any name to leave out a row, by its ink that hangs together, as the most has; on some
pages that of no row does."""

UNLIKE = -0.8
"""What a row of a block costs that does not look like the others: words of the page's head read as names, say."""

LONG_NAME = 0.3
ABOVE = -0.5
"""What a row of one lead costs that stands above those of several, which is rare; or above what is taken for all rows
of a page without names, which may be any of them."""

RHYTHM_PRIOR: Mapping[str, float] = {"II": 0.3, "V1": 0.2, "V5": 0.15}
"""What leads are likelier than others to have a row for themselves, in names."""

OF_STROKES = "II"
"""A stroke that was not read clearly below rows of several leads is one of this: where a trace runs through the other
one, a single one is read, and hardly a maker prints a row of I there."""

STRAY, MOST_STRAYS = -0.2, 15
"""What a name costs that stands nowhere, and how many count at most: waves of a restless trace are taken for names."""

LACKS_PULSE, MOVED = -0.5, -0.5
"""What a row costs that only its names tell, and that has no pulse as all others have: names of all rows fit the words
of the head or foot, too, with the row beside these. And what it costs where its ink is in pieces, that of all others
hangs together, and the one at the other end has lost its name."""

MISFIT = -0.03
"""What a millimetre costs by which the names of a row stand elsewhere than those of the others."""

LEAST_READ = 0.3
"""Share of the names of a block that must be read as makers print them, for the others to be taken from there."""

FRAME_WAVES = 0.3
"""A row with so little ink away from its level that reaches over the others at both ends is a frame."""

LEAST_WAVES, WAVES_OF_A_LEAD, SAME_ENDS_MM = 0.1, 0.04, 1.5
"""A row with ink away from its level in fewer columns is the line of a frame; between the first two it may be a lead
whose waves are small, which begins or ends where the others do, within the third."""

IN_STEP, CALMER = 0.12, 0.5
"""Rows stand so evenly below each other: by so much of their distance they differ; and none has less than so much of
the waves of the calmest other one."""

WORDS_JOINED, WORDS_BROKEN, WHOLE = 0.05, 0.75, 0.9
"""A row whose ink hangs together over less of its length, and has more gaps or is short, is a line of words, where the
ink of a quarter of the rows hangs together, or of all others throughout; unless it begins and ends where the others do.
Large letters have as few gaps as traces, and need none where these hang together over so much of their length."""

SURE, CLEAR, BEYOND_DOUBT = 0.6, 0.75, 0.97
"""Certainty from which a name is believed against what a maker would print there, from which it tells that there is a
row, and from which it does so of one whose ink is torn by the waves of others."""

IN_LINE_MM = 3.0
"""A name that tells a row stands as far above or below it as the others do but for so much."""

FAINT = 0.6
"""Words on a line have so much less ink than traces, and hang together over so much less of their length."""

FAR = 1.5
"""So many distances of rows above the others stands what is words, not a row."""

WITHIN_MM, TORN = 15.0, 0.75
"""What begins so far behind the rows and ends so far before them is no row: those of a page have the same length. And
what hangs together over less of its length than the second is torn, where all others are whole."""

WEAK, SHORT, BROKEN, NEAR, FAINTER = 0.5, 0.6, 0.8, 0.45, 0.85
"""A row without a name is none if its ink is weaker than so much of that of the others, if it is shorter, if it has
more gaps, unless it hangs together from where the others begin to where they end, or if it lies nearer to another row
than so much of their distance. A named one may be fainter: the last."""


@attrs.frozen
class RowNames:
    """A row of leads.

    Attributes:
        row: number of the row of ink.
        leads: its leads, from left to right; `UNKNOWN_LEAD` where a name is not known.
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
        is_free: whether no maker is known to print the short rows so: nothing but their letters tells their names.
    """

    rows: tuple[RowNames, ...]
    agreement: float
    misread: tuple[tuple[str, str], ...]
    score: float
    is_free: bool = False

    @property
    def num_read(self) -> int:
        """How many names were read as they are."""
        return sum(sum(row.is_read) for row in self.rows)

    @property
    def num_columns(self) -> int:
        """Leads of the rows with the most."""
        return max((len(row.leads) for row in self.rows), default=0)

    def with_leads(self, leads: Mapping[int, str]) -> Self:
        """The names with those of some rows of a single lead, by their numbers, that something else tells."""
        rows = [
            RowNames(row.row, (leads[number],), (False,)) if number in leads else row
            for number, row in enumerate(self.rows)
        ]
        return attrs.evolve(self, rows=tuple(rows))


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
    return max(ways_to_name_rows(grids, rows, layouts), key=lambda each: each.naming.score)


def ways_to_name_rows(
    grids: Iterable[NameGrid], rows: Sequence[InkRow], layouts: Iterable[Layout] = (), lines_mm: Sequence[float] = ()
) -> list[NamedRows]:
    """The likeliest names of the leads of every row for each distance at which names may stand above or below theirs.

    Args:
        grids: as of `name_rows`.
        rows: likewise.
        layouts: likewise.
        lines_mm: where lines part the rows evenly, see `even_lines_mm`.
    """
    layouts = tuple(layouts)
    best: dict[float, NamedRows] = {}
    for grid in grids:
        naming = _name_by(grid, rows, layouts)
        naming = attrs.evolve(naming, score=naming.score + _worth_of_lines(grid, naming, lines_mm))
        found = NamedRows(grid, naming)
        known = best.setdefault(grid.shift_mm, found)
        if found.naming.score > known.naming.score:
            best[grid.shift_mm] = found
    return list(best.values())


def _worth_of_lines(grid: NameGrid, naming: Naming, lines_mm: Sequence[float]) -> float:
    """What lines that part the rows say of some columns: one that a line begins is there, though no name was read."""
    if not lines_mm or naming.num_columns != max(len(grid.columns_mm), 1):
        return 0.0
    nearest, farthest = BEHIND_A_LINE_MM
    block = [grid.cells[row.row] for row in naming.rows if len(row.leads) == naming.num_columns]
    behind = [
        [column for column, at_mm in enumerate(grid.columns_mm) if nearest <= at_mm - line_mm <= farthest]
        for line_mm in lines_mm
    ]
    unread = {column for columns in behind for column in columns if not any(cells[column] for cells in block if cells)}
    return -NO_COLUMN * len(unread) + (0.0 if all(behind) else MISSED_LINE)


def name_as_told(grids: Iterable[NameGrid], rows: Sequence[InkRow], told: Layout) -> NamedRows:
    """The names of a page whose layout is known: which of its rows of ink are those of the layout.

    Args:
        grids: names by rows and columns, in every way that may be meant.
        rows: the rows of ink, from the top; at least as many as the layout has.
        told: the layout.
    """
    leads = (*told.rows, *((lead,) for lead in told.rhythm_leads))
    tried = [
        NamedRows(grid, _as_told(grid, rows, leads, first))
        for grid in grids
        for first in range(len(rows) - len(leads) + 1)
    ]
    return max(tried, key=lambda each: each.naming.score)


def _as_told(grid: NameGrid, rows: Sequence[InkRow], leads: Block, first: int) -> Naming:
    """Names that are known, of the rows from one on: the more ink and the more of the names there, the likelier."""
    strongest = max(row.strength for row in rows)
    named, score = [], 0.0
    for row, own in enumerate(leads, start=first):
        cells = grid.cells[row] if len(grid.cells[row]) >= len(own) else (None,) * len(own)
        is_read = _are_read(cells[: len(own)], own)
        score += sum(is_read) + rows[row].strength / strongest
        named.append(RowNames(row, own, is_read))
    flags = [flag for row in named for flag in row.is_read]
    return Naming(tuple(named), float(np.mean(flags)), (), score)


Cells = tuple[tuple[NameMark | None, ...], ...]
"""The names that were read at the places of the rows' columns."""


def _name_by(grid: NameGrid, rows: Sequence[InkRow], layouts: tuple[Layout, ...]) -> Naming:
    """The likeliest names by one grid: of its rows, and what speaks against the grid as such."""
    cells: Cells = tuple(tuple(row) or (None,) for row in grid.cells)
    told = tuple(
        attrs.evolve(row, by_names=row.by_names or _is_told(row, own[0], grid.shift_mm))
        for row, own in zip(rows, cells, strict=True)
    )
    best = _best_of_rows(cells, told, layouts)
    strays = sorted((mark.certainty for mark in grid.strays), reverse=True)
    place = MISFIT * grid.misfit_mm - NEARER * abs(grid.shift_mm)
    beside = LACKS_PULSE * _num_without_pulse(rows) + MOVED * _are_moved(cells, rows)
    return attrs.evolve(best, score=best.score + STRAY * sum(strays[:MOST_STRAYS]) + place + beside)


def _num_without_pulse(rows: Sequence[InkRow]) -> int:
    """How many rows that only names tell have no pulse, where all that ink tells have one."""
    of_ink = [row for row in rows if not row.by_names]
    if len(of_ink) < 2 or not all(row.has_pulse for row in of_ink):
        return 0
    return sum(not row.has_pulse for row in rows if row.by_names)


def _are_moved(cells: Cells, rows: Sequence[InkRow]) -> bool:
    """Whether the names fit a row of words at one end, where the row at the other end has none: those of all rows fit
    the row above or below theirs as well."""
    of_ink = [row for row in rows if not row.by_names]
    if len(of_ink) < 2 or not all(row.hangs_together for row in of_ink):
        return False
    ends = ((rows[0], cells[-1]), (rows[-1], cells[0]))
    return any(row.by_names and row.joined < WORDS_JOINED and not any(opposite) for row, opposite in ends)


@lru_cache(maxsize=1000)
def _best_of_rows(cells: Cells, rows: tuple[InkRow, ...], layouts: tuple[Layout, ...]) -> Naming:
    """The likeliest names of rows of ink by what was read in their cells.

    Of all grids of a page, each gone through several times, half are the same but for what they cost as such.
    """
    best = Naming((), 0.0, (), -np.inf)
    alone = [name_long_row(own) for own in cells]
    for first, last in combinations_with_replacement(range(len(rows)), 2):
        span = range(first, last + 1)
        every = [rows[row] for row in span]
        usual = _Usual.of([rows[row] for row in span if any(cells[row])] or every, every)
        block = [row for row in span if any(cells[row]) or usual.is_like(rows[row])]
        if not block or block[0] != first or block[-1] != last:
            continue
        outside = [row for row in range(len(rows)) if row not in block]
        best = max(best, _best_of_block(cells, rows, block, outside, alone, layouts), key=lambda found: found.score)
    return best


def traces_among(rows: Sequence[InkRow]) -> list[InkRow]:
    """Rows of ink without frames and lines of words, which are straight or have gaps and are short.

    Where no row but lines of words has more than small waves, those that hang together are traces: a strip at half the
    usual gain.
    """
    waving = [row for row in rows if row.waves >= LEAST_WAVES]
    if _are_words(waving) or _are_in_pieces_beside_traces(waving, rows):
        waving = [row for row in rows if row.hangs_together and row.waves >= WAVES_OF_A_LEAD] or waving
    if not waving:
        return []
    length = median(row.length_mm for row in waving)
    traced = [row for row in waving if row.hangs_together] or waving  # words begin and end anywhere
    first, last = median(row.first_mm for row in traced), median(row.last_mm for row in traced)
    usual = _Usual.of(waving)
    a_quarter_does = float(np.quantile([row.joined for row in waving], 0.75)) >= MOSTLY_JOINED
    hang_together = a_quarter_does or _are_traces_among_words(waving)
    are_whole = median(row.joined for row in traced) >= WHOLE

    def is_lead_of_small_waves(row: InkRow) -> bool:
        has_their_ends = min(abs(row.first_mm - first), abs(row.last_mm - last)) <= SAME_ENDS_MM
        return row.waves >= WAVES_OF_A_LEAD and has_their_ends

    restless = _Usual.of([row for row in waving if _is_trace(row)] or traced)

    def is_frame(row: InkRow) -> bool:
        return row.waves < FRAME_WAVES and restless.is_within(row)

    def is_words(row: InkRow) -> bool:
        is_broken = are_whole or row.coverage < WORDS_BROKEN or row.length_mm < SHORT * length
        return hang_together and row.joined < WORDS_JOINED and is_broken and not usual.has_both_ends(row)

    return [
        row
        for row in rows
        if not is_words(row)
        and not is_frame(row)
        and (row.waves >= LEAST_WAVES or is_lead_of_small_waves(row))
        and (row.coverage >= BROKEN or row.length_mm >= SHORT * length)
    ]


def _are_in_pieces_beside_traces(rows: Sequence[InkRow], every: Sequence[InkRow]) -> bool:
    """Whether no part of some rows hangs together, while others of all rows do throughout, and begin and end alike."""
    whole = [row for row in every if row.joined >= WHOLE and row.waves >= WAVES_OF_A_LEAD]
    are_in_pieces = all(row.is_in_pieces for row in rows)
    return are_in_pieces and any(_Usual.of([one]).has_both_ends(other) for one, other in combinations(whole, 2))


def _are_traces_among_words(rows: Sequence[InkRow]) -> bool:
    """Whether all rows but those that hang together throughout are lines of words: those of the head and foot are more
    than the traces of a strip."""
    others = [row for row in rows if row.joined < WHOLE]
    return len(others) < len(rows) and _are_words(others)


def _are_words(rows: Sequence[InkRow]) -> bool:
    """Whether all of some rows are lines of words: in pieces with gaps, and no two of them begin and end alike, as
    traces do that a bad copy tore."""
    if any(row.joined >= WORDS_JOINED or row.coverage >= WORDS_BROKEN for row in rows):
        return False
    return not any(_Usual.of([one]).has_both_ends(other) for one, other in combinations(rows, 2))


def traces_left_out(rows: Sequence[InkRow], named: Sequence[InkRow]) -> list[InkRow]:
    """Rows of ink that are surely traces, as those that were named are, but are none of them.

    Args:
        rows: all rows of ink.
        named: those that were named.
    """
    usual = _Usual.of(named)
    others = [row for row in rows if all(row.y_mm != each.y_mm for each in named)]

    def is_trace(row: InkRow) -> bool:
        """A row of small waves is none that ends anywhere else than the others do: it is a line."""
        is_line = row.waves <= (WAVES_OF_A_LEAD if usual.has_both_ends(row, SAME_ENDS_MM) else LEAST_WAVES)
        return _is_trace(row) or (row.hangs_together and usual.has_both_ends(row) and not is_line)

    def is_alike(row: InkRow) -> bool:
        """A trace that wanders is faint at any one height; it begins and ends where the others do."""
        wanders = _is_trace(row) and usual.has_both_ends(row) and row.waves >= FRAME_WAVES
        return usual.is_like(row if not wanders else attrs.evolve(row, strength=usual.strength))

    return [row for row in others if is_trace(row) and is_alike(row) and not usual.is_within(row)]


@attrs.frozen
class _Usual:
    """What rows of a page are like, by which others are told.

    Every run of rows is tried, hundreds a page: medians of so few figures are taken without numpy, which is slower.
    """

    strength: float
    length_mm: float
    coverage: float
    heights_mm: tuple[float, ...]
    step_mm: float
    pitch_mm: float
    first_mm: float = -np.inf
    last_mm: float = np.inf

    @classmethod
    def of(cls, rows: Sequence[InkRow], among: Sequence[InkRow] = ()) -> Self:
        """What some rows are like, and how far from each other they lie, or all rows among which they are."""
        if not rows:
            return cls(strength=0.0, length_mm=0.0, coverage=1.0, heights_mm=(), step_mm=0.0, pitch_mm=0.0)
        step_mm = _pitch_mm(rows)
        return cls(
            strength=median(row.strength for row in rows),
            length_mm=median(row.length_mm for row in rows),
            coverage=median(row.coverage for row in rows),
            heights_mm=tuple(row.y_mm for row in rows),
            step_mm=step_mm,
            pitch_mm=min(step_mm, _pitch_mm(among)) if among else step_mm,
            first_mm=median(row.first_mm for row in rows),
            last_mm=median(row.last_mm for row in rows),
        )

    def is_within(self, row: InkRow) -> bool:
        """Whether they lie within a row from its beginning to its end, as within a frame, and some paper more."""
        return row.reaches_over(self.first_mm, self.last_mm)

    def has_both_ends(self, row: InkRow, within_mm: float = BEYOND_MM) -> bool:
        """Whether a row begins and ends where they do."""
        return max(abs(row.first_mm - self.first_mm), abs(row.last_mm - self.last_mm)) <= within_mm

    def is_in_step(self, row: InkRow, alike: Sequence[InkRow]) -> bool:
        """Whether a row begins and ends where they do, as do all that are `alike`, and stands as far from one of these,
        or of them, as they do from each other."""
        if not self.has_both_ends(row):
            return False
        if _is_a_step(row, self.heights_mm, self.step_mm):
            return True
        others = [other.y_mm for other in alike if other is not row]
        return _is_a_step(row, others, _median_step(others))

    def alike(self, rows: Sequence[InkRow]) -> list[InkRow]:
        """Those of all rows that hang together and begin and end where they do."""
        return [each for each in rows if each.hangs_together and self.has_both_ends(each)]

    def is_like(self, row: InkRow, *, is_named: bool = False) -> bool:
        """Whether a row looks like them: as strong, long and whole, and not too near to any; less so if it is named, or
        in step with them.

        A row with a calibration pulse is one of them, whatever its ink looks like; and one that its names tell, or that
        was read as a trace.
        """
        if row.has_pulse or row.by_names or row.reads:
            return True
        is_in_step = is_named or (self.has_both_ends(row) and _is_a_step(row, self.heights_mm, self.step_mm))
        needed, apart_mm = FAINTER if is_in_step else 1.0, NEAR * self.pitch_mm
        return (
            row.strength >= needed * WEAK * self.strength
            and row.length_mm >= needed * SHORT * self.length_mm
            and (row.coverage >= needed * BROKEN * self.coverage or (row.hangs_together and self.has_both_ends(row)))
            and not any(0 < abs(row.y_mm - other) < apart_mm for other in self.heights_mm)
        )


def _is_trace(row: InkRow) -> bool:
    """Whether a row is surely none of words or frames: it has a pulse, was read as a trace, or its ink waves and hangs
    together."""
    return row.has_pulse or row.reads or (row.hangs_together and row.waves >= FRAME_WAVES)


def _pitch_mm(rows: Sequence[InkRow]) -> float:
    """Distance of rows that follow each other; 0 for one alone."""
    return _median_step([row.y_mm for row in rows])


def _is_a_step(row: InkRow, heights_mm: Sequence[float], step_mm: float) -> bool:
    """Whether a row stands as far from one of some others as these do from each other."""
    return step_mm > 0 and any(abs(abs(row.y_mm - each) - step_mm) <= IN_STEP * step_mm for each in heights_mm)


def _median_step(heights_mm: Sequence[float]) -> float:
    return median(below - above for above, below in pairwise(heights_mm)) if len(heights_mm) > 1 else 0.0


def _is_told(row: InkRow, name: NameMark | None, shift_mm: float) -> bool:
    """Whether the name of its first lead tells a row whose ink is faint or scattered, for it wanders."""
    if name is None or name.certainty < (CLEAR if row.hangs_together else BEYOND_DOUBT):
        return False
    return abs(name.y_mm - shift_mm - row.level_mm) <= IN_LINE_MM


def _best_of_block(
    cells: Sequence[Sequence[NameMark | None]],
    rows: Sequence[InkRow],
    block: Sequence[int],
    outside: Sequence[int],
    alone: Sequence[tuple[str, float]],
    layouts: Sequence[Layout],
) -> Naming:
    """The best names where some rows are those of several leads, or, of one column, all that there are.

    Rows outside of them have a lead for themselves, as far as they look like traces. The words of a page's head stand
    above them, and those of its foot below: what has no name is a row above only if its ink waves and hangs together,
    or goes on with them, and below unless it is `_is_of_foot`. ``alone`` has each row's name and worth as such a row.
    """
    reads = [list(cells[row]) for row in block]
    known = [_by_family(reads, family) for family in families(len(block), len(reads[0]), layouts)]
    likely = [found for found in known if _share_read(reads, found[0]) >= LEAST_READ]
    free = _as_read(reads)
    names, score = max([*likely, free], key=lambda found: found[1])
    long_rows = []
    has_names = any(map(any, cells))
    inks = np.array([row.length_mm * row.joined for row in rows])
    inks /= max(inks.max(), NO_INK_MM)
    of_block = [rows[row] for row in block]
    usual = _Usual.of(of_block)
    alike = usual.alike(rows)
    score += UNLIKE * sum(not usual.is_like(row, is_named=True) for row in of_block)
    for row in outside:
        is_named = has_own_name(cells[row])
        is_frame = not is_named and not rows[row].has_pulse and not rows[row].reads and usual.is_within(rows[row])
        runs_alone = len(names[0]) > 1 and _runs_as_others(rows[row], of_block)  # such a row may be out of step
        is_bare = not is_named and any(map(any, reads)) and not runs_alone
        is_of_head = is_bare and row < block[0] and _is_of_head(rows[row], of_block, usual, alike)
        if is_frame or is_of_head or not usual.is_like(rows[row], is_named=is_named):
            score += STRAY * sum(mark.certainty for mark in cells[row] if mark is not None)
            score += 0.0 if has_names else LEFT_OUT * float(inks[row])
        elif is_bare and _is_of_foot(rows[row], of_block, usual, alike):
            score += alone[row][1]
        else:
            lead, worth = alone[row]
            long_rows.append(RowNames(row, (lead,), (any(_are_read(cells[row], (lead,) * len(cells[row]))),)))
            is_twice = row == block[-1] + 1 and names[-1] == (lead,) != (UNKNOWN_LEAD,)
            is_above = row < block[0] and (len(names[0]) > 1 or not has_names)
            score += worth + (ABOVE if is_above else 0.0) + (TWICE if is_twice else 0.0)
    short = [RowNames(row, leads, _are_read(own, leads)) for row, leads, own in zip(block, names, reads, strict=True)]
    misread = [
        (lead, mark.name)
        for leads, own in zip(names, reads, strict=True)
        for lead, mark in zip(leads, own, strict=True)
        if mark is not None and plain(mark.name) != plain(lead)
    ]
    every = tuple(sorted((*short, *long_rows), key=lambda each: each.row))
    return Naming(every, _share_read(reads, names), tuple(misread), score, is_free=names is free[0])


def _is_of_head(row: InkRow, others: Sequence[InkRow], usual: _Usual, alike: Sequence[InkRow]) -> bool:
    """Whether what stands above some of all rows, without a name, is none: words, or a line.

    A trace hangs together, and waves or is in step with the others and about as restless as the calmest of them. Words
    on an edge or a shadow of the paper hang together less than traces and stand far above them. Letters of a hand wave
    and hang together as traces do, but begin well behind the others and end well before them; and so do words through
    which the edge of a panel runs, but less than traces that hang together throughout, and out of step with them.
    """
    if row.reads:
        return False
    if not row.has_pulse and min(row.first_mm - usual.first_mm, usual.last_mm - row.last_mm) >= WITHIN_MM:
        return True
    is_torn = row.joined < TORN and all(other.joined >= WHOLE for other in others)
    if is_torn and not row.has_pulse and not usual.is_in_step(row, alike):
        return True
    is_far = others[0].y_mm - row.y_mm > FAR * usual.pitch_mm > 0
    if is_far and row.joined < FAINT * median(other.joined for other in others) and not row.has_pulse:
        return True
    if _is_trace(row) or not row.hangs_together:
        return not _is_trace(row)
    calmest = min((other.waves for other in alike if other is not row), default=np.inf)
    return not usual.is_in_step(row, alike) or row.waves < CALMER * calmest


def _runs_as_others(row: InkRow, others: Sequence[InkRow]) -> bool:
    """Whether a row hangs together from where some others begin to where they end, exactly, as no words and no frames
    do, and is about as restless as the calmest of them; and has a pulse if all of them have."""
    if all(other.has_pulse for other in others) and not row.has_pulse:
        return False
    if row.joined < WHOLE or row.waves < max(LEAST_WAVES, CALMER * min(other.waves for other in others)):
        return False
    ends_mm = [other.joined_mm or (other.first_mm, other.last_mm) for other in others]
    own_mm = row.joined_mm or (row.first_mm, row.last_mm)
    usual_mm = (median(first_mm for first_mm, _ in ends_mm), median(last_mm for _, last_mm in ends_mm))
    return all(abs(own - usual) <= SAME_ENDS_MM for own, usual in zip(own_mm, usual_mm, strict=True))


def _is_of_foot(row: InkRow, others: Sequence[InkRow], usual: _Usual, alike: Sequence[InkRow]) -> bool:
    """Whether what stands below some of all rows, without a name, is none: words, also on a line, or a panel's edge.

    Its ink is broken as that of words, or faint and much more broken than theirs; or it is as straight as a line and
    out of step with them; or all of theirs have a pulse, and it has none and looks like no trace, or is out of step
    with them and begins or ends elsewhere: words on the line of a frame wave and hang together, too.
    """
    if row.reads:
        return False
    joined = median(other.joined for other in others)
    is_broken = row.joined < WORDS_JOINED or (
        row.joined < FAINT * joined and row.strength < FAINT * usual.strength and not row.has_pulse
    )
    if is_broken and all(other.hangs_together for other in others) and not usual.is_in_step(row, alike):
        return True
    is_out_of_step = not usual.is_in_step(row, alike)
    lacks_pulse = all(other.has_pulse for other in others) and not row.has_pulse
    if lacks_pulse and is_out_of_step and not usual.has_both_ends(row):
        return True
    return not _is_trace(row) and (lacks_pulse or (row.hangs_together and is_out_of_step))


def _by_family(reads: Sequence[Sequence[NameMark | None]], family: Family) -> tuple[Block, float]:
    """A block as a maker prints it, but for leads that only its print can tell; and what it is worth."""
    score, names = family.prior, []
    surest = surest_of_each(reads)
    for own, expected in zip(reads, family.rows, strict=True):
        leads = []
        for mark, lead in zip(own, expected, strict=True):
            is_sure = mark is not None and mark.certainty >= SURE and mark is surest[mark.name]
            is_moved = mark is not None and is_sure and may_be_printed_instead(mark.name, lead)
            leads.append(mark.name if mark is not None and is_moved else lead)
            score += UNREAD if mark is None else mark.certainty * likeness(mark.name, leads[-1])
        names.append(tuple(leads))
    score += NO_COLUMN * sum(not any(column) for column in zip(*reads, strict=True))
    every = [lead for own in names for lead in own]
    return tuple(names), score + TWICE * (len(every) - len(set(every)))


def _share_read(reads: Sequence[Sequence[NameMark | None]], names: Block) -> float:
    """Share of the names of a block that were read as they are."""
    flags = [is_read for own, leads in zip(reads, names, strict=True) for is_read in _are_read(own, leads)]
    return sum(flags) / len(flags)


def _are_read(marks: Sequence[NameMark | None], leads: Sequence[str]) -> tuple[bool, ...]:
    return tuple(mark is not None and plain(mark.name) == plain(lead) for mark, lead in zip(marks, leads, strict=True))


def _as_read(reads: Sequence[Sequence[NameMark | None]]) -> tuple[Block, float]:
    """A block as it was read, each name once; and what it is worth.

    No row shows a lead twice: of names that are the same in a row one alone is worth anything.
    """
    reads = each_once(reads)
    names = tuple(tuple(UNKNOWN_LEAD if mark is None else mark.name for mark in own) for own in reads)
    worth = FREE_IN_ORDER if rise(names) else FREE
    score = FREE_UNREAD * sum(mark is None for own in reads for mark in own)
    score += worth * sum(mark.certainty for own in reads for mark in surest_of_each([own]).values())
    known = [name for row in names for name in row if name != UNKNOWN_LEAD]
    score += NO_COLUMN * sum(not any(column) for column in zip(*reads, strict=True))
    is_strip = len(set(known)) == 1 and all(len(row) == 1 for row in names)  # one lead that goes on from row to row
    return names, score + (0.0 if is_strip else TWICE * (len(known) - len(set(known))))


def has_own_name(cells: Sequence[NameMark | None]) -> bool:
    """Whether a row is named where its first lead begins, or in several columns."""
    return bool(cells) and (cells[0] is not None or sum(mark is not None for mark in cells) > 1)


def name_long_row(cells: Sequence[NameMark | None]) -> tuple[str, float]:
    """Lead of a row that has one alone, and what that is worth; its name may be printed in every column."""
    marks = [mark for mark in cells if mark is not None]
    if not has_own_name(cells):
        return UNKNOWN_LEAD, SPARE_ROW + SPARE_NAME * len(marks)
    names = {mark.name for mark in marks}
    worth = {
        name: sum(mark.certainty * max(likeness(mark.name, name), OTHER) for mark in marks)
        + RHYTHM_PRIOR.get(name, 0.0)
        for name in names
    }
    lead = max(worth, key=lambda name: worth[name])
    others = sum(plain(mark.name) != plain(lead) for mark in marks)
    return OF_STROKES if is_unclear_stroke(cells) else lead, LONG_NAME * SAME + SPARE_NAME * others


def is_unclear_stroke(cells: Sequence[NameMark | None]) -> bool:
    """Whether nothing but a single stroke was read for the name of a row below several columns, and not clearly."""
    marks = [mark for mark in cells if mark is not None]
    are_strokes = bool(marks) and all(mark.name == STROKE and mark.certainty < CLEAR for mark in marks)
    return len(cells) > 1 and are_strokes
