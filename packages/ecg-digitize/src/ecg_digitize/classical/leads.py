"""The rows cut into leads and sampled at even instants."""

from __future__ import annotations

import attrs
import numpy as np
from scipy.interpolate import PchipInterpolator

from ecg_core.paper import Layout, PaperSpec, Segment
from ecg_digitize.assemble import LeadPiece, samples_of
from ecg_digitize.classical.pen import curve_from_outline
from ecg_digitize.classical.rectify import PX_PER_MM
from ecg_digitize.classical.strokes import Runs
from ecg_digitize.classical.structure import Row
from ecg_digitize.classical.timeframe import TimeFrame
from ecg_digitize.classical.tracking import follow_row

EDGE_FILL_S = 0.06
"""Longest stretch at the ends of a lead, hidden by a bar or left out by the printer, that keeps the nearest value."""
CLEAR_STRENGTH = 0.6
"""Evidence from which on a column of ink counts as clearly seen."""
CLEAR_STEP_PENS = 3.0
"""Pen thicknesses by which the ink of neighbouring columns may fail to touch and still be one clear stroke."""


@attrs.frozen(kw_only=True, eq=False)
class LeadCurve:
    """The curve of one lead in one row.

    Attributes:
        columns: int, shape (n,), columns of the flat page.
        y_px: float, shape (n,), height of the curve at each.
        clarity: share of the lead's columns that were clearly seen, 0 to 1.
    """

    columns: np.ndarray
    y_px: np.ndarray
    clarity: float


def lead_spans(frame: TimeFrame, layout: Layout, paper: PaperSpec) -> list[tuple[Segment, float, float]]:
    """Every segment of a layout with the columns between which it is printed."""
    spans = []
    for row in range(layout.num_rows):
        starts = frame.lead_starts_px[row]
        ends = (*starts[1:], frame.end_px[row])
        segments = [segment for segment in layout.segments if segment.row == row]
        for segment, start, end in zip(segments, starts, ends, strict=True):
            due = start + paper.width_mm(segment.duration_s) * PX_PER_MM
            spans.append((segment, start, min(end, due)))
    return spans


def read_curve(runs: Runs, row: Row, start_px: float, end_px: float, pen_px: float) -> LeadCurve:
    """Follow one lead between two columns and undo its pen.

    Args:
        runs: ink of the page, without pulses and bars.
        row: the row that the lead stands in.
        start_px: first column.
        end_px: last column.
        pen_px: thickness of the trace.
    """
    first, last = int(np.ceil(start_px)), int(np.floor(end_px))
    within = runs.select((runs.column >= first) & (runs.column <= last))
    trace = follow_row(within, row.course_px, row.distance_px, pen_px)
    inked = np.flatnonzero(trace.has_ink)
    if len(inked) < 2:
        return LeadCurve(columns=np.empty(0, int), y_px=np.empty(0), clarity=0.0)
    span = slice(inked[0], inked[-1] + 1)
    curve = curve_from_outline(trace.top_px[span], trace.bottom_px[span], pen_px / 2)
    clear = _clear_columns(trace.top_px[span], trace.bottom_px[span], trace.strength[span], pen_px)
    return LeadCurve(
        columns=np.arange(span.start, span.stop),
        y_px=curve,
        clarity=min(1.0, float(clear.sum()) / max(1, last - first + 1 - hidden_columns(pen_px))),
    )


def hidden_columns(pen_px: float) -> int:
    """How many columns of a lead a bar or a pulse may hide without loss of confidence."""
    return round(4 * pen_px)


def _clear_columns(top_px: np.ndarray, bottom_px: np.ndarray, strength: np.ndarray, pen_px: float) -> np.ndarray:
    apart = np.maximum(top_px[1:] - bottom_px[:-1], top_px[:-1] - bottom_px[1:])
    joined = np.nan_to_num(apart, nan=np.inf) <= CLEAR_STEP_PENS * pen_px
    return (strength >= CLEAR_STRENGTH) & (np.append(joined, True) | np.append(True, joined))


def sample_piece(
    curve: LeadCurve, segment: Segment, start_px: float, zero_px: float, paper: PaperSpec, sampling_rate_hz: float
) -> LeadPiece:
    """A lead's curve at even instants, in mV.

    Args:
        curve: from `read_curve`.
        segment: which lead it is and when it begins.
        start_px: column of its first instant.
        zero_px: height of 0 mV.
        paper: speed and gain.
        sampling_rate_hz: of the samples asked for.
    """
    first_sample, after_start = samples_of(segment, sampling_rate_hz)
    px_per_sample = paper.width_mm(1 / sampling_rate_hz) * PX_PER_MM
    at_px = start_px + after_start * px_per_sample
    signal_mv = np.full(len(at_px), np.nan)
    if len(curve.columns):
        fill_px = EDGE_FILL_S * sampling_rate_hz * px_per_sample
        begin, end = curve.columns[0], curve.columns[-1]
        near = (at_px >= begin - fill_px) & (at_px <= end + fill_px)
        height_px = PchipInterpolator(curve.columns, curve.y_px)(np.clip(at_px[near], begin, end))
        signal_mv[near] = paper.amplitude_mv((zero_px - height_px) / PX_PER_MM)
    return LeadPiece(
        lead=segment.lead,
        row=segment.row,
        is_rhythm=segment.is_rhythm,
        first_sample=first_sample,
        signal_mv=signal_mv,
        clarity=curve.clarity,
    )
