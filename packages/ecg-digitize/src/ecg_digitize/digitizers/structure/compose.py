"""A page's rows, names and times put together to the layout as it is printed, named by a known one if it is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import numpy as np

from ecg_core.layout_text import text_of_layout
from ecg_core.leads import EXTRA_LEADS, LIMB_LEADS, UNKNOWN_LEAD
from ecg_core.paper import Layout, Timing
from ecg_digitize.digitizers.structure.evidence import STROKE, InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import NameGrid
from ecg_digitize.digitizers.structure.naming import OF_STROKES, SURE, NamedRows, Naming, RowNames, is_unclear_stroke
from ecg_digitize.digitizers.structure.orders import RIGHT_AND_BACK, plain
from ecg_digitize.digitizers.structure.parted import PartedColumns
from ecg_digitize.digitizers.structure.time_axis import ColumnLength

LEAST_AGREEMENT = 0.8
"""Share of the names of the short rows that must be read as they are, for the names not to be in doubt."""

FEW, CLEAR = 3, 0.85
"""So few names say nothing of each other: each must have been read with such a certainty."""

LEGIBLE, FEWEST_CLEAR = 0.5, 2
"""A name of less certainty is rather another one; and beside so many clear ones one that is not clear says little."""

MANY = 4
"""Words of a page's head are taken for fewer leads that it does not have."""

SAME_COLUMN_MM = 3.0
"""Names that stand one below the other differ by less."""


def compose_layout(
    naming: Naming,
    rows: Sequence[InkRow],
    column: ColumnLength,
    known: Iterable[Layout] = (),
    *,
    at_once: bool = False,
    parted: PartedColumns | None = None,
    end_to_end: bool | None = None,
) -> Layout:
    """The layout of a page.

    Args:
        naming: the leads of its rows.
        rows: the rows of ink that those are numbers of.
        column: how long a column is.
        known: layouts whose name the page may bear.
        at_once: whether its columns show the same seconds.
        parted: its columns, where pulses, bars or bare paper part them.
        end_to_end: whether bare paper between columns takes no time; None: where their lengths speak for that.
    """
    per_s = column.mm / column.duration_s
    leads = tuple(row.leads for row in naming.rows)
    duration_s = column.duration_s * max(map(len, leads))
    timing: Timing = "simultaneous" if at_once else _timing(naming.rows)
    if parted is not None:
        touching = None if at_once or end_to_end is False else parted.end_to_end(per_s)
        timing = "end to end" if touching is not None or (end_to_end and not at_once) else timing
        parted = touching or parted
        duration_s = parted.row_mm / per_s
    for layout in known if parted is None else ():
        every = (*layout.rows, *((lead,) for lead in layout.rhythm_leads))
        if every == leads and not layout.column_s and (layout.timing == "simultaneous") == at_once:
            return layout.lasting(duration_s)
    composed = Layout(
        name="composed",
        rows=leads,
        baselines_mm=tuple(rows[row.row].y_mm for row in naming.rows),
        duration_s=duration_s,
        column_s=() if parted is None else tuple(length_mm / per_s for length_mm in parted.lengths_mm),
        column_gap_s=0.0 if parted is None else parted.gap_mm / per_s,
        timing=timing,
    )
    return attrs.evolve(composed, name=text_of_layout(composed))


def _timing(rows: Sequence[RowNames]) -> Timing:
    """One lead in several rows, or none named at all, is a strip that goes on: pages of several leads name them."""
    names = {lead for row in rows for lead in row.leads}
    is_strip = len(rows) > 1 and len(names) == 1 and all(len(row.leads) == 1 for row in rows)
    return "continued" if is_strip else "successive"


def _names_of_rows_left_out(named: NamedRows) -> list[str]:
    """Names that stand clearly in several columns of ink that was taken for no row, each once."""
    rows = {row.row for row in named.naming.rows}
    left_out = [own for number, own in enumerate(named.grid.cells) if number not in rows]
    clear = [[mark.name for mark in own if mark is not None and mark.certainty >= CLEAR] for own in left_out]
    return list(dict.fromkeys(name for own in clear if len(own) > 1 for name in own))


def naming_doubts(named: NamedRows) -> list[str]:
    """What makes the names of a page uncertain."""
    naming = named.naming
    doubts = []
    unknown = [row for row in naming.rows if UNKNOWN_LEAD in row.leads]
    if unknown:
        which = ", ".join(str(naming.rows.index(row) + 1) for row in unknown)
        doubts.append(f"not all names of row {which} from the top could be read: name the rows by --layout")
    if 0 < naming.agreement < LEAST_AGREEMENT:
        doubts.append(
            f"only {naming.agreement:.0%} of the names of the leads were read as a page with these rows has them: "
            "check the names, or give the rows by --layout"
        )
    doubts += doubts_of_twice([row.leads for row in naming.rows])
    spare = [mark.name for mark in named.grid.strays if _stands_in_a_column(mark, named.grid)]
    spare += _names_of_rows_left_out(named)
    if spare:
        doubts.append(f"{', '.join(spare)} is printed where no row was found: check the rows, or give them by --layout")
    doubts += [*_doubts_of_other_leads(named), *_doubts_of_strokes(named), *_doubts_of_extra_leads(naming)]
    doubts += _doubts_of_free_names(named) if naming.is_free else []
    if 0 < naming.num_read <= FEW and _least_certainty(named) < CLEAR:
        doubts.append("only few names were read, and not clearly: check them, or give the rows by --layout")
    return doubts


def _doubts_of_other_leads(named: NamedRows) -> list[str]:
    """Many leads that were read clearly, but are none of the page: what was taken for its names may be numbers."""
    own = {plain(lead) for row in named.naming.rows for lead in row.leads}
    clear = [plain(mark.name) for mark in named.grid.strays if mark.certainty >= CLEAR]
    others = [lead for lead in dict.fromkeys(clear) if lead not in own]
    if len(others) < MANY:
        return []
    return [f"{', '.join(others)} were read, but are none of the leads: check the rows, or give them by --layout"]


def _doubts_of_extra_leads(naming: Naming) -> list[str]:
    """Leads of the right side and the back whose names were not read: any few of them are printed together.

    One of a set that makers print is told by the two others.
    """
    block = [row for row in naming.rows if len(row.leads) == naming.num_columns]
    columns = zip(*(zip(row.leads, row.is_read, strict=True) for row in block), strict=True)
    extra = [(lead, is_read) for column in columns for lead, is_read in column if lead in EXTRA_LEADS]
    unread = [lead for lead, is_read in extra if not is_read]
    if not unread or (len(unread) == 1 and tuple(lead for lead, _ in extra) in RIGHT_AND_BACK):
        return []
    return [f"{', '.join(unread)} could not be read: check these names, or give the rows by --layout"]


def _doubts_of_strokes(named: NamedRows) -> list[str]:
    """Rows of one lead that are named I among chest leads, but not clearly: a steep wave is such a stroke, too.

    And rows that are taken for II though a single stroke was read.
    """
    rows = named.naming.rows
    of_strokes = [
        f"row {number + 1} from the top is taken for {OF_STROKES}, but {STROKE} was read, not clearly: check it, or "
        "give the rows by --layout"
        for number, row in enumerate(rows)
        if row.leads == (OF_STROKES,) and not any(row.is_read) and is_unclear_stroke(named.grid.cells[row.row])
    ]
    numbers = [
        number for number, row in enumerate(rows) if row.leads == (STROKE,) and _certainty_of(row, named) < CLEAR
    ]
    return of_strokes + [
        f"row {number + 1} from the top is named {STROKE}, but not clearly: check it, or give the rows by --layout"
        for number in numbers
        if len(rows) > 1 and not any(set(row.leads) & set(LIMB_LEADS) for row in _beside(rows, number))
    ]


def _doubts_of_free_names(named: NamedRows) -> list[str]:
    """Names of rows that no maker is known to print so, as far as their letters are not clear: nothing else tells them.

    Those that were read as something else are among them, see `each_once`; a lead that goes on from row to row is not.
    """
    block = [row for row in named.naming.rows if len(row.leads) == named.naming.num_columns]
    printed = [
        (lead, mark)
        for row in block
        for lead, mark in zip(row.leads, named.grid.cells[row.row], strict=False)
        if mark is not None
    ]
    unclear = [lead for lead, mark in printed if mark.certainty < SURE or mark.name != lead]
    if not unclear or len({lead for lead, _ in printed}) == 1:
        return []
    return [f"{', '.join(unclear)} could not be read clearly: check these names, or give the rows by --layout"]


def clearly_named_rows(named: NamedRows) -> list[int]:
    """Numbers of the rows of one lead whose name is beyond doubt; that of strokes, which waves are too, never is."""
    return [
        number
        for number, row in enumerate(named.naming.rows)
        if len(row.leads) == 1 and set(row.leads[0]) != {STROKE} and _certainty_of(row, named) >= CLEAR
    ]


def unclearly_named_rows(named: NamedRows) -> list[int]:
    """Numbers of the rows of one lead whose letters are hardly legible, or not clearly where several others are."""
    certainties = {
        number: _certainty_of(row, named) for number, row in enumerate(named.naming.rows) if len(row.leads) == 1
    }
    are_others_clear = sum(each >= CLEAR for each in certainties.values()) >= FEWEST_CLEAR
    return [number for number, each in certainties.items() if each < (CLEAR if are_others_clear else LEGIBLE)]


def _beside(rows: Sequence[RowNames], number: int) -> list[RowNames]:
    """The rows above and below one."""
    return [rows[other] for other in (number - 1, number + 1) if 0 <= other < len(rows)]


def _certainty_of(row: RowNames, named: NamedRows) -> float:
    """Certainty with which the name of a row of one lead was read, where it is clearest; 0 where it was not."""
    own = named.grid.cells[row.row] if row.row < len(named.grid.cells) else ()
    return max((mark.certainty for mark in own if mark is not None and (mark.name,) == row.leads), default=0.0)


def doubts_of_twice(rows: Sequence[Sequence[str]]) -> list[str]:
    """Leads that several of the rows with the most columns would show make the names uncertain.

    One lead alone in all rows is a strip; and the last of rows of one lead may repeat another one, but hardly the one
    just above it: that is V4R beside V4, or the like.

    Args:
        rows: leads of every row, from the top.
    """
    num_columns = max(map(len, rows), default=0)
    leads = [lead for row in rows if len(row) == num_columns for lead in row]
    known = [lead for lead in leads if lead != UNKNOWN_LEAD]
    if num_columns == 1 and len(set(leads)) == 1:
        return []
    is_repeated = num_columns == 1 and len(known) == len(set(known)) + 1 and known[-1] != known[-2]
    rhythm = known[-1:] if is_repeated else []  # below the others
    twice = sorted({lead for lead in known if known.count(lead) - rhythm.count(lead) > 1}, key=known.index)
    if not twice:
        return []
    return [f"{', '.join(twice)} would stand in several rows: check the names, or give the rows by --layout"]


def _stands_in_a_column(mark: NameMark, grid: NameGrid) -> bool:
    """Whether a name that no row has was read clearly, below or above the others."""
    column = grid.column_of(mark, SAME_COLUMN_MM)
    return mark.certainty >= CLEAR and column is not None and not _is_a_beat(mark, column, grid)


def _is_a_beat(mark: NameMark, column: int, grid: NameGrid) -> bool:
    """Whether an I is a steep wave of a row with a name of its own: nearer to it than half the distance of rows."""
    of_column = [own[column] for own in grid.cells if column < len(own)]
    names_mm = sorted(name.y_mm for name in of_column if name is not None)
    if plain(mark.name) != STROKE or len(names_mm) < 2:
        return False
    return min(abs(mark.y_mm - name_mm) for name_mm in names_mm) < float(np.median(np.diff(names_mm))) / 2


def _least_certainty(named: NamedRows) -> float:
    """Certainty of the least certain name in its place."""
    cells = (named.grid.cells[row.row] for row in named.naming.rows if row.row < len(named.grid.cells))
    return min((mark.certainty for own in cells for mark in own if mark is not None), default=1.0)
