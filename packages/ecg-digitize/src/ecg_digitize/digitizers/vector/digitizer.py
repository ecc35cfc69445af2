"""The vector digitizer: a page of a PDF whose traces are drawn as lines, read from the lines themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
from scipy.interpolate import CubicSpline

from ecg_core.errors import DataError
from ecg_core.paper import PaperSpec, Segment
from ecg_digitize.digitizers.protocol import ReadingRequest
from ecg_digitize.digitizers.reading import LeadTrace, PageGeometry, PageStructure, Reading
from ecg_digitize.digitizers.segments import printed_rows, samples_of
from ecg_digitize.digitizers.vector.rows import Placed, place_curves
from ecg_digitize.digitizers.vector.scale import Scale, grid_scale
from ecg_digitize.digitizers.vector.traces import Pulse, find_curves, find_names, find_pulses
from ecg_digitize.pages.files import PagePicture

SAME_ROW_MM = 12.0
"""A pulse whose base is so near to the level of a row stands in it."""

WRONG_DURATION = 0.15
"""Rows that are longer or shorter than the layout says by more than this part are in doubt."""

A_DRAWING = 0.9


class VectorDigitizer:
    """Reads drawings."""

    def can_read(self, page: PagePicture) -> float:
        """Pages of PDFs with drawn lines; whether these are traces is found by reading."""
        return A_DRAWING if page.drawing is not None and page.drawing.strokes else 0.0

    def read(self, page: PagePicture, request: ReadingRequest) -> Reading:
        """Read a page.

        Raises:
            DataError: no ECG is drawn as lines; the picture may show one nevertheless.
        """
        drawing = page.drawing
        if drawing is None:
            raise DataError("the page is a picture, not a PDF in which traces are drawn as lines")
        grid = grid_scale(drawing)
        if grid is None:
            raise DataError("no grid is drawn as lines")
        pulses = find_pulses(drawing, grid)
        scale = request.settings.scale(pulse_mm=_size_mm(pulses, grid))
        placed = place_curves(
            find_curves(drawing, grid),
            find_names(drawing.texts),
            request.settings.all_printed(request.layouts, scale.paper),
            row_gap_px=grid.down_px_per_mm,
        )
        found, layout = VectorPage(grid, scale.paper, pulses, placed), placed.layout
        return Reading(
            traces=[found.trace(segment, request.sampling_rate_hz) for segment in layout.segments],
            structure=PageStructure(
                layout=layout.name, rows=printed_rows(layout), scale=scale, duration_s=layout.record_s
            ),
            geometry=found.geometry(),
            doubts=found.doubts(),
            notes=scale.notes(),
            details={"layout_score": round(placed.score, 3)},
        )


@attrs.frozen(eq=False)
class VectorPage:
    """A page whose curves are known.

    Attributes:
        grid: pixels a millimetre.
        paper: speed and gain.
        pulses: calibration pulses.
        placed: which curve shows which lead.
    """

    grid: Scale
    paper: PaperSpec
    pulses: Sequence[Pulse]
    placed: Placed

    def trace(self, segment: Segment, sampling_rate_hz: float) -> LeadTrace:
        """A segment at even instants, in mV; NaN where its curve does not reach."""
        first_sample, after_start = samples_of(segment, sampling_rate_hz)
        at_px = self._start_px(segment) + after_start * self._px(1 / sampling_rate_hz)
        height_mm = (self._zero_px(segment.row) - self._heights_px(segment, at_px)) / self.grid.down_px_per_mm
        return LeadTrace(
            lead=segment.lead,
            row=segment.row,
            is_rhythm=segment.is_rhythm,
            first_sample=first_sample,
            signal_mv=self.paper.amplitude_mv(1.0) * height_mm,
            clarity=1.0,
            points_px=self._points_px(segment),
        )

    def doubts(self) -> Iterator[str]:
        """What makes the time of a page uncertain."""
        expected = self._px(self.placed.layout.duration_s)
        longest = max(sum(curve.width_px for curve in row) for row in self.placed.rows)
        if abs(longest / expected - 1) > WRONG_DURATION:
            yield (
                f"the rows are {longest / self._px(1.0):.1f} s long at {self.paper.speed_mm_per_s:g} mm/s, not "
                f"{self.placed.layout.duration_s:g} s; check --speed and --duration"
            )

    def geometry(self) -> PageGeometry:
        """Everything found, in pixels of the picture."""
        starts = (row[0].start_px for row in self.placed.rows)
        return PageGeometry(
            px_per_mm_x=self.grid.across_px_per_mm,
            px_per_mm_y=self.grid.down_px_per_mm,
            rotation_deg=0.0,
            baselines_px=tuple((start, self._zero_px(row)) for row, start in enumerate(starts)),
        )

    def _px(self, duration_s: float) -> float:
        return self.paper.width_mm(duration_s) * self.grid.across_px_per_mm

    def _start_px(self, segment: Segment) -> float:
        """Where a segment begins: with its own curve, or so far along the curve of the whole row."""
        curve, is_whole_row = self.placed.curve_of(segment)
        return curve.start_px + (self._px(segment.at_s) if is_whole_row else 0.0)

    def _heights_px(self, segment: Segment, at_px: np.ndarray) -> np.ndarray:
        """Height of a curve; a spline through its points where they are samples, evenly spaced, else straight lines."""
        points = self.placed.curve_of(segment)[0].points_px
        x, unique = np.unique(points[:, 0], return_index=True)
        y, steps = points[unique, 1], np.diff(x)
        even = len(x) == len(points) and steps.max() <= 1.5 * np.median(steps)
        heights = CubicSpline(x, y)(at_px) if even else np.interp(at_px, points[:, 0], points[:, 1])
        step_px = float(np.median(steps))
        outside = (at_px < x[0] - step_px) | (at_px > x[-1] + step_px)
        return np.where(outside, np.nan, np.where(at_px > x[-1], y[-1], np.where(at_px < x[0], y[0], heights)))

    def _points_px(self, segment: Segment) -> np.ndarray:
        points = self.placed.curve_of(segment)[0].points_px
        start = self._start_px(segment)
        return points[(points[:, 0] >= start - 0.5) & (points[:, 0] <= start + self._px(segment.duration_s) + 0.5)]

    def _zero_px(self, row: int) -> float:
        """Height of 0 mV: the base of the row's pulse, else where its curves are most of the time."""
        level = float(np.median([curve.level_px for curve in self.placed.rows[row]]))
        bases = [pulse.base_px for pulse in self.pulses]
        near = [base for base in bases if abs(base - level) <= SAME_ROW_MM * self.grid.down_px_per_mm]
        return min(near, key=lambda base: abs(base - level)) if near else level


def _size_mm(pulses: Sequence[Pulse], grid: Scale) -> tuple[float, float] | None:
    """Width and height that most of the pulses have."""
    if not pulses:
        return None
    width_px, height_px = np.median([(pulse.width_px, pulse.height_px) for pulse in pulses], axis=0)
    return float(width_px / grid.across_px_per_mm), float(height_px / grid.down_px_per_mm)
