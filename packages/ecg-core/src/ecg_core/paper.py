"""ECG paper in physical units: what a millimetre means, and where leads stand on a page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate
from typing import Literal, get_args

import attrs

from ecg_core.errors import DataError
from ecg_core.leads import CHEST_LEADS, EXTRA_LEADS, canonical_lead

MM_PER_INCH = 25.4
SMALL_BOX_MM = 1.0
LARGE_BOX_MM = 5.0

USUAL_SPEEDS_MM_PER_S = (12.5, 25.0, 50.0, 100.0)
"""Paper speeds that electrocardiographs offer; 25 mm/s is the standard one."""

USUAL_GAINS_MM_PER_MV = (2.5, 5.0, 10.0, 20.0, 40.0)
"""Gains that electrocardiographs offer; 10 mm/mV is the standard one."""

PULSE_MV, PULSE_S = 1.0, 0.2
"""Height and width of the calibration pulse that is printed before a row."""


def px_per_mm(dots_per_inch: float) -> float:
    """Pixels a millimetre at a resolution (200 dpi: 7.874 px/mm)."""
    return dots_per_inch / MM_PER_INCH


def _positive(instance: object, attribute: attrs.Attribute, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} must be above 0, found {value}")


@attrs.frozen(kw_only=True)
class PaperSpec:
    """The scale of a page: paper speed, gain and the boxes of its grid.

    Attributes:
        speed_mm_per_s: paper speed.
        gain_mm_per_mv: gain; that of the limb leads where the chest leads have another.
        chest_gain_mm_per_mv: gain of the chest leads, V3R to V9 among them; None is the same as the others.
        small_box_mm: distance of the small boxes' lines.
        large_box_mm: distance of the large boxes' lines.
    """

    speed_mm_per_s: float = attrs.field(default=25.0, validator=_positive)
    gain_mm_per_mv: float = attrs.field(default=10.0, validator=_positive)
    chest_gain_mm_per_mv: float | None = attrs.field(default=None, validator=attrs.validators.optional(_positive))
    small_box_mm: float = attrs.field(default=SMALL_BOX_MM, validator=_positive)
    large_box_mm: float = attrs.field(default=LARGE_BOX_MM, validator=_positive)

    def width_mm(self, duration_s: float) -> float:
        """Paper that a duration takes."""
        return duration_s * self.speed_mm_per_s

    @property
    def has_two_gains(self) -> bool:
        """Whether the chest leads have a gain other than that of the limb leads."""
        return self.chest_gain_mm_per_mv not in (None, self.gain_mm_per_mv)

    def gain_of(self, lead: str) -> float:
        """Gain of a lead, in mm/mV, by its standard name."""
        if self.chest_gain_mm_per_mv is not None and lead in (*CHEST_LEADS, *EXTRA_LEADS):
            return self.chest_gain_mm_per_mv
        return self.gain_mm_per_mv

    def height_mm(self, amplitude_mv: float) -> float:
        """Paper that an amplitude takes."""
        return amplitude_mv * self.gain_mm_per_mv

    def duration_s(self, width_mm: float) -> float:
        return width_mm / self.speed_mm_per_s

    def amplitude_mv(self, height_mm: float) -> float:
        return height_mm / self.gain_mm_per_mv


@attrs.frozen(kw_only=True)
class Segment:
    """One piece of one lead as printed.

    Attributes:
        lead: its name.
        row: number of the printed row, from the top.
        start_s: instant of the record at which it begins.
        duration_s: how long it is.
        is_rhythm: whether it has a row for itself on a page whose other rows hold several leads.
        at_s: how far from the left end of its row it is printed, in seconds of paper; where one lead follows another in
            time that is when it begins.
    """

    lead: str
    row: int
    start_s: float
    duration_s: float
    is_rhythm: bool
    at_s: float = attrs.field()

    @at_s.default
    def _printed_when_it_begins(self) -> float:
        return self.start_s

    @property
    def end_s(self) -> float:
        """Instant of the record at which it ends."""
        return self.start_s + self.duration_s


def _as_leads(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(canonical_lead(lead) for lead in names)


def _as_lengths(lengths_s: Iterable[float]) -> tuple[float, ...]:
    return tuple(lengths_s)


Timing = Literal["successive", "end to end", "simultaneous", "continued"]
"""How the leads of a page follow in time: along a row one after the other, bare paper between them included; the same,
but each begins when the one before ends, for that paper takes no time; all columns at the same seconds; or one strip
that goes on where the row above ended."""


def _as_rows(rows: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(_as_leads(row) for row in rows)


@attrs.frozen(kw_only=True)
class Layout:
    """Where the leads stand on a page, in millimetres from the page's top left corner.

    Attributes:
        name: as registered, ``3x4+1R`` for instance.
        rows: lead names from left to right, one tuple a printed row; the paper of a row is shared equally.
        rhythm_leads: leads that take a whole row each, below the others.
        baselines_mm: height of the zero line of every row, rhythm rows last.
        signal_start_mm: where the time axis begins.
        duration_s: time from the left to the right end of a row.
        signal_end_mm: where printing stops short of the end of a row; None prints all of it.
        page_width_mm: width of the sheet.
        page_height_mm: height of the sheet.
        grid_left_mm: where a vertical line of the large boxes lies, the others following from it.
        grid_top_mm: where a horizontal one lies.
        column_s: how long each column is, where they are not alike; rows of another number of leads share equally.
        column_gap_s: bare paper between two leads of a row, in seconds.
        timing: how the leads follow in time.
    """

    name: str
    rows: tuple[tuple[str, ...], ...] = attrs.field(converter=_as_rows)
    rhythm_leads: tuple[str, ...] = attrs.field(default=(), converter=_as_leads)
    baselines_mm: tuple[float, ...]
    signal_start_mm: float = 15.0
    duration_s: float = 10.0
    signal_end_mm: float | None = None
    page_width_mm: float = 11.0 * MM_PER_INCH
    page_height_mm: float = 8.5 * MM_PER_INCH
    grid_left_mm: float = 0.0
    grid_top_mm: float = 0.0
    column_s: tuple[float, ...] = attrs.field(default=(), converter=_as_lengths)
    column_gap_s: float = 0.0
    timing: Timing = attrs.field(default="successive", validator=attrs.validators.in_(get_args(Timing)))

    def __attrs_post_init__(self) -> None:
        if len(self.baselines_mm) != self.num_rows:
            raise ValueError(f"layout {self.name}: {self.num_rows} rows, {len(self.baselines_mm)} baselines")
        if list(self.baselines_mm) != sorted(self.baselines_mm):
            raise ValueError(f"layout {self.name}: baselines must go down the page, found {self.baselines_mm}")
        if self.column_gap_s < 0 or any(not each > 0 for each in self.column_s):
            raise ValueError(f"layout {self.name}: columns last longer than 0 s, and gaps 0 s or more")
        if self.column_s and sum(self.column_s) + (len(self.column_s) - 1) * self.column_gap_s > self.duration_s + 1e-6:
            raise ValueError(f"layout {self.name}: its columns are longer than a row of {self.duration_s:g} s")
        if self.column_s and not any(len(row) == len(self.column_s) for row in self.rows):
            raise ValueError(f"layout {self.name}: no row has as many leads as column_s has durations")

    @property
    def num_rows(self) -> int:
        return len(self.rows) + len(self.rhythm_leads)

    @property
    def lead_names(self) -> tuple[str, ...]:
        """Every lead on the page once, in reading order of the columns."""
        columns = [
            row[index] for index in range(max(map(len, self.rows), default=0)) for row in self.rows if index < len(row)
        ]
        return tuple(dict.fromkeys((*columns, *self.rhythm_leads)))

    @property
    def record_s(self) -> float:
        """Duration of the record that the page shows."""
        return max(segment.end_s for segment in self.segments)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Every printed piece, row by row; the rhythm rows come last."""
        every_row = (*self.rows, *((lead,) for lead in self.rhythm_leads))
        widest = max(map(len, every_row), default=0)
        return tuple(
            Segment(
                lead=lead,
                row=number,
                start_s=self._start_s(number, column, at_s),
                duration_s=duration_s,
                is_rhythm=number >= len(self.rows) or len(row) == 1 < widest,
                at_s=at_s,
            )
            for number, row in enumerate(every_row)
            for column, (lead, (at_s, duration_s)) in enumerate(zip(row, self._columns(len(row)), strict=True))
        )

    def _start_s(self, row: int, column: int, at_s: float) -> float:
        if self.timing == "simultaneous":
            return 0.0
        if self.timing == "end to end":
            return at_s - column * self.column_gap_s
        return at_s + (row * self.duration_s if self.timing == "continued" else 0.0)

    def _columns(self, count: int) -> list[tuple[float, float]]:
        """Where each of so many leads of a row begins, and how long it is, in seconds of paper."""
        if count == len(self.column_s):
            starts = accumulate((length_s + self.column_gap_s for length_s in self.column_s[:-1]), initial=0.0)
            return list(zip(starts, self.column_s, strict=True))
        if count == 1 and self.timing == "end to end":
            return [(0.0, self.duration_s - (max(map(len, self.rows), default=1) - 1) * self.column_gap_s)]
        length_s = (self.duration_s - (count - 1) * self.column_gap_s) / count
        return [(column * (self.duration_s + self.column_gap_s) / count, length_s) for column in range(count)]

    def lasting(self, duration_s: float) -> Layout:
        """The same layout with longer or shorter rows, columns and gaps."""
        factor = duration_s / self.duration_s
        return attrs.evolve(
            self,
            duration_s=duration_s,
            column_s=[length_s * factor for length_s in self.column_s],
            column_gap_s=self.column_gap_s * factor,
        )


def boxes_mm(*large_boxes: float) -> tuple[float, ...]:
    """Heights counted in large boxes, in millimetres."""
    return tuple(count * LARGE_BOX_MM for count in large_boxes)


def fitting(layout: Layout, paper: PaperSpec) -> Layout:
    """The layout, its rows cut to the whole seconds that fit on its sheet at the paper's speed.

    10 s at 50 mm/s become 5 s; a layout that fits stays as it is.

    Raises:
        DataError: not even a second fits.
    """
    fitting_s = paper.duration_s(layout.page_width_mm - layout.signal_start_mm)
    if layout.duration_s <= fitting_s:
        return layout
    if fitting_s < 1:
        raise DataError(
            f"layout {layout.name}: at {paper.speed_mm_per_s:g} mm/s not even 1 s fits on a sheet "
            f"{layout.page_width_mm:g} mm wide; lower the paper speed"
        )
    return layout.lasting(float(int(fitting_s)))


LAYOUT_3X4_1R = Layout(
    name="3x4+1R",
    rows=(("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6")),
    rhythm_leads=("II",),
    baselines_mm=boxes_mm(18, 25, 32, 39),
)
"""Three rows of four leads for 2.5 s each and lead II for 10 s below: the standard clinical page."""
