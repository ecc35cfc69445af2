"""The vector digitizer: a page of a PDF whose traces are drawn as lines, read from the lines themselves."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Segment
from ecg_digitize.digitizers.protocol import ReadingRequest
from ecg_digitize.digitizers.reading import LeadTrace, PageGeometry, PageStructure, Reading
from ecg_digitize.digitizers.segments import samples_of
from ecg_digitize.digitizers.structure.beats import beat_distance_mm, complex_width_mm
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.scale import ScaleEvidence
from ecg_digitize.digitizers.structure.two_gains import is_chest_lead
from ecg_digitize.digitizers.vector.composition import Piece, Span
from ecg_digitize.digitizers.vector.printed import find_names, find_seconds, find_statements
from ecg_digitize.digitizers.vector.scale import Scale, find_scale
from ecg_digitize.digitizers.vector.separators import without_separators
from ecg_digitize.digitizers.vector.signals import find_course, heights_mm, with_told_leads
from ecg_digitize.digitizers.vector.speed import Settings, find_settings
from ecg_digitize.digitizers.vector.structure import Structure, rows_as_asked, rows_as_printed, with_times
from ecg_digitize.digitizers.vector.timing import rounded_s, with_known_name
from ecg_digitize.digitizers.vector.traces import Curve, Drawn, find_drawn
from ecg_digitize.digitizers.vector.twins import tied_to_twins
from ecg_digitize.digitizers.vector.zero import Zero, pulse_zeros_px, zero_lines
from ecg_digitize.pages.files import PagePicture

A_DRAWING = 0.9
UNCLEAR = 0.8
"""No lead of less confidence is good."""
CLEAR_RATE_HZ = 80.0
"""Recordings have no fewer samples a second. Of a trace that has fewer points sharp waves are lost: at 60 a second it
reads at 15 dB, at 25 at 4 dB."""
COARSE = f"its trace has fewer than {UNCLEAR * CLEAR_RATE_HZ:.0f} points a second, so that sharp waves are lost"
DASHED = "its trace is dashed, and what lies between the dashes is not known"
SQUARE = 1.2
"""Boxes of a grid are squares, but for a page that is stretched by less than this to fit a sheet."""


class VectorDigitizer:
    """Reads drawings."""

    def can_read(self, page: PagePicture) -> float:
        """Pages of PDFs with drawn lines; whether these are traces is found by reading."""
        return A_DRAWING if page.drawing is not None and (page.drawing.strokes or page.drawing.outlines) else 0.0

    def read(self, page: PagePicture, request: ReadingRequest) -> Reading:
        """Read a page.

        Raises:
            DataError: no ECG is drawn as lines; the picture may show one nevertheless.
        """
        drawing = page.drawing
        if drawing is None:
            raise DataError("the page is a picture, not a PDF in which traces are drawn as lines")
        grid = find_scale(drawing)
        drawn = find_drawn(drawing, grid)
        if not drawn.curves:
            raise DataError("no trace is drawn as lines")
        names, seconds = find_names(drawing.texts, grid), find_seconds(drawing.texts, grid)
        said = find_statements(drawing.texts, grid)
        if not (names or drawn.pulses or said.speeds_mm_per_s or said.gains_mm_per_mv):
            raise DataError(
                f"{len(drawn.curves)} long lines are drawn, but no name of a lead, no pulse and no scale beside them"
            )
        spans = [_span(curve, grid) for curve in drawn.curves]
        if len(request.layouts) == 1:
            [layout] = request.layouts.values()
            rows = rows_as_asked(spans, layout, seconds, num_names=len(names))
        else:
            rows = rows_as_printed(spans, names, seconds, lead=said.lead)
        traced = heights_mm(drawn, grid)
        shown = ScaleEvidence(
            column_mm=rows.column_mm,
            row_mm=rows.row_mm,
            beat_mm=beat_distance_mm(traced, STEP_MM),
            complex_mm=complex_width_mm(traced, STEP_MM),
        )
        found = find_settings(request.settings, said, drawn.pulses, seconds, grid, shown)
        speed = found.scale.speed_mm_per_s
        course = find_course(rows, drawn, grid, speed)
        structure = with_times(rows, course.course, found.scale, request.settings)
        structure = attrs.evolve(structure, doubts=(*structure.doubts, *course.doubts))
        if rows.layout is None:
            structure = with_told_leads(structure, drawn, grid, speed)
        return _reading(VectorPage(grid, found, *without_separators(drawn, structure, grid)), request)


def _reading(page: VectorPage, request: ReadingRequest) -> Reading:
    """The reading of a page whose structure is known."""
    gain_mm_per_mv = page.found.scale.gain_mm_per_mv
    traces = tied_to_twins(page.traces(request.sampling_rate_hz), page.rows_with_pulse(), gain_mm_per_mv)
    timing = page.structure.timing
    if len(request.layouts) > 1:
        timing = with_known_name(timing, request.layouts)
    return Reading(
        traces=traces,
        structure=PageStructure(
            layout=timing.name,
            rows=tuple(tuple(segment.lead for segment in row) for row in timing.segments),
            scale=page.found.scale,
            duration_s=timing.duration_s,
        ),
        geometry=page.geometry(),
        doubts=(*page.structure.doubts, *page.found.scale.doubts(), *page.doubts()),
        lead_doubts=page.lead_doubts(),
        notes=(*page.found.notes, *page.structure.notes),
        details={"timing": timing.course, "has_grid": page.grid.has_grid},
    )


@attrs.frozen(eq=False)
class VectorPage:
    """A page whose structure is known.

    Attributes:
        grid: pixels a millimetre.
        found: speed and gain.
        drawn: curves and pulses.
        structure: which curve shows which leads.
    """

    grid: Scale
    found: Settings
    drawn: Drawn
    structure: Structure

    def traces(self, sampling_rate_hz: float) -> list[LeadTrace]:
        """Every piece at even instants."""
        zeros = self._zeros()
        return [
            self._trace(piece, segment, zeros[segment.row].height_px, sampling_rate_hz)
            for pieces, segments in zip(self.structure.rows, self.structure.timing.segments, strict=True)
            for piece, segment in zip(pieces, segments, strict=True)
        ]

    def geometry(self) -> PageGeometry:
        """Everything found, in pixels of the picture."""
        starts = (row[0].left_mm * self.grid.across_px_per_mm for row in self.structure.rows)
        heights = (zero.height_px for zero in self._zeros())
        return PageGeometry(
            px_per_mm_x=self.grid.across_px_per_mm,
            px_per_mm_y=self.grid.down_px_per_mm,
            rotation_deg=0.0,
            baselines_px=tuple(zip(starts, heights, strict=True)),
        )

    def rows_with_pulse(self) -> frozenset[int]:
        """Rows whose zero a pulse tells."""
        return frozenset(row for row, zero in enumerate(self._zeros()) if zero.is_by_pulse)

    def doubts(self) -> Iterator[str]:
        """What is not named, and a scale that nothing confirms."""
        rows = [
            str(number)
            for number, row in enumerate(self.structure.rows, start=1)
            if any(piece.lead == UNKNOWN_LEAD for piece in row)
        ]
        if rows:
            yield f"no name is printed for what is drawn in row {', '.join(rows)}"
        if self.drawn.left_out_mm:
            places = (f"{left:.0f} mm from the left and {down:.0f} mm down" for left, down in self.drawn.left_out_mm)
            yield f"lines that look like pieces of a trace were taken for none: {', '.join(places)}"
        times_as_wide = self.grid.across_px_per_mm / self.grid.down_px_per_mm
        if not 1 / SQUARE <= times_as_wide <= SQUARE:
            yield f"the grid's boxes are {times_as_wide:.2f} times as wide as they are high; check --speed and --gain"
        if not self.grid.has_grid and not self.found.is_confirmed and not self._is_round():
            yield (
                "no grid is drawn, and neither a pulse nor the length of the rows shows that a millimetre of the page "
                "is one of the ECG; check --speed and --gain"
            )

    def lead_doubts(self) -> dict[str, str]:
        """Leads whose traces leave the drawing over an edge."""
        beyond = "its trace leaves the drawing over an edge; what lies beyond is not known"
        per_mm = self.grid.across_px_per_mm
        pieces = [piece for row in self.structure.rows for piece in row]
        unclear = {
            piece.lead.removeprefix("-"): DASHED if curve.drawn_share < UNCLEAR else COARSE
            for piece in pieces
            if self._clarity(curve := self.drawn.curves[piece.span]) < UNCLEAR
        }
        return unclear | {
            piece.lead.removeprefix("-"): beyond
            for piece in pieces
            for first, last in self.drawn.curves[piece.span].cut_px
            if piece.left_mm * per_mm <= first and last <= piece.right_mm * per_mm
        }

    def _clarity(self, curve: Curve) -> float:
        """How much of its signal a trace shows: all where its points lie as close as samples at `CLEAR_RATE_HZ`, and no
        part of it is left out."""
        px_per_s = self.found.scale.paper.width_mm(1.0) * self.grid.across_px_per_mm
        rate_hz = px_per_s / max(curve.finest_px, 1e-6)
        return min(1.0, rate_hz / CLEAR_RATE_HZ) * curve.drawn_share

    def _trace(self, piece: Piece, segment: Segment, zero_px: float, sampling_rate_hz: float) -> LeadTrace:
        """A piece at even instants, in mV; NaN where its curve does not reach."""
        curve = self.drawn.curves[piece.span]
        paper, start_px = self.found.scale.paper, piece.left_mm * self.grid.across_px_per_mm
        first_sample, after_start = samples_of(segment, sampling_rate_hz)
        px_per_s = paper.width_mm(1.0) * self.grid.across_px_per_mm
        at_px = start_px + after_start / sampling_rate_hz * px_per_s
        height_mm = (zero_px - _heights_px(curve, at_px)) / self.grid.down_px_per_mm
        points, end_px = curve.points_px, start_px + segment.duration_s * px_per_s
        gain = self.found.chest_gain_mm_per_mv if is_chest_lead(segment.lead) else paper.gain_mm_per_mv
        return LeadTrace(
            lead=segment.lead,
            row=segment.row,
            is_rhythm=segment.is_rhythm,
            first_sample=first_sample,
            signal_mv=height_mm / gain,
            clarity=self._clarity(curve),
            points_px=points[(points[:, 0] >= start_px - 0.5) & (points[:, 0] <= end_px + 0.5)],
        )

    def _zeros(self) -> tuple[Zero, ...]:
        levels = [
            float(np.median([self.drawn.curves[piece.span].level_px for piece in row])) for row in self.structure.rows
        ]
        px_per_mm = self.grid.down_px_per_mm
        marks = [mark * px_per_mm for mark in self.structure.marks_mm]
        feet = [pulse.base_px for pulse in self.drawn.pulses]
        heights = [pulse.height_px for pulse in self.drawn.pulses]
        zeros = pulse_zeros_px(levels, feet, heights, px_per_mm=px_per_mm)
        return zero_lines(levels, zeros, marks, px_per_mm=px_per_mm)

    def _is_round(self) -> bool:
        """Whether the rows last a multiple of half a second, as they do where the page has its own size."""
        return rounded_s(self.structure.timing.duration_s) % 0.5 == 0


def _span(curve: Curve, grid: Scale) -> Span:
    return Span(
        left_mm=curve.start_px / grid.across_px_per_mm,
        right_mm=(curve.end_px + curve.step_px) / grid.across_px_per_mm,
        level_mm=curve.level_px / grid.down_px_per_mm,
    )


def _heights_px(curve: Curve, at_px: np.ndarray) -> np.ndarray:
    """Height of a curve; a spline through its points where they are samples, evenly spaced, else straight lines."""
    from scipy.interpolate import CubicSpline  # takes long to import, and pictures are read without

    points = curve.points_px
    x, unique = np.unique(points[:, 0], return_index=True)
    y, steps = points[unique, 1], np.diff(x)
    even = len(x) == len(points) and steps.max() <= 1.5 * np.median(steps)
    heights = CubicSpline(x, y)(at_px) if even else np.interp(at_px, points[:, 0], points[:, 1])
    step_px = float(np.median(steps))
    outside = (at_px < x[0] - step_px) | (at_px > x[-1] + step_px)
    for first, last in curve.cut_px:
        outside |= (at_px > first) & (at_px < last)
    return np.where(outside, np.nan, np.where(at_px > x[-1], y[-1], np.where(at_px < x[0], y[0], heights)))
