"""The traces of a drawing and its calibration pulses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.vector.joining import (
    LEAST_PIECE_POINTS,
    Line,
    Stretches,
    Style,
    joined,
    put_together_at_edges,
)
from ecg_digitize.digitizers.vector.outlines import centre_line
from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.pages.drawing import Drawing, Stroke

BACKWARDS_MM = 0.15
LEAST_POINTS = 40
LEAST_WIDTH_MM = 20.0
PULSE_WIDTH_MM = (1.4, 14.0)
PULSE_HEIGHT_MM = (3.0, 24.0)
LEVEL_MM = 0.2
FLANK_MM = 0.3
"""A pulse rises and falls on so little paper."""
SAME_CURVE_MM = 0.05
LEAST_PIECE_MM = 3.0
"""What has the look of the traces and is smaller is none of them, nor a piece of one."""
MOSTLY_FORWARDS = 0.8
"""A line runs from left to right over such a part of its way that may be a trace; figures and letters do not."""

FINEST = 0.1
"""Points lie closest where a trace is steep: how fine it is tells this quantile of their distances."""


@attrs.frozen(eq=False)
class Curve:
    """A trace.

    Attributes:
        points_px: float64, shape (points, 2), from left to right.
        level_px: height at which it is half of the time below.
        cut_px: where it lies beyond what is drawn, beginning and end of each stretch.
        gaps_px: where nothing of it is drawn between two dashes, likewise.
        num_given: points that the file has for it, fewer than these where it is drawn in curves; None for all.
    """

    points_px: np.ndarray = attrs.field(repr=lambda points: f"<{len(points)} points>")
    level_px: float
    cut_px: Stretches = ()
    gaps_px: Stretches = ()
    num_given: int | None = None

    @property
    def start_px(self) -> float:
        """Left end."""
        return float(self.points_px[0, 0])

    @property
    def end_px(self) -> float:
        """Right end."""
        return float(self.points_px[-1, 0])

    @property
    def width_px(self) -> float:
        """From the left to the right end."""
        return self.end_px - self.start_px

    @property
    def step_px(self) -> float:
        """Usual distance of two points."""
        steps = np.diff(self.points_px[:, 0])
        return float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0

    @property
    def finest_px(self) -> float:
        """Distance from left to right of the points that the file has for it, where they lie closest."""
        steps = np.diff(self.points_px[:, 0])
        finest = float(np.quantile(steps[steps > 0], FINEST)) if (steps > 0).any() else 0.0
        return finest * len(self.points_px) / (self.num_given or len(self.points_px))

    @property
    def drawn_share(self) -> float:
        """Part of its width that is drawn: of a dashed trace that of the dashes."""
        missing_px = sum(last - first for first, last in self.gaps_px if self.start_px <= first and last <= self.end_px)
        return 1.0 - missing_px / self.width_px if self.width_px > 0 else 1.0


@attrs.frozen
class Pulse:
    """A calibration pulse: where its base lies, and how tall and wide it is in pixels."""

    left_px: float
    base_px: float
    height_px: float
    width_px: float


@attrs.frozen(eq=False)
class Drawn:
    """What of a drawing is an ECG.

    Attributes:
        curves: the traces.
        pulses: the calibration pulses, those within a trace among them.
        left_out_mm: where lines stand that look like pieces of a trace and are neither: left edge, middle downwards.
    """

    curves: tuple[Curve, ...]
    pulses: tuple[Pulse, ...]
    left_out_mm: tuple[tuple[float, float], ...] = ()


def find_drawn(drawing: Drawing, scale: Scale) -> Drawn:
    """Long lines that never run backwards, and rectangular steps up and down again."""
    curves: list[Curve] = []
    pulses: list[Pulse] = []
    others: list[Line] = []
    styles: set[Style] = set()
    strokes = joined(drawing.strokes, scale, lambda points: _as_pulse(points, scale) is not None)
    for line in put_together_at_edges([*strokes, *_centre_lines(drawing.outlines, scale)], scale):
        pulse = _as_pulse(line.points, scale) if len(line.points) >= 4 else None
        if pulse is not None:
            pulses.append(pulse)
        elif _is_trace(line.points, scale):
            parts, within = _without_pulses(_forwards(line.points), scale)
            pulses += within
            curves += (_curve(line.part(part)) for part in parts if _is_trace(part, scale))
            others += (line.part(part) for part in parts if not _is_trace(part, scale))
            styles.add(line.style)
        else:
            others.append(line)
    left_out = [
        line.points for line in others if _may_be_trace(line.points, scale, has_their_look=line.style in styles)
    ]
    return Drawn(
        tuple(_each_once(curves, scale)),
        tuple(pulses),
        tuple(
            (float(points[0, 0]) / scale.across_px_per_mm, _level(points) / scale.down_px_per_mm) for points in left_out
        ),
    )


def _may_be_trace(points: np.ndarray, scale: Scale, *, has_their_look: bool) -> bool:
    """Whether a line that was taken for no trace may be a piece of one: it has their look, is bent, and goes on."""
    least_mm, least_points = (LEAST_PIECE_MM, LEAST_PIECE_POINTS) if has_their_look else (LEAST_WIDTH_MM, LEAST_POINTS)
    steps = np.diff(points, axis=0)
    forwards = float(np.abs(steps[steps[:, 0] > 0, 0]).sum())
    is_bent = np.ptp(points[:, 1]) >= LEVEL_MM * scale.down_px_per_mm
    width = np.ptp(points[:, 0])
    goes_on = width >= MOSTLY_FORWARDS * np.abs(steps[:, 0]).sum()
    return bool(
        len(points) >= least_points
        and is_bent
        and goes_on
        and min(width, forwards) >= least_mm * scale.across_px_per_mm
    )


def _curve(line: Line) -> Curve:
    return Curve(line.points, _level(line.points), line.cut_px, line.gaps_px, line.num_given)


def _is_trace(points: np.ndarray, scale: Scale) -> bool:
    return bool(
        len(points) >= LEAST_POINTS
        and np.ptp(points[:, 0]) >= LEAST_WIDTH_MM * scale.across_px_per_mm
        and np.diff(points[:, 0]).min() >= -BACKWARDS_MM * scale.across_px_per_mm
    )


def _forwards(points: np.ndarray) -> np.ndarray:
    """The points without the small steps back that curves and rounded figures have."""
    return np.column_stack((np.maximum.accumulate(points[:, 0]), points[:, 1]))


def _level(points: np.ndarray) -> float:
    """Height at which a curve is half of the way below, however its points are spread."""
    at = np.linspace(points[0, 0], points[-1, 0], 1000)
    return float(np.median(np.interp(at, points[:, 0], points[:, 1])))


def _each_once(curves: Sequence[Curve], scale: Scale) -> Iterator[Curve]:
    """Curves that are not drawn over one another, as for a bolder look."""
    seen: list[np.ndarray] = []
    for curve in curves:
        mark = np.array([*curve.points_px[0], *curve.points_px[-1], curve.level_px])
        if not any(np.abs(mark - each).max() <= SAME_CURVE_MM * scale.down_px_per_mm for each in seen):
            seen.append(mark)
            yield curve


def _centre_lines(outlines: Sequence[Stroke], scale: Scale) -> Iterator[Line]:
    for outline in outlines:
        line = centre_line(outline.points_px, px_per_mm=scale.down_px_per_mm, least_width_mm=LEAST_WIDTH_MM)
        if line is not None:
            yield Line(outline.style, line, min(outline.num_given or len(line), len(line)))


def _as_pulse(points: np.ndarray, scale: Scale) -> Pulse | None:
    """A line that lies at a base, then at a top, then at the base again."""
    x, y = points[:, 0], points[:, 1]
    base, height = float(max(y[0], y[-1])), float(max(y[0], y[-1]) - y.min())
    tolerance = LEVEL_MM * scale.down_px_per_mm
    on_top = y - y.min() <= tolerance
    on_base = base - y <= tolerance
    backwards = np.diff(x).min() < -BACKWARDS_MM * scale.across_px_per_mm
    if backwards or not (on_top | on_base).all() or not (on_base[0] and on_base[-1]):
        return None
    width = float((x[on_top][-1] - x[on_top][0]) if on_top.any() else 0.0)
    return Pulse(float(x[0]), base, height, width) if _has_size(height, width, scale) else None


def _has_size(height_px: float, width_px: float, scale: Scale) -> bool:
    low, high = (limit * scale.down_px_per_mm for limit in PULSE_HEIGHT_MM)
    narrow, wide = (limit * scale.across_px_per_mm for limit in PULSE_WIDTH_MM)
    return low <= height_px <= high and narrow <= width_px <= wide


def _without_pulses(points: np.ndarray, scale: Scale) -> tuple[list[np.ndarray], list[Pulse]]:
    """A trace cut where a pulse is drawn in one go with it, and the pulses."""
    cuts: list[tuple[int, int]] = []
    pulses: list[Pulse] = []
    for first, last in _flat_tops(points, scale):
        pulse = _pulse_around(points, first, last, scale)
        if pulse is not None:
            pulses.append(pulse)
            cuts.append(_base_around(points, first, last, pulse, scale))
    begins = [0, *(after for _, after in cuts)]
    ends = [*(before for before, _ in cuts), len(points) - 1]
    return [points[begin : end + 1] for begin, end in zip(begins, ends, strict=True)], pulses


def _flat_tops(points: np.ndarray, scale: Scale) -> Iterator[tuple[int, int]]:
    """First and last point of every stretch that is level and as wide as the top of a pulse."""
    level = np.abs(np.diff(points[:, 1])) <= SAME_CURVE_MM * scale.down_px_per_mm
    edges = np.flatnonzero(np.diff(np.concatenate(([False], level, [False])).astype(int)))
    narrow, wide = (limit * scale.across_px_per_mm for limit in PULSE_WIDTH_MM)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if narrow <= points[last, 0] - points[first, 0] <= wide:
            yield int(first), int(last)


def _pulse_around(points: np.ndarray, first: int, last: int, scale: Scale) -> Pulse | None:
    """The pulse whose top a stretch is: equally steep and tall flanks on both sides."""
    flank = FLANK_MM * scale.across_px_per_mm
    left, right, top = points[first, 0], points[last, 0], float(points[first, 1])
    before = points[(points[:, 0] >= left - flank) & (np.arange(len(points)) < first), 1]
    after = points[(points[:, 0] <= right + flank) & (np.arange(len(points)) > last), 1]
    if not len(before) or not len(after):
        return None
    rise, fall = float(before.max() - top), float(after.max() - top)
    is_even = abs(rise - fall) <= 2 * LEVEL_MM * scale.down_px_per_mm
    width = float(right - left)
    return Pulse(float(left), top + fall, fall, width) if is_even and _has_size(fall, width, scale) else None


def _base_around(points: np.ndarray, first: int, last: int, pulse: Pulse, scale: Scale) -> tuple[int, int]:
    """Last point of the trace before a pulse and the first one after it: its level base belongs to neither."""
    on_base = np.abs(points[:, 1] - pulse.base_px) <= SAME_CURVE_MM * scale.down_px_per_mm
    flank = FLANK_MM * scale.across_px_per_mm
    before = first - 1
    while before > 0 and (on_base[before] or points[first, 0] - points[before, 0] <= flank):
        before -= 1
    after = last + 1
    while after < len(points) - 1 and (on_base[after] or points[after, 0] - points[last, 0] <= flank):
        after += 1
    return before, after
