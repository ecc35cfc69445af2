"""A page of a PDF to a record by the lines that are drawn on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np
from scipy.interpolate import CubicSpline

from ecg_core.errors import DataError
from ecg_core.paper import Layout, PaperSpec, Segment
from ecg_digitize.digitizers.print_scale import Known, PrintScale
from ecg_digitize.digitizers.vector.rows import Placed, place_curves
from ecg_digitize.digitizers.vector.scale import Scale, grid_scale
from ecg_digitize.digitizers.vector.traces import Pulse, find_curves, find_names, find_pulses
from ecg_digitize.pages.drawing import Drawing
from ecg_digitize.record.assemble import LeadPiece, assemble_clarity, assemble_record, samples_of
from ecg_digitize.record.digitization import Digitization, LeadTrace, PageGeometry
from ecg_digitize.record.quality import judge

METHOD = "vector"
SAME_ROW_MM = 12.0
"""A pulse whose base is so near to the level of a row stands in it."""

WRONG_DURATION = 0.15
"""Rows that are longer or shorter than the layout says by more than this part are in doubt."""


def digitize_drawing(
    image_rgb: np.ndarray, drawing: Drawing, *, layouts: Mapping[str, Layout], known: Known, sampling_rate_hz: float
) -> Digitization:
    """Read a page.

    Args:
        image_rgb: its picture, uint8, shape (height, width, 3).
        drawing: what is drawn on it.
        layouts: that it may have, by name; one alone is taken for granted.
        known: what is known of it.
        sampling_rate_hz: of the record.

    Raises:
        DataError: no ECG is drawn as lines; the picture may show one nevertheless.
    """
    grid = grid_scale(drawing)
    if grid is None:
        raise DataError("no grid is drawn as lines")
    pulses = find_pulses(drawing, grid)
    scale = known.scale(pulse_mm=_size_mm(pulses, grid))
    placed = place_curves(
        find_curves(drawing, grid),
        find_names(drawing.texts),
        known.all_printed(layouts, scale.paper),
        row_gap_px=grid.down_px_per_mm,
    )
    page = VectorPage(grid, scale.paper, pulses, placed)
    layout = placed.layout
    pieces = [page.piece(segment, sampling_rate_hz) for segment in layout.segments]
    record = assemble_record(
        pieces,
        sampling_rate_hz=sampling_rate_hz,
        num_samples=round(layout.duration_s * sampling_rate_hz),
        name="page",
    )
    quality = judge(
        record,
        pieces,
        method=METHOD,
        warnings=list(page.doubts()),
        notes=scale.notes(),
        details=_details(placed, grid, scale),
    )
    return Digitization(
        image=image_rgb,
        record=record,
        quality=quality,
        geometry=page.geometry(),
        sample_clarity=assemble_clarity(pieces, num_samples=record.num_samples),
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

    def piece(self, segment: Segment, sampling_rate_hz: float) -> LeadPiece:
        """A segment at even instants, in mV; NaN where its curve does not reach."""
        first_sample, after_start = samples_of(segment, sampling_rate_hz)
        at_px = self._start_px(segment) + after_start * self._px(1 / sampling_rate_hz)
        height_mm = (self._zero_px(segment.row) - self._heights_px(segment, at_px)) / self.grid.down_px_per_mm
        return LeadPiece(
            lead=segment.lead,
            row=segment.row,
            is_rhythm=segment.is_rhythm,
            first_sample=first_sample,
            signal_mv=self.paper.amplitude_mv(1.0) * height_mm,
            clarity=1.0,
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
            traces=tuple(
                LeadTrace(
                    lead=segment.lead,
                    row=segment.row,
                    is_rhythm=segment.is_rhythm,
                    points_px=self._points_px(segment),
                    confidence=1.0,
                )
                for segment in self.placed.layout.segments
            ),
        )

    def _px(self, duration_s: float) -> float:
        return self.paper.width_mm(duration_s) * self.grid.across_px_per_mm

    def _start_px(self, segment: Segment) -> float:
        """Where a segment begins: with its own curve, or so far along the curve of the whole row."""
        curve, is_whole_row = self.placed.curve_of(segment)
        return curve.start_px + (self._px(segment.start_s) if is_whole_row else 0.0)

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


def _details(placed: Placed, grid: Scale, scale: PrintScale) -> dict[str, object]:
    return {
        "layout": placed.layout.name,
        "paper": scale.details(),
        "geometry": {
            "px_per_mm_x": round(grid.across_px_per_mm, 4),
            "px_per_mm_y": round(grid.down_px_per_mm, 4),
            "layout_score": round(placed.score, 3),
        },
    }
