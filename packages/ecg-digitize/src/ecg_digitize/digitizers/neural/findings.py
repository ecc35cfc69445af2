"""What the stages found on a page."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_core.paper import Layout, Segment
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.upright import UprightPage
from ecg_digitize.digitizers.neural.waveform.row_reading import RowReading
from ecg_digitize.digitizers.print_scale import PrintScale
from ecg_digitize.digitizers.structure.parted import PartedColumns
from ecg_digitize.digitizers.structure.time_axis import ColumnLength, TimeAxis
from ecg_digitize.digitizers.structure.two_gains import is_chest_lead


@attrs.frozen(eq=False)
class PageFindings:
    """All that the stages found on a page, before its leads are cut.

    Attributes:
        image: the picture, uint8 RGB.
        page: the page laid flat and upright, with the names on it.
        layout: what is printed where.
        readings: the trace of every row.
        scale: paper speed and gain.
        axis: where each row begins.
        column: how long its columns are, on paper and in time.
        row_mm: length of a whole row as it was measured.
        pulse_mm: width and height of its calibration pulses; None where none was found.
        parted: its columns, where pulses or bare paper part them.
        packed: distance of its columns on paper, as a part of the paper of their time.
        border_shift_mm: by how much farther right the limb leads show the borders of columns than where they were taken
            to be: what lies between is no lead's for certain.
        chest_gain_mm_per_mv: gain of the chest leads, where they have their own.
        doubts: what makes the page's structure uncertain.
        notes: what a user should know as well.
    """

    image: np.ndarray
    page: UprightPage
    layout: Layout
    readings: Sequence[RowReading]
    scale: PrintScale
    axis: TimeAxis
    column: ColumnLength
    row_mm: float
    pulse_mm: tuple[float, float] | None = None
    parted: PartedColumns | None = None
    packed: float = 1.0
    border_shift_mm: float = 0.0
    chest_gain_mm_per_mv: float | None = None
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def mesh(self) -> Mesh:
        """The mesh of the grid, in pixels of the picture."""
        return self.page.flat.mesh

    @property
    def width_mm(self) -> float:
        """Width of a row, from the beginning of its first lead to the end of its last one."""
        return self.mm_of(self.layout.duration_s)

    def gain_mm_per_mv_of(self, lead: str) -> float:
        """The gain at which a lead is printed."""
        own = self.chest_gain_mm_per_mv if is_chest_lead(lead) else None
        return self.scale.gain_mm_per_mv if own is None else own

    def mm_of(self, duration_s: float) -> float:
        """How long some time is on paper; of a print whose scale is not quite that of the grid, by its columns."""
        return duration_s * self.column.mm / self.column.duration_s

    def span_mm(self, segment: Segment) -> tuple[float, float]:
        """Where a segment begins and ends, from the left edge of the flat page."""
        start_mm = self.axis.zeros_mm[segment.row] + self.at_mm(segment)
        packed = 1.0 if segment.is_rhythm else self.packed
        return start_mm, start_mm + packed * self.mm_of(segment.duration_s)

    def at_mm(self, segment: Segment) -> float:
        """How far from the beginning of its row a segment is printed."""
        return self.packed * self.mm_of(segment.at_s)

    def span_px(self, segment: Segment) -> tuple[float, float]:
        """Where a segment begins and ends, in columns of the strip of its row."""
        reading, flat = self.readings[segment.row], self.page.flat
        first, last = (flat.box_of_mm(place) for place in self.span_mm(segment))
        return reading.column_of(first), reading.column_of(last)
