"""Stage 0: which way up a page is, told by the names that can be read on it, and which rows they name.

A grid looks the same in all eight orientations, names do not. So the paper is laid flat first, which also takes
perspective and scale away, and then turned until the names on it make the most sense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Layout
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.markers.ink_rows import evenly_spaced_rows, find_ink_rows, ink_row_at
from ecg_digitize.digitizers.neural.markers.marks import PageMarks, find_marks
from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, QUARTERS
from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark, PrintedScale, PulseMark
from ecg_digitize.digitizers.structure.name_rows import grids_of_names
from ecg_digitize.digitizers.structure.naming import NamedRows, name_as_told, name_rows, traces_among, traces_left_out
from ecg_digitize.digitizers.structure.pulse_rows import rows_by_pulses

BEYOND_DOUBT = 0.75
LEAST_SCORE = 4.0
"""Share of the names of a page that are read as makers print them, and what all of them are worth, from which on no
other orientation is tried."""


MIRRORED, TURNED, ROWS_DOWN = 1.5, 0.3, 0.5
"""What a picture costs that would be mirrored, turned, or have its rows run down, in names: one or two names are read
in any page that lies the wrong way."""

PULSE, MOST_PULSES = 0.3, 6
"""What a row with a calibration pulse is worth, and how many count at most: pulses are seen in pages that lie right."""

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
        left_out: rows of ink that look like traces, but were taken for none.
    """

    flat: FlatPage
    orientation: int
    marks: PageMarks
    rows: tuple[InkRow, ...]
    named: NamedRows
    left_out: tuple[InkRow, ...] = ()

    @property
    def names(self) -> list[NameMark]:
        """The names of leads on it, in millimetres."""
        return names_in_mm(self.marks)

    @property
    def pulses(self) -> list[PulseMark]:
        """The calibration pulses on it, in millimetres."""
        return pulses_in_mm(self.marks)

    @property
    def printed(self) -> list[PrintedScale]:
        """The speeds and gains that are printed on it, as far as they were read beyond doubt."""
        every = [
            *(PrintedScale("speed", each.value, each.certainty) for each in self.marks.speeds),
            *(PrintedScale("gain", each.value, each.certainty) for each in self.marks.gains),
        ]
        return [scale for scale in every if scale.certainty >= LEGIBLE]

    @property
    def zeros_mm(self) -> list[float]:
        """Heights at which the rows that are traces have most of their ink."""
        return [self.rows[each.row].y_mm for each in self.named.naming.rows]

    @property
    def levels_mm(self) -> list[float]:
        """Heights of their zero lines, as far as pulses tell them."""
        return [self.rows[each.row].level_mm for each in self.named.naming.rows]


def turn_upright(
    page: FlatPage, network: Network, layouts: Mapping[str, Layout], *, orientation: int | None = None
) -> UprightPage:
    """Turn a page, and mirror it where it has to be, until the names on it make the most sense.

    Of ways that make as much the likeliest counts, see `in_likely_order`.

    Args:
        page: the page as its grid lies in the picture.
        network: the marker network.
        layouts: what is known of pages: the layouts that it may have, by name; one alone is taken for granted.
        orientation: the only one that is tried, where it is known already.

    Raises:
        DataError: there is no row of ink.
    """
    best: UprightPage | None = None
    most = -np.inf
    across = _lie_across(page.trace)
    for each in in_likely_order(page.trace) if orientation is None else [orientation]:
        flat = page.upright(each)
        turned = name_page(flat, each, partial(find_marks, flat.paper, network), layouts)
        if turned is None:
            continue
        worth = _worth(turned, runs_down=(each % 2 == 0) != across)
        if worth > most:
            best, most = turned, worth
        naming = turned.named.naming
        if best is turned and naming.agreement >= BEYOND_DOUBT and naming.score >= LEAST_SCORE:
            break
    if best is None:
        raise DataError("no row of a trace was found on the page")
    return best


def _worth(page: UprightPage, *, runs_down: bool) -> float:
    """What the names and pulses of a page are worth as it lies, less what is unlikely of a picture."""
    pulses = min(sum(row.has_pulse for row in page.rows), MOST_PULSES)
    mirrored, turned = page.orientation >= QUARTERS, page.orientation % QUARTERS != 0
    return page.named.naming.score + PULSE * pulses - MIRRORED * mirrored - TURNED * turned - ROWS_DOWN * runs_down


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
    inked = traces_among(find_ink_rows(flat.trace))
    told = next(iter(layouts.values())) if len(layouts) == 1 else None
    if not inked and told is None:
        return None
    marks = read()
    rows = rows_by_pulses(inked, pulses_in_mm(marks), partial(ink_row_at, flat.trace))
    if told is not None and len(rows) < told.num_rows:
        rows = evenly_spaced_rows(flat.trace, told.num_rows)
    grids = grids_of_names(names_in_mm(marks), rows)
    if told is not None:
        return UprightPage(flat, orientation, marks, tuple(rows), name_as_told(grids, rows, told))
    named = name_rows(grids, rows, layouts.values())
    left_out = traces_left_out(inked, [rows[each.row] for each in named.naming.rows])
    return UprightPage(flat, orientation, marks, tuple(rows), named, tuple(left_out))


def names_in_mm(marks: PageMarks) -> list[NameMark]:
    """Names of leads in millimetres."""
    return [
        NameMark(each.name, each.place_px[0] / PX_PER_MM, each.place_px[1] / PX_PER_MM, each.certainty)
        for each in marks.names
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
    """All orientations: mirrored ones last, and before others those in which the rows of traces lie across.

    Args:
        trace: ink of traces on the paper as it lies, shape (height, width).
    """
    across = _lie_across(trace)
    return sorted(range(NUM_ORIENTATIONS), key=lambda each: (each >= QUARTERS, (each % 2 == 0) != across, each))


def _lie_across(trace: np.ndarray) -> bool:
    """Whether rows of ink lie across a page rather than down."""
    return bool(trace.mean(axis=1).std() >= trace.mean(axis=0).std())
