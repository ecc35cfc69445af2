"""What stands where on a sheet: rows, calibration pulses, and the time at every column."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.paper import Layout, PaperSpec
from ecg_digitize.classical.marks import Pulse, find_bars, find_pulses, without_marks
from ecg_digitize.classical.names import Place, find_names, within_names
from ecg_digitize.classical.rectify import PX_PER_MM
from ecg_digitize.classical.rows import find_rows, row_distances_px
from ecg_digitize.classical.sheet import Sheet
from ecg_digitize.classical.strokes import Runs, find_runs
from ecg_digitize.classical.timeframe import TimeFrame, find_timeframe
from ecg_digitize.classical.tracking import Trace, follow_row, level_thickness_px, wandering_baseline


@attrs.frozen(kw_only=True, eq=False)
class Row:
    """One row of a page.

    Attributes:
        course_px: float, shape (columns,), slow course of its trace.
        zero_px: height of 0 mV.
        distance_px: distance to the nearest other row.
    """

    course_px: np.ndarray
    zero_px: float
    distance_px: float


@attrs.frozen(kw_only=True, eq=False)
class Structure:
    """Everything about a page that must be known before its leads are read.

    Attributes:
        rows: from top to bottom.
        frame: where time runs.
        signal_runs: ink of the traces alone, without pulses and bars.
        pulses: the calibration pulse of each row, or None.
        pen_px: thickness of the traces.
    """

    rows: tuple[Row, ...]
    frame: TimeFrame
    signal_runs: Runs
    pulses: tuple[Pulse | None, ...]
    pen_px: float


def find_structure(sheet: Sheet, layout: Layout, paper: PaperSpec) -> Structure:
    """Find rows, pulses and the time frame of a sheet.

    Raises:
        DataError: the sheet does not have the rows of the layout.
    """
    width_px = paper.width_mm(layout.duration_s) * PX_PER_MM
    baselines_px = find_rows(sheet.runs, len(sheet.evidence), layout, width_px)
    distances_px = row_distances_px(baselines_px)
    pulses = find_pulses(sheet.evidence, baselines_px, paper)
    traces = [
        follow_row(sheet.runs, np.full(sheet.runs.num_columns, baseline), distance, sheet.pen_px)
        for baseline, distance in zip(baselines_px, distances_px, strict=True)
    ]
    pen_px = min(level_thickness_px(trace) for trace in traces)
    bars = find_bars(sheet.evidence, pen_px, baselines_px)
    frame = find_timeframe(traces, pulses, bars, layout, paper, pen_px)
    signal = without_marks(sheet.evidence, pulses, frame.bars, frame.start_px, pen_px)
    rows = [
        Row(
            course_px=wandering_baseline(trace, baseline),
            zero_px=_zero_px(pulse, trace, baseline),
            distance_px=distance,
        )
        for trace, pulse, baseline, distance in zip(traces, pulses, baselines_px, distances_px, strict=True)
    ]
    places = [
        Place(start, row.zero_px) for row, starts in zip(rows, frame.lead_starts_px, strict=True) for start in starts
    ]
    signal_runs = find_runs(signal)
    suspect = within_names(signal_runs, find_names(signal, places))
    return Structure(
        rows=tuple(rows),
        frame=frame,
        signal_runs=attrs.evolve(signal_runs, is_suspect=suspect),
        pulses=tuple(pulses),
        pen_px=pen_px,
    )


def _zero_px(pulse: Pulse | None, trace: Trace, baseline_px: float) -> float:
    """Height of 0 mV: the pulse's foot, or where the trace lies most of the time."""
    if pulse is not None:
        return pulse.foot_px
    middle = (trace.top_px + trace.bottom_px) / 2
    return float(np.nanmedian(middle)) if trace.has_ink.any() else baseline_px
