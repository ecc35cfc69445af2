"""Where time runs on a page: the instant 0, and the column at which each lead begins.

Everything that can say where time 0 is casts a vote: each bar between leads, each row's beginning and end, each
calibration pulse. The place with most votes wins, and its most exact votes settle it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_core.paper import Layout, PaperSpec
from ecg_digitize.classical.marks import Bar, Pulse
from ecg_digitize.classical.rectify import PX_PER_MM
from ecg_digitize.classical.tracking import Trace

VOTE_SPREAD_PX = 0.6 * PX_PER_MM
AGREE_PX = 1.0 * PX_PER_MM
EDGE_WINDOW_PX = round(8.0 * PX_PER_MM)
"""Stretch over which ink is compared before and after a row's end."""
GAP_PX = round(0.5 * PX_PER_MM)
"""Shortest stretch without ink that sets a pulse apart from the signal."""
PULSE_FOOT_PX = round(4.0 * PX_PER_MM)
"""How far behind a pulse the signal may begin."""
MIN_LEAD_SHARE = 0.97
LEAD_SHARE_TOLERANCE = 0.003
MIN_BAR_SHARE = 0.6

WEIGHT_BAR, WEIGHT_EDGE, WEIGHT_PULSE = 1.0, 1.5, 0.7


@attrs.frozen(kw_only=True)
class TimeFrame:
    """Columns of the flat page at which things begin and end.

    Attributes:
        start_px: time 0.
        lead_starts_px: for each row, where its leads begin.
        end_px: for each row, where its ink ends.
        bars: the bars that separate leads; empty where there are none.
        support: weight of the votes for the place chosen over that of a full set, 0 to 1.
    """

    start_px: float
    lead_starts_px: tuple[tuple[float, ...], ...]
    end_px: tuple[float, ...]
    bars: tuple[Bar, ...]
    support: float


@attrs.frozen
class _Vote:
    place_px: float
    weight: float
    is_exact: bool


def find_timeframe(
    traces: Sequence[Trace],
    pulses: Sequence[Pulse | None],
    bars: Sequence[Bar],
    layout: Layout,
    paper: PaperSpec,
    pen_px: float,
) -> TimeFrame:
    """Place time 0 and every lead's beginning.

    Args:
        traces: each row followed across the whole page, pulses and bars included.
        pulses: the pulse of each row, or None.
        bars: upright thick strokes, some of which may separate leads.
        layout: which leads stand in which row.
        paper: speed.
        pen_px: thickness of the trace; its round ends reach half of it beyond the signal.
    """
    width_px = paper.width_mm(layout.duration_s) * PX_PER_MM
    row_sizes = [len(row) for row in layout.rows] + [1] * len(layout.rhythm_leads)
    offsets = [[number * width_px / size for number in range(1, size)] for size in row_sizes]
    distinct = sorted({offset for row in offsets for offset in row})
    ends = [_row_end(trace.has_ink) - pen_px / 2 for trace in traces]
    votes = [_Vote(bar.centre_px - offset, WEIGHT_BAR, True) for bar in bars for offset in distinct]
    votes += [_Vote(end - width_px, WEIGHT_EDGE, False) for end in ends]
    votes += [_start_vote(trace.has_ink, pulse, pen_px) for trace, pulse in zip(traces, pulses, strict=True)]
    start, support = _elect(votes, full_weight=2 * WEIGHT_EDGE * len(traces))
    separating = tuple(
        bar for bar in bars if any(abs(bar.centre_px - start - offset) <= AGREE_PX for offset in distinct)
    )
    if len(separating) < MIN_BAR_SHARE * sum(map(len, offsets)):
        separating = ()
    shrink = _lead_shrink(start, ends, row_sizes, width_px)
    begins = {offset: _lead_start(start + offset * shrink, separating) for offset in distinct}
    return TimeFrame(
        start_px=start,
        lead_starts_px=tuple((start, *(begins[offset] for offset in row)) for row in offsets),
        end_px=tuple(ends),
        bars=separating,
        support=support,
    )


def _row_end(has_ink: np.ndarray) -> float:
    """Column where ink stops: the greatest fall of its density, in the right half."""
    density = np.concatenate([[0], np.cumsum(has_ink)])
    half = len(has_ink) // 2
    columns = np.arange(max(half, EDGE_WINDOW_PX), len(has_ink) + 1)
    before = density[columns] - density[columns - EDGE_WINDOW_PX]
    after = density[np.minimum(columns + EDGE_WINDOW_PX, len(has_ink))] - density[columns]
    return float(columns[(before - after).argmax()]) - 0.5


def _start_vote(has_ink: np.ndarray, pulse: Pulse | None, pen_px: float) -> _Vote:
    """Where a row begins: after the gap behind its pulse, at the pulse if there is no gap, or at its first ink."""
    if pulse is None:
        return _Vote(len(has_ink) - 1 - _row_end(has_ink[::-1]) + pen_px / 2, WEIGHT_EDGE, True)
    edge = round(pulse.right_px)
    behind = has_ink[edge : edge + PULSE_FOOT_PX]
    empty = np.convolve(~behind, np.ones(GAP_PX), mode="valid") >= GAP_PX
    if not empty.any():
        return _Vote(pulse.right_px, WEIGHT_PULSE, False)
    first_ink = edge + int(np.flatnonzero(empty)[-1]) + GAP_PX
    return _Vote(first_ink - 0.5 + pen_px / 2, WEIGHT_EDGE, True)


def _elect(votes: Sequence[_Vote], full_weight: float) -> tuple[float, float]:
    """The place with most votes and their share of a full set."""
    places = np.array([vote.place_px for vote in votes])
    weights = np.array([vote.weight for vote in votes])
    distance = places[:, None] - places[None, :]
    winner = places[(weights * np.exp(-0.5 * (distance / VOTE_SPREAD_PX) ** 2)).sum(axis=1).argmax()]
    agreeing = np.abs(places - winner) <= AGREE_PX
    exact = agreeing & np.array([vote.is_exact for vote in votes])
    deciding = exact if exact.any() else agreeing
    return float(np.median(places[deciding])), min(1.0, float(weights[agreeing].sum()) / full_weight)


def _lead_shrink(start_px: float, ends_px: Sequence[float], row_sizes: Sequence[int], width_px: float) -> float:
    """By what factor leads are shorter than due, where the rows of several leads end early: some printers cut each."""
    shares = [(end - start_px) / width_px for end, size in zip(ends_px, row_sizes, strict=True) if size > 1]
    share = float(np.median(shares)) if shares else 1.0
    return share if MIN_LEAD_SHARE <= share <= 1 - LEAD_SHARE_TOLERANCE else 1.0


def _lead_start(due_px: float, bars: Sequence[Bar]) -> float:
    """Column at which a lead begins: its bars', or the one where it is due."""
    here = [bar.centre_px for bar in bars if abs(bar.centre_px - due_px) <= AGREE_PX]
    return float(np.median(here)) if here else due_px
