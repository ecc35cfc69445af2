"""What the traces of a page measure on its paper: how long rows and columns are, and where time runs in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Self

import attrs
import numpy as np

from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.waveform.row_reading import (
    CLOSE_MM,
    EDGE_MM,
    GEOMETRY,
    LEAST_PRESENCE,
    RowReading,
    trace_stretches,
)
from ecg_digitize.digitizers.structure.borders import BorderMarks, columns_between_marks
from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.limb_borders import TracedRow, do_names_tell_columns
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.packed import distance_of_columns_mm, unpacked
from ecg_digitize.digitizers.structure.parted import (
    PartedColumns,
    columns_between_bars,
    columns_between_gaps,
    columns_between_narrow_gaps,
    columns_between_pulses,
    columns_by_names,
)
from ecg_digitize.digitizers.structure.preprinted import as_printed
from ecg_digitize.digitizers.structure.pulses import (
    calibration_pulses,
    pulse_lines_mm,
    pulses_between_columns,
    without_pulses,
)
from ecg_digitize.digitizers.structure.time_axis import (
    SAMPLE_INTERVAL_S,
    ColumnLength,
    Stretch,
    TimeAxis,
    TraceSpan,
    column_length,
    find_slant,
    find_time_axis,
    usual_length_mm,
    whole_span,
)


@attrs.frozen
class Timing:
    """Where time runs on a page, at some speed.

    Attributes:
        column: how long a column is.
        apart_mm: distance of two columns on paper.
        axis: where each row begins.
    """

    column: ColumnLength
    apart_mm: float
    axis: TimeAxis


@attrs.frozen(eq=False)
class PageMeasures:
    """What the rows of a page measure.

    Attributes:
        page: the page, its rows named.
        pulses: its calibration pulses.
        spans: what of each row has a trace, without pulses at either end; rows without a trace are left out.
        row_mm: length of a whole row.
        parted: its columns, where something parts them; None where they are alike, or there is one alone.
    """

    page: UprightPage
    pulses: Sequence[PulseMark]
    spans: Sequence[TraceSpan]
    row_mm: float
    parted: PartedColumns | None

    @classmethod
    def of(cls, page: UprightPage, readings: Sequence[RowReading], heights: Sequence[np.ndarray]) -> Self:
        """The measures of a page.

        Args:
            page: the page, its rows named.
            readings: the trace of every row.
            heights: as of `heights_mm`, of each of them.
        """
        pulses = calibration_pulses(page.pulses, page.levels_mm)
        columns, pitch_mm = _columns_of(page)
        rows = zip(readings, page.levels_mm, strict=True)
        seen = [whole_span(_stretches_mm(reading, page.flat), y_mm, pitch_mm) for reading, y_mm in rows]
        spans = without_pulses([span for span in seen if span is not None], pulses)
        of_columns, _ = _of_columns(page, spans)
        row_mm = (
            usual_length_mm(of_columns, None if pitch_mm is None else columns * pitch_mm)
            or usual_length_mm(spans)
            or page.flat.width_mm
        )
        parted = _parted_columns(page, readings, heights, pulses, spans, row_mm=row_mm)
        return cls(page, pulses, spans, row_mm, parted)

    @property
    def num_columns(self) -> int:
        """Leads of its rows with the most of them."""
        return _columns_of(self.page)[0]

    @property
    def pitch_mm(self) -> float | None:
        """Distance of the names of two columns; None where there is one column alone, or no names tell it."""
        return _columns_of(self.page)[1]

    def timed(self, speed_mm_per_s: float, duration_s: float | None) -> Timing:
        """Where time runs.

        Args:
            speed_mm_per_s: paper speed.
            duration_s: duration of a row, where the user told it.
        """
        column = column_length(
            self.num_columns,
            self.row_mm,
            self.pitch_mm,
            speed_mm_per_s=speed_mm_per_s,
            duration_s=duration_s,
            are_even=self.page.named.grid.is_even,
        )
        apart_mm = column.mm
        if self.parted is None:
            column, apart_mm = self._alike(column, speed_mm_per_s)
        row_mm = self.num_columns * column.mm if self.parted is None else self.parted.row_mm
        places_mm = self.page.named.grid.columns_mm
        axis = find_time_axis(
            unpacked(self.spans, _levels_of_columns(self.page), self.num_columns * (column.mm - apart_mm)),
            self.page.zeros_mm,
            traced_mm=row_mm - SAMPLE_INTERVAL_S * speed_mm_per_s,
            names_mm=places_mm[0] if places_mm else None,
            pulse_lines_mm=pulse_lines_mm(self.pulses),
        )
        return Timing(column, apart_mm, axis)

    def _alike(self, column: ColumnLength, speed_mm_per_s: float) -> tuple[ColumnLength, float]:
        """How long columns that are alike are by the print's own speed, and how far apart they stand."""
        length = as_printed(
            column,
            self.spans,
            num_columns=self.num_columns,
            pitch_mm=self.pitch_mm,
            speed_mm_per_s=speed_mm_per_s,
        )
        of_columns, long = _of_columns(self.page, self.spans)
        apart_mm = distance_of_columns_mm(
            of_columns,
            long,
            length,
            num_columns=self.num_columns,
            pitch_mm=self.pitch_mm,
            speed_mm_per_s=speed_mm_per_s,
        )
        return length, apart_mm


def heights_mm(reading: RowReading) -> np.ndarray:
    """Height of a trace all along its row, `STEP_MM` apart, float, shape (samples,); NaN where there is none."""
    at_px = np.arange(0, len(reading.columns.row_px), STEP_MM * GEOMETRY.across_px_per_mm)
    return reading.height_mm(at_px, least_presence=LEAST_PRESENCE)


def _columns_of(page: UprightPage) -> tuple[int, float | None]:
    """How many columns a page has, and how far apart their names stand."""
    columns = page.named.naming.num_columns
    return columns, page.named.grid.pitch_mm if columns > 1 else None


def _of_columns(page: UprightPage, spans: Sequence[TraceSpan]) -> tuple[list[TraceSpan], list[TraceSpan]]:
    """The spans of the rows with a lead in every column, and those of the others."""
    levels_mm = _levels_of_columns(page)
    return [span for span in spans if span.y_mm in levels_mm], [span for span in spans if span.y_mm not in levels_mm]


def _parted_columns(
    page: UprightPage,
    readings: Sequence[RowReading],
    heights: Sequence[np.ndarray],
    pulses: Sequence[PulseMark],
    spans: Sequence[TraceSpan],
    *,
    row_mm: float,
) -> PartedColumns | None:
    """The columns of a page where pulses or gaps part them, or bars, breaks or names unequal ones; None elsewhere.

    Where the names of all columns stand evenly, what looks like bars between columns of unequal length is none.
    """
    grid, columns = page.named.grid, page.named.naming.num_columns
    if columns < 2 or grid.pitch_mm is None or not spans:
        return None
    zero_mm = float(np.median([span.first_mm for span in spans]))
    apart = _columns_apart(page, readings, pulses, pitch_mm=grid.pitch_mm, zero_mm=zero_mm, row_mm=row_mm)
    may_be_unequal = not grid.is_even and len(grid.lefts_mm) == columns and not grid.halves(row_mm)
    if apart is not None or not may_be_unequal:
        return apart
    return _unequal_columns(page, readings, heights, spans, zero_mm=zero_mm, row_mm=row_mm)


def _columns_apart(
    page: UprightPage,
    readings: Sequence[RowReading],
    pulses: Sequence[PulseMark],
    *,
    pitch_mm: float,
    zero_mm: float,
    row_mm: float,
) -> PartedColumns | None:
    """Columns between which pulses stand, or bare paper; None where neither does.

    Gaps tell better where a column ends: the name of the next one may stand between its end and the pulse.
    """
    naming, columns = page.named.naming, page.named.naming.num_columns
    of_columns = [reading for row, reading in zip(naming.rows, readings, strict=True) if len(row.leads) == columns]
    between = partial(
        columns_between_pulses, num_columns=columns, num_rows=len(readings), zero_mm=zero_mm, row_mm=row_mm
    )
    by_pulses = between(pulses) or between(pulses_between_columns(page.pulses, page.levels_mm))
    wide, close = (
        [_stretches_mm(reading, page.flat, within_mm) for reading in of_columns] for within_mm in (EDGE_MM, CLOSE_MM)
    )
    by_gaps = columns_between_gaps(wide, num_columns=columns, pitch_mm=pitch_mm, zero_mm=zero_mm)
    if by_gaps is not None:
        return attrs.evolve(by_gaps, have_pulses=by_pulses is not None)
    by_narrow_gaps = columns_between_narrow_gaps(close, num_columns=columns, pitch_mm=pitch_mm, zero_mm=zero_mm)
    return by_pulses or by_narrow_gaps


def _unequal_columns(
    page: UprightPage,
    readings: Sequence[RowReading],
    heights: Sequence[np.ndarray],
    spans: Sequence[TraceSpan],
    *,
    zero_mm: float,
    row_mm: float,
) -> PartedColumns | None:
    """Columns that touch and are not alike, as limb leads, bars, breaks or names tell; None where they may be."""
    naming, grid = page.named.naming, page.named.grid
    names_mm, levels_mm = grid.lefts_mm, _levels_of_columns(page)
    first_mm = page.flat.mm_of_box(readings[0].start_box)
    short = [
        (y_mm, row.leads, own)
        for y_mm, row, own in zip(page.levels_mm, naming.rows, heights, strict=True)
        if len(row.leads) == naming.num_columns
    ]
    zero_at = _zeros_along(spans)
    traced = [TracedRow(leads, own, first_mm - zero_at(y_mm)) for y_mm, leads, own in short]
    by_limb_leads = do_names_tell_columns(traced, names_mm, row_mm=row_mm)
    if by_limb_leads is not None:
        return columns_by_names(names_mm, row_mm, are_told=True) if by_limb_leads else None
    marks = BorderMarks.of([own for _, _, own in short], first_mm, page.bars, levels_mm)
    return (
        columns_between_bars(page.bars, names_mm=names_mm, levels_mm=levels_mm, zero_mm=zero_mm, row_mm=row_mm)
        or columns_between_marks(marks, names_mm, zero_mm=zero_mm, row_mm=row_mm)
        or columns_by_names(names_mm, row_mm, are_aligned=grid.are_aligned)
    )


def _zeros_along(spans: Sequence[TraceSpan]) -> Callable[[float], float]:
    """Where the row at a height begins: rows begin on a line, which may lean."""
    first_mm, y_mm = np.array([(span.first_mm, span.y_mm) for span in spans]).T
    lean = find_slant([np.column_stack((first_mm, y_mm))])
    zero_mm = float(np.median(first_mm - lean * y_mm))
    return lambda at_mm: zero_mm + lean * at_mm


def _levels_of_columns(page: UprightPage) -> list[float]:
    """Heights of the rows of a page with a lead in every column."""
    naming = page.named.naming
    rows = zip(page.levels_mm, naming.rows, strict=True)
    return [y_mm for y_mm, row in rows if len(row.leads) == naming.num_columns]


def _stretches_mm(reading: RowReading, flat: FlatPage, within_mm: float = EDGE_MM) -> list[Stretch]:
    """Where a row has a trace, from the left edge of the flat page; arguments as of `trace_stretches`."""
    return [(flat.mm_of_box(first), flat.mm_of_box(last)) for first, last in trace_stretches(reading, within_mm)]
