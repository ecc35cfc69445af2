"""Names that were missed where they must stand: a row and a column of names cross there.

Where a trace runs through small letters the markers see nothing, and the ink hangs together with that of the trace.
The reader tells such letters if they stand where it looks for them, within about a millimetre. So it is asked all about
each place, and what it says clearly of several neighbouring ones is a name: waves seldom read as letters, and hardly
ever twice as the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, product
from statistics import median

import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.words.page_words import MARGIN_PX
from ecg_digitize.digitizers.neural.words.reading import LETTERS_PX, WordPlace, WordReading
from ecg_digitize.digitizers.structure.evidence import STROKE, InkRow
from ecg_digitize.digitizers.structure.name_rows import COLUMN_MM, LEAST_PITCH_MM, NameGrid
from ecg_digitize.digitizers.structure.naming import IN_LINE_MM, SURE, NamedRows

ACROSS_MM, DOWN_MM = (-2.0, -1.0, 0.0, 1.0, 2.0), (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
"""Places about the one at which a name must stand, from left to right and from the top."""

NEARER_MM = (-0.5, 0.0, 0.5)
"""Places about the one of these at which a name was read best, across and down."""

HIGHER = 0.9
"""Letters are so high, as a share of the height of the marks of names without margins."""

USUAL_LETTER_PX = 8.0
"""Letters where no mark tells how high they are: 2 mm."""

LEAST, CLEARLY, LEAST_CLEAR, MUCH_CLEARER = 0.4, 0.9, 3, 3.0
"""A name may stand where one is read with the first certainty; and does where it is read with the second at so many
places about that at least, and all in all so many times as surely as any other one."""

MOST_OF_STROKES = SURE
"""II and III are no more certain than that: a steep wave beside their strokes is one more."""

MOST_COLUMNS, OF_A_PART = 6, 0.2
"""Columns are so many even parts of a row at most; and the names of one stand where they should by that but for such a
share of a part."""

MOST_PLACES = 28
"""So many names are looked for at most."""


def expected_names(
    named: NamedRows,
    rows: Sequence[InkRow],
    names: Sequence[FoundName],
    read: Callable[[Sequence[WordPlace]], Sequence[WordReading]],
) -> list[FoundName]:
    """Names that the letters tell where rows and columns cross of which none was read, or none surely.

    Args:
        named: the names of the page as they are known.
        rows: its rows of ink.
        names: the names that were found.
        read: says what is printed at some places.
    """
    letter_px = _letter_px(names)
    found: list[FoundName] = []
    for missing_mm in list(dict.fromkeys(_missing_mm(named, rows)))[:MOST_PLACES]:
        places = list(_about(np.multiply(missing_mm, PX_PER_MM), ACROSS_MM, DOWN_MM, letter_px))
        (_, certainty), best = max(zip(map(_name_of, read(places)), places, strict=True), key=lambda each: each[0][1])
        if certainty >= LEAST:
            nearer = list(_about(best.middle_px, NEARER_MM, NEARER_MM, letter_px))
            found += _told(nearer, read(nearer))
    return found


def even_columns_mm(known_mm: Sequence[float], first_mm: float, last_mm: float) -> list[float]:
    """Where all columns stand if those that are known are some of the even parts of the rows, the fewest there may be.

    Args:
        known_mm: where columns stand of which names were read.
        first_mm: where rows begin.
        last_mm: where they end.
    """
    if len(known_mm) < 2 or known_mm[0] - first_mm > COLUMN_MM:
        return list(known_mm)
    behind_mm = np.subtract(known_mm, known_mm[0])
    for count in range(len(known_mm), MOST_COLUMNS + 1):
        parts = behind_mm * count / (last_mm - first_mm)
        if np.abs(parts - np.rint(parts)).max() <= OF_A_PART / 2 and np.rint(parts).max() < count:
            nearest = {int(number): place for number, place in zip(np.rint(parts), known_mm, strict=True)}
            pitch_mm = (last_mm - first_mm) / count
            return [nearest.get(number, known_mm[0] + number * pitch_mm) for number in range(count)]
    return list(known_mm)


def _missing_mm(named: NamedRows, rows: Sequence[InkRow]) -> Iterator[tuple[float, float]]:
    """Where names must stand that were not read surely: those of the first column first."""
    traces = [rows[each.row] for each in named.naming.rows]
    heights_mm = [row.level_mm + named.grid.shift_mm for row in traces]
    known = [
        mark
        for mark in (*chain.from_iterable(named.grid.cells), *named.grid.strays)
        if mark is not None and mark.certainty >= SURE
    ]
    first_mm, last_mm = median(row.first_mm for row in traces), median(row.last_mm for row in traces)
    for x_mm in even_columns_mm(_columns_mm(named.grid, heights_mm), first_mm, last_mm):
        for y_mm in heights_mm:
            if not any(abs(mark.x_mm - x_mm) <= COLUMN_MM and abs(mark.y_mm - y_mm) <= IN_LINE_MM for mark in known):
                yield x_mm, y_mm


def _columns_mm(grid: NameGrid, heights_mm: Sequence[float]) -> list[float]:
    """Where columns stand: those of the grid, and those of single letters that stand in line with a row."""
    columns_mm = list(grid.columns_mm)
    for mark in grid.strays:
        is_in_line = any(abs(mark.y_mm - y_mm) <= IN_LINE_MM for y_mm in heights_mm)
        is_apart = all(abs(mark.x_mm - other_mm) >= LEAST_PITCH_MM for other_mm in columns_mm)
        if mark.certainty >= SURE and set(mark.name) != {STROKE} and is_in_line and is_apart:
            columns_mm.append(mark.x_mm)
    return sorted(columns_mm)


def _letter_px(names: Sequence[FoundName]) -> float:
    heights_px = [HIGHER * (name.size_px[1] - 2 * MARGIN_PX) for name in names]
    return max(median(heights_px) if heights_px else USUAL_LETTER_PX, LETTERS_PX[0])


def _about(
    middle_px: Sequence[float] | np.ndarray, across_mm: Sequence[float], down_mm: Sequence[float], letter_px: float
) -> Iterator[WordPlace]:
    """Places about one, with letters so high."""
    for down, across in product(down_mm, across_mm):
        yield WordPlace((middle_px[0] + across * PX_PER_MM, middle_px[1] + down * PX_PER_MM), letter_px)


def _letters_of(reading: WordReading) -> dict[str, float]:
    """Probability of each name of letters, or of several strokes: single strokes are no names, for waves are some, too,
    and so is a part of other letters."""
    return {name: certainty for name, certainty in reading.of("name").items() if name != STROKE}


def _name_of(reading: WordReading) -> tuple[str, float]:
    """The likeliest name at a place, and its probability."""
    return max(_letters_of(reading).items(), key=lambda each: each[1])


def _told(places: Sequence[WordPlace], readings: Sequence[WordReading]) -> Iterator[FoundName]:
    """The name that is read clearly at several of some places, and hardly another one."""
    by_name: dict[str, list[float]] = defaultdict(list)
    for reading in readings:
        for name, certainty in _letters_of(reading).items():
            by_name[name].append(certainty)
    name, other, *_ = sorted(by_name, key=lambda each: -sum(by_name[each]))
    clear = [number for number, certainty in enumerate(by_name[name]) if certainty >= CLEARLY]
    if len(clear) < LEAST_CLEAR or sum(by_name[name]) < MUCH_CLEARER * sum(by_name[other]):
        return
    x_px, y_px = np.mean([places[number].middle_px for number in clear], axis=0).tolist()
    letter_px = places[0].letter_px
    size_px = (letter_px * len(name) + 2 * MARGIN_PX, letter_px + 2 * MARGIN_PX)
    certainty = max(by_name[name])
    if set(name) == {STROKE}:
        certainty = min(certainty, MOST_OF_STROKES)
    yield FoundName(name, (x_px, y_px), certainty, size_px)
