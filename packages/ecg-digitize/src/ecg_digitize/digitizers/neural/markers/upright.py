"""Stage 0: which way up a page is, told by the names that can be read on it, and which rows they name.

A grid looks the same in all eight orientations, names do not. So the paper is laid flat first, which also takes
perspective and scale away, and then turned until the names on it make the most sense.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial
from typing import Literal, Self

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Layout
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.markers.bare_paper import bare_paper_of
from ecg_digitize.digitizers.neural.markers.ink_rows import evenly_spaced_rows, find_ink_rows, ink_row_at
from ecg_digitize.digitizers.neural.markers.marks import FoundScale, PageMarks, find_marks
from ecg_digitize.digitizers.neural.markers.names import NameHint
from ecg_digitize.digitizers.neural.markers.second_look import CLOSER, look_closer, most_certain
from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, QUARTERS
from ecg_digitize.digitizers.structure.bars_as_names import without_bars
from ecg_digitize.digitizers.structure.even_bars import column_starts, even_lines_mm
from ecg_digitize.digitizers.structure.evidence import STROKE, BarMark, InkRow, NameMark, PrintedScale, PulseMark
from ecg_digitize.digitizers.structure.name_levels import rows_with_names
from ecg_digitize.digitizers.structure.name_rows import COLUMN_MM, REACH_MM, NameGrid, grids_of_names
from ecg_digitize.digitizers.structure.naming import (
    SURE,
    NamedRows,
    Naming,
    name_as_told,
    traces_among,
    traces_left_out,
    ways_to_name_rows,
)
from ecg_digitize.digitizers.structure.pulse_rows import rows_by_pulses

BEYOND_DOUBT = 0.75
LEAST_SCORE, ENOUGH_SCORE = 4.0, 6.0
"""Share of the names of a page that are read as makers print them, and what all of them are worth, from which on no
other orientation is tried; nor is one where they are worth the third, however many are not read: in any other way they
come to 2."""

MANY_NAMES, WAYS_LOOKED_AT_CLOSER = 7, 2
"""A way that hints at so many different names, and at more than those before it, is looked at closer before others are
tried; and so many of the others are, those that hint at the most, if none of all makes enough sense."""

ROW_MM = 10.0
"""So far above or below the place of a missing name it is looked for; in a row of one lead, which may have its name
elsewhere than the others, so far as any name stands from its row."""

BEHIND_MM, SMALL_MM = 2.0, (4.0, 2.0)
"""The middle of a small name stands so far behind the line at which its lead begins, and it is so wide and high."""

MIRRORED, TURNED, ROWS_DOWN = 2.5, 0.3, 0.5
"""What a picture costs that would be mirrored, turned, or have its rows run down, in names: one or two names are read
in any page that lies the wrong way, and hardly a picture is mirrored."""

PULSE, MOST_PULSES = 0.3, 6
"""What a row with a calibration pulse is worth, and how many count at most: pulses are seen in pages that lie right."""

PRINTED = 1.0
"""What a legible speed is worth, and a legible gain: letters that stand on their head are no numbers with a unit, while
waves are strokes as much as "I" is."""

MOST_INK_ROWS = 20
"""No page has more rows of traces, and each run of rows is tried as a block; the lines of a dark grid pass for dozens
of them."""

BARE = -0.3
"""What a row costs of which no name was read because there is bare paper where it would stand."""

LONG, HALF = 0.4, 0.5
"""What a row is worth whose ink hangs together over half of the page's longer side, as much as one costs that has no
name: looked at across its rows, a page has none."""

NONE_MM = 5.0
"""So near to what was found to be no row there is none."""

LEGIBLE = 0.85
"""Certainty from which on a printed speed or gain is believed: of two numbers the usual one is claimed too easily."""


@attrs.frozen(eq=False)
class UprightPage:
    """A page that stands upright.

    Attributes:
        flat: the page.
        orientation: how it lay in the picture, see `ecg_digitize.digitizers.neural.orientation`.
        marks: what was found on it, in pixels of the flat paper.
        rows: its rows of ink, from the top.
        named: the leads of the rows.
        inked: rows of ink by the ink alone, whatever pulses made of them; none where the layout was told.
        none_at_mm: heights at which a row turned out to be none.
    """

    flat: FlatPage
    orientation: int
    marks: PageMarks
    rows: tuple[InkRow, ...]
    named: NamedRows
    inked: tuple[InkRow, ...] = ()
    none_at_mm: tuple[float, ...] = ()

    @property
    def traces(self) -> list[InkRow]:
        """The rows of ink that are traces."""
        return [self.rows[each.row] for each in self.named.naming.rows]

    @property
    def left_out(self) -> list[InkRow]:
        """Rows of ink that look like traces, but were taken for none."""
        return traces_left_out(self.inked, self.traces)

    @property
    def unnamed(self) -> list[InkRow]:
        """Rows of ink that hang together and were taken for none, whatever they look like."""
        known_mm = [*(row.y_mm for row in self.traces), *self.none_at_mm]
        rows = {row.y_mm: row for row in (*self.inked, *self.rows) if row.hangs_together}
        return [row for y_mm, row in sorted(rows.items()) if all(abs(y_mm - each) > NONE_MM for each in known_mm)]

    def without_rows(self, numbers: Collection[int]) -> Self:
        """The page without some of the rows that were taken for traces, by their numbers, and without their ink."""
        naming = self.named.naming
        kept = tuple(row for number, row in enumerate(naming.rows) if number not in numbers)
        gone_mm = {self.rows[naming.rows[number].row].y_mm for number in numbers}
        return attrs.evolve(
            self.renamed(attrs.evolve(naming, rows=kept)),
            inked=tuple(row for row in self.inked if row.y_mm not in gone_mm),
        )

    def renamed(self, naming: Naming) -> Self:
        """The page with other names of its rows."""
        return attrs.evolve(self, named=attrs.evolve(self.named, naming=naming))

    @property
    def names(self) -> list[NameMark]:
        """The names of leads on it, in millimetres."""
        return names_in_mm(self.marks)

    @property
    def pulses(self) -> list[PulseMark]:
        """The calibration pulses on it, in millimetres."""
        return pulses_in_mm(self.marks)

    @property
    def bars(self) -> list[BarMark]:
        """What stands between leads on it, in millimetres."""
        return bars_in_mm(self.marks)

    @property
    def printed(self) -> list[PrintedScale]:
        """The speeds and gains that are printed on it, as far as they were read beyond doubt."""
        kinds: tuple[tuple[Literal["speed", "gain"], Sequence[FoundScale]], ...] = (
            ("speed", self.marks.speeds),
            ("gain", self.marks.gains),
        )
        return [
            PrintedScale(kind, each.value, each.certainty, (each.place_px[0] / PX_PER_MM, each.place_px[1] / PX_PER_MM))
            for kind, found in kinds
            for each in found
            if each.certainty >= LEGIBLE
        ]

    @property
    def zeros_mm(self) -> list[float]:
        """Heights at which the rows that are traces have most of their ink."""
        return [row.y_mm for row in self.traces]

    @property
    def levels_mm(self) -> list[float]:
        """Heights of their zero lines, as far as pulses tell them."""
        return [row.level_mm for row in self.traces]


def turn_upright(
    page: FlatPage,
    image: np.ndarray,
    network: Network,
    layouts: Mapping[str, Layout],
    *,
    orientation: int | None = None,
    read: Callable[[UprightPage], UprightPage] = lambda page: page,
    read_about: Callable[[UprightPage], UprightPage] = lambda page: page,
) -> UprightPage:
    """Turn a page, and mirror it where it has to be, until the names on it make the most sense.

    Of ways that make as much the likeliest counts, see `in_likely_order`. Where names are missing, ways that hint at
    many are looked at closer, see `with_small_names`; where none of the ways makes much sense, others are, too, and as
    the page lies is among them, for so it is upright mostly. Of these the one counts whose letters make the most sense.

    Args:
        page: the page as its grid lies in the picture.
        image: the picture, uint8 RGB, shape (height, width, 3).
        network: the marker network.
        layouts: what is known of pages: the layouts that it may have, by name; one alone is taken for granted.
        orientation: the only one that is tried, where it is known already.
        read: the page with its words as their letters have them: the markers take a wave or an edge for a name that no
            reader of letters does. Which way is returned hangs on it, the page itself is as the markers have it.
        read_about: the page with the words about its grid as well, which the markers do not look at: no page is turned
            against these where neither speed nor gain is printed on the grid.

    Raises:
        DataError: there is no row of ink.
    """
    closer = partial(with_small_names, image=image, network=network, layouts=layouts)
    best = partial(_best, lie_across=_lie_across(page.trace))
    ways: list[UprightPage] = []
    others: list[UprightPage] = []
    for each in in_likely_order(page.trace) if orientation is None else [orientation]:
        flat = page.upright(each)
        if _lies_on_its_side(flat, each, ways):
            continue
        way = name_page(flat, each, partial(find_marks, flat.paper, network), layouts)
        if way is None:
            continue
        if _is_worth_a_closer_look(way, ways):
            way = closer(way)
        else:
            others.append(way)
        ways.append(way)
        if best(ways) is way and _can_only_stand_so(way):
            return way
    if not ways:
        raise DataError("no row of a trace was found on the page")
    as_it_lies = [way for way in others if way.orientation == 0]
    others.sort(key=_num_hinted, reverse=True)
    ways += map(closer, dict.fromkeys((*as_it_lies, *others[:WAYS_LOOKED_AT_CLOSER])))
    words = [read(way) for way in ways]
    chosen = best(words)
    likely = [chosen, *(way for way in words if way.orientation == 0 and way is not chosen)]
    if chosen.orientation != 0 and not chosen.printed:
        about = [read_about(way) for way in likely]
        chosen = likely[about.index(best(about))]
    return ways[words.index(chosen)]


def with_marks(page: UprightPage, marks: PageMarks, layouts: Mapping[str, Layout]) -> UprightPage:
    """A page with other marks, and the names of its rows by these; rows that only these names tell are among them.

    Args:
        page: the page.
        marks: what was found when it was looked at again.
        layouts: as of `turn_upright`.
    """
    rows, named = _rows_and_names(page.flat, marks, page.rows, layouts)
    return attrs.evolve(page, marks=marks, rows=tuple(rows), named=named)


def renamed_without(page: UprightPage, gone: InkRow, layouts: Mapping[str, Layout]) -> UprightPage:
    """A page of several rows with the names of the others, were one row of ink none.

    Args:
        page: the page.
        gone: the row of ink that is none: no name tells a row there either.
        layouts: as of `turn_upright`.
    """
    left = [row for row in page.rows if row != gone]
    rows = [row for row in left if not row.by_names] or left
    none_at_mm = (*page.none_at_mm, gone.y_mm)
    every, named = _rows_and_names(page.flat, page.marks, rows, layouts, none_at_mm=none_at_mm)
    inked = tuple(row for row in page.inked if row.y_mm != gone.y_mm)
    return attrs.evolve(page, rows=tuple(every), named=named, inked=inked, none_at_mm=none_at_mm)


def renamed_with(page: UprightPage, found: Sequence[InkRow], layouts: Mapping[str, Layout]) -> UprightPage:
    """A page with the names of its rows, some rows of ink among them that read like traces.

    Args:
        page: the page.
        found: rows of ink that are traces, whatever they look like.
        layouts: as of `turn_upright`.
    """
    found_mm = [row.y_mm for row in found]
    others = [row for row in page.rows if row.y_mm not in found_mm]
    rows = sorted((*others, *(attrs.evolve(row, reads=True) for row in found)), key=lambda row: row.level_mm)
    every, named = _rows_and_names(page.flat, page.marks, rows, layouts, none_at_mm=page.none_at_mm)
    return attrs.evolve(page, rows=tuple(every), named=named)


def is_beyond_doubt(page: UprightPage) -> bool:
    """Whether the names of a page make so much sense, and so many were read, that none is sought any more."""
    naming = page.named.naming
    return naming.agreement >= BEYOND_DOUBT and naming.score >= LEAST_SCORE


def _can_only_stand_so(page: UprightPage) -> bool:
    """Whether the names of a page make so much sense that no other way up can make more."""
    return is_beyond_doubt(page) or page.named.naming.score >= ENOUGH_SCORE


def _lies_on_its_side(flat: FlatPage, orientation: int, ways: Sequence[UprightPage]) -> bool:
    """Whether a page cannot stand so, for ink hangs together along the rows of another way, and along none of this."""
    turned = [way for way in ways if (way.orientation - orientation) % 2]
    longer_side_mm = max(flat.trace.shape) / PX_PER_MM
    if not any(_is_long(row, longer_side_mm) for way in turned for row in way.rows):
        return False
    return not any(row.hangs_together for row in traces_among(find_ink_rows(flat.trace)))


def _best(ways: Sequence[UprightPage], *, lie_across: bool) -> UprightPage:
    """The way in which names, pulses and numbers make the most sense, the first of several."""
    return max(ways, key=lambda way: _worth(way, runs_down=(way.orientation % 2 == 0) != lie_across))


def _num_hinted(page: UprightPage) -> int:
    """How many different names are likelier than not somewhere on a page, whether or not they can be read; upright it
    has many, all else is mostly "I" and "II"."""
    return len({hint.name for hint in page.marks.hints if hint.nats >= 0})


def _is_worth_a_closer_look(page: UprightPage, others: Sequence[UprightPage]) -> bool:
    """Whether a page hints at many names, and at more than in other ways, or makes sense already."""
    hinted = _num_hinted(page)
    return hinted >= MANY_NAMES and (_can_only_stand_so(page) or all(hinted > _num_hinted(other) for other in others))


def _worth(page: UprightPage, *, runs_down: bool) -> float:
    """What the names, pulses, printed scales and long rows of a page are worth as it lies, less what is unlikely."""
    pulses = min(sum(row.has_pulse for row in page.rows), MOST_PULSES)
    long = sum(_is_long(row, max(page.flat.trace.shape) / PX_PER_MM) for row in page.rows)
    mirrored, turned = page.orientation >= QUARTERS, page.orientation % QUARTERS != 0
    unlikely = MIRRORED * mirrored + TURNED * turned + ROWS_DOWN * runs_down
    printed = len({scale.kind for scale in page.printed})
    return page.named.naming.score + PULSE * pulses + LONG * long + PRINTED * printed - unlikely


def _is_long(row: InkRow, longer_side_mm: float) -> bool:
    """Whether the ink of a row hangs together over half of a page's longer side, as waves of a strip never do."""
    return row.joined * row.length_mm >= HALF * longer_side_mm


def name_page(
    flat: FlatPage, orientation: int, read: Callable[[], PageMarks], layouts: Mapping[str, Layout]
) -> UprightPage | None:
    """A page with the names of its rows, were it upright as it lies; None where there is no row.

    Args:
        flat: the page.
        orientation: how it lay in the picture.
        read: finds the marks on it; asked only where there are rows.
        layouts: as of `turn_upright`.
    """
    inked = _most_inked(traces_among(find_ink_rows(flat.trace)))
    told = next(iter(layouts.values())) if len(layouts) == 1 else None
    if not inked and told is None:
        return None
    marks = read()
    rows = rows_by_pulses(inked, pulses_in_mm(marks), partial(ink_row_at, flat.trace))
    if told is not None and len(rows) < told.num_rows:
        rows = evenly_spaced_rows(flat.trace, told.num_rows)
    every, named = _rows_and_names(flat, marks, rows, layouts)
    return UprightPage(flat, orientation, marks, tuple(every), named, tuple(inked) if told is None else ())


def _most_inked(rows: Sequence[InkRow]) -> list[InkRow]:
    """Rows from the top, no more than `MOST_INK_ROWS`: those of which the most ink hangs together."""
    most = sorted(rows, key=lambda row: row.joined * row.length_mm, reverse=True)[:MOST_INK_ROWS]
    return [row for row in rows if row in most]


def with_small_names(
    page: UprightPage, *, image: np.ndarray, network: Network, layouts: Mapping[str, Layout]
) -> UprightPage:
    """A page of which names are missing with those as well that only finer pictures show.

    Where most names make sense, it is looked at once more where others are missing or unsure; else everywhere, and ever
    closer while they make little sense, also where each lead begins: small letters that a trace runs through hint at
    nothing. What a look shows counts where the names make more sense with it: words and
    waves are taken for names there, too.

    Args:
        page: the page.
        image: the picture, uint8 RGB, shape (height, width, 3).
        network: the marker network.
        layouts: as of `turn_upright`.
    """

    def looked_at(page: UprightPage, hints: Sequence[NameHint], closer: float) -> UprightPage:
        if not hints:
            return page
        seen = look_closer(page.flat, image, hints, network, closer)
        marks = attrs.evolve(page.marks, names=most_certain((*page.marks.names, *seen)))
        rows, named = _rows_and_names(page.flat, marks, page.rows, layouts)
        makes_more_sense = named.naming.score > page.named.naming.score
        return attrs.evolve(page, marks=marks, rows=tuple(rows), named=named) if makes_more_sense else page

    if is_beyond_doubt(page):
        return looked_at(page, _where_names_are_missing(page), CLOSER[0])
    for closer in CLOSER:
        page = looked_at(page, [*page.marks.hints, *_where_columns_begin(page)], closer)
        if is_beyond_doubt(page):
            break
    return page


def _where_columns_begin(page: UprightPage) -> list[NameHint]:
    """Places of names at the beginning of each lead, where lines part the columns evenly."""
    starts_mm = column_starts(even_lines_mm(page.bars, page.rows))
    places_mm = [(start_mm + BEHIND_MM, row.level_mm) for row in page.rows for start_mm in starts_mm]
    size_px = (SMALL_MM[0] * PX_PER_MM, SMALL_MM[1] * PX_PER_MM)
    return [NameHint((x_mm * PX_PER_MM, y_mm * PX_PER_MM), size_px, STROKE, 0.0) for x_mm, y_mm in places_mm]


def _where_names_are_missing(page: UprightPage) -> list[NameHint]:
    """The hints at which names may stand that were not read, or not surely, by where the others stand."""
    grid = page.named.grid

    def is_sure(row: int, column: int) -> bool:
        mark = grid.cells[row][column]
        return mark is None or mark.certainty >= SURE

    missing = [
        (grid.columns_mm[column], page.rows[row.row].y_mm + grid.shift_mm, ROW_MM if len(row.leads) > 1 else REACH_MM)
        for row in page.named.naming.rows
        for column, is_read in enumerate(row.is_read)
        if column < len(grid.columns_mm) and not (is_read and is_sure(row.row, column))
    ]

    def is_there(hint: NameHint) -> bool:
        x_mm, y_mm = np.divide(hint.place_px, PX_PER_MM)
        return any(abs(x_mm - across) <= COLUMN_MM and abs(y_mm - down) <= reach for across, down, reach in missing)

    return [hint for hint in page.marks.hints if is_there(hint)]


def _rows_and_names(
    flat: FlatPage,
    marks: PageMarks,
    rows: Sequence[InkRow],
    layouts: Mapping[str, Layout],
    *,
    none_at_mm: Sequence[float] = (),
) -> tuple[Sequence[InkRow], NamedRows]:
    """The leads of the rows, and the rows with those that only names tell, where all makes more sense with them; a
    layout alone is taken for granted. About the heights ``none_at_mm`` there is none, whatever names tell.

    Where a row is missing at one end, the names of all fit the rows above or below theirs as well. So every distance of
    names from their rows is asked which rows are missing.
    """
    if len(layouts) == 1:
        return rows, name_as_told(_grids(marks, rows), rows, next(iter(layouts.values())))

    @cache
    def ink_at(y_mm: float) -> InkRow | None:
        is_none = any(abs(y_mm - each_mm) <= NONE_MM for each_mm in none_at_mm)
        return None if is_none else ink_row_at(flat.trace, y_mm)

    name = partial(ways_to_name_rows, layouts=layouts.values(), lines_mm=even_lines_mm(bars_in_mm(marks), rows))
    ways = name(_grids(marks, rows), rows)
    tried: list[tuple[Sequence[InkRow], NamedRows]] = [(rows, way) for way in ways]
    for way in ways:
        more = rows_with_names(rows, way.grid, ink_at)
        if more is not None:
            tried += [(more, named) for named in name(_grids(marks, more), more)]
    return _likeliest(flat, [way for way in tried if _have_their_names(*way)] or tried)


def _have_their_names(rows: Sequence[InkRow], named: NamedRows) -> bool:
    """Whether each row that only names tell has a name: names that stand elsewhere by their rows may have told it."""
    return all(any(named.grid.cells[each.row]) for each in named.naming.rows if rows[each.row].by_names)


def _likeliest(
    flat: FlatPage, ways: Sequence[tuple[Sequence[InkRow], NamedRows]]
) -> tuple[Sequence[InkRow], NamedRows]:
    """Of several ways in which rows may be named the one whose names make the most sense.

    Where the names of a list fit the rows above and below theirs, and one was not read at one end, that is one where a
    name may hide, not where the paper is bare.
    """
    best = max(ways, key=lambda way: way[1].naming.score)
    if len(ways) == 1 or not _nameless(*best):
        return best
    is_bare = bare_paper_of(flat)

    def num_bare(rows: Sequence[InkRow], named: NamedRows) -> int:
        grid = named.grid
        return sum(is_bare(grid.columns_mm[0], row.level_mm + grid.shift_mm) for row in _nameless(rows, named))

    return max(ways, key=lambda way: way[1].naming.score + BARE * num_bare(*way))


def _nameless(rows: Sequence[InkRow], named: NamedRows) -> list[InkRow]:
    """The rows of which no name was read, on a page with names."""
    cells = named.grid.cells
    return [rows[each.row] for each in named.naming.rows if named.grid.columns_mm and not any(cells[each.row])]


def _grids(marks: PageMarks, rows: Sequence[InkRow]) -> list[NameGrid]:
    """The names by rows and columns, in every way that may be meant."""
    return grids_of_names(without_bars(names_in_mm(marks), bars_in_mm(marks)), rows)


def names_in_mm(marks: PageMarks) -> list[NameMark]:
    """Names of leads in millimetres."""
    return [
        NameMark(
            each.name,
            each.place_px[0] / PX_PER_MM,
            each.place_px[1] / PX_PER_MM,
            each.certainty,
            width_mm=each.size_px[0] / PX_PER_MM,
            others=each.others,
        )
        for each in marks.names
    ]


def bars_in_mm(marks: PageMarks) -> list[BarMark]:
    """What stands between leads in millimetres."""
    return [
        BarMark(each.x_px / PX_PER_MM, each.y_px / PX_PER_MM, (each.y_px + each.height_px) / PX_PER_MM)
        for each in marks.separators
    ]


def pulses_in_mm(marks: PageMarks) -> list[PulseMark]:
    """Calibration pulses in millimetres."""
    return [
        PulseMark(
            left_mm=each.x_px / PX_PER_MM,
            right_mm=(each.x_px + each.width_px) / PX_PER_MM,
            top_mm=each.y_px / PX_PER_MM,
            foot_mm=(each.y_px + each.height_px) / PX_PER_MM,
            certainty=each.certainty,
        )
        for each in marks.pulses
    ]


def in_likely_order(trace: np.ndarray) -> list[int]:
    """All orientations: as the page lies first, for most stand upright; then those in which the rows of traces lie
    across before the others; mirrored ones last.

    Args:
        trace: ink of traces on the paper as it lies, shape (height, width).
    """
    across = _lie_across(trace)

    def unlikely(orientation: int) -> tuple[bool, bool, bool]:
        return orientation >= QUARTERS, orientation != 0, (orientation % 2 == 0) != across

    return sorted(range(NUM_ORIENTATIONS), key=unlikely)


def _lie_across(trace: np.ndarray) -> bool:
    """Whether rows of ink lie across a page rather than down."""
    return bool(trace.mean(axis=1).std() >= trace.mean(axis=0).std())
