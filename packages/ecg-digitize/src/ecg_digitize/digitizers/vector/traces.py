"""The traces of a drawing and its calibration pulses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.vector.dashes import without_dashes
from ecg_digitize.digitizers.vector.outlines import centre_line
from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.pages.drawing import Drawing, Stroke

JOINED_PX = 0.3
BACKWARDS_MM = 0.15
LEAST_POINTS = 40
LEAST_WIDTH_MM = 20.0
PIECE_MM = 20.0
"""Traces that are cut into pieces are cut into shorter ones."""
PIECES_APART_STEPS = 1.6
PIECES_APART_MM = 1.5
PULSE_WIDTH_MM = (1.4, 14.0)
PULSE_HEIGHT_MM = (3.0, 24.0)
LEVEL_MM = 0.2
FLANK_MM = 0.3
"""A pulse rises and falls on so little paper."""
SAME_CURVE_MM = 0.05
BEYOND_EDGE_MM = 5.0
"""A trace comes back so soon that leaves the drawing over an edge."""
LEAST_PIECE_MM, LEAST_PIECE_POINTS = 3.0, 6
"""What has the look of the traces and is smaller is none of them, nor a piece of one."""
MOSTLY_FORWARDS = 0.8
"""A line runs from left to right over such a part of its way that may be a trace; figures and letters do not."""

Style = tuple[float, ...]
Line = tuple[Style, np.ndarray]
Stretches = tuple[tuple[float, float], ...]


@attrs.frozen(eq=False)
class Curve:
    """A trace.

    Attributes:
        points_px: float64, shape (points, 2), from left to right.
        level_px: height at which it is half of the time below.
        cut_px: where it lies beyond what is drawn, beginning and end of each stretch.
    """

    points_px: np.ndarray = attrs.field(repr=lambda points: f"<{len(points)} points>")
    level_px: float
    cut_px: tuple[tuple[float, float], ...] = ()

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
    lines = [*_joined(drawing.strokes, scale), *_centre_lines(drawing.outlines, scale)]
    for style, points, cuts in _put_together_at_edges(lines, scale):
        pulse = _as_pulse(points, scale) if len(points) >= 4 else None
        if pulse is not None:
            pulses.append(pulse)
        elif _is_trace(points, scale):
            parts, within = _without_pulses(_forwards(points), scale)
            pulses += within
            curves += (Curve(part, _level(part), cuts) for part in parts if _is_trace(part, scale))
            others += ((style, part) for part in parts if not _is_trace(part, scale))
            styles.add(style)
        else:
            others.append((style, points))
    left_out = [points for style, points in others if _may_be_trace(points, scale, has_their_look=style in styles)]
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


def _put_together_at_edges(lines: Sequence[Line], scale: Scale) -> Iterator[tuple[Style, np.ndarray, Stretches]]:
    """Lines, those in one that leave the drawing over an edge and come back over it, with the stretches in between.

    What is drawn of such a trace ends and begins at one height, above or below which neither piece goes.
    """
    near_px, far_px = SAME_CURVE_MM * scale.down_px_per_mm, BEYOND_EDGE_MM * scale.across_px_per_mm
    yield from ((style, points, ()) for style, points in lines if len(points) < LEAST_PIECE_POINTS)
    chains: list[tuple[Style, np.ndarray, Stretches]] = []
    long = [line for line in lines if len(line[1]) >= LEAST_PIECE_POINTS]
    for style, points in sorted(long, key=lambda line: float(line[1][0, 0])):
        for number, (other, before, cuts) in enumerate(chains):
            gap_px = float(points[0, 0] - before[-1, 0])
            if style == other and 0 < gap_px <= far_px and _meet_at_an_edge(before, points, near_px):
                cut = (float(before[-1, 0]), float(points[0, 0]))
                chains[number] = (style, np.concatenate((before, points)), (*cuts, cut))
                break
        else:
            chains.append((style, points, ()))
    yield from chains


def _meet_at_an_edge(before: np.ndarray, after: np.ndarray, near_px: float) -> bool:
    if abs(before[-1, 1] - after[0, 1]) > near_px:
        return False
    heights, last = np.concatenate((before[:, 1], after[:, 1])), float(before[-1, 1])
    at_edge = min(abs(last - heights.min()), abs(last - heights.max())) <= near_px
    return bool(at_edge and np.ptp(before[:, 1]) > near_px and np.ptp(after[:, 1]) > near_px)


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
            yield outline.style, line


def _joined(strokes: Sequence[Stroke], scale: Scale) -> list[Line]:
    """Points of strokes of one style that go on where the one before ends, as some programs draw a trace."""
    return _joined_pieces(list(without_dashes(list(_joined_exactly(strokes)), scale)), scale)


def _joined_exactly(strokes: Sequence[Stroke]) -> Iterator[Line]:
    parts: list[np.ndarray] = []
    style: Style = ()
    for stroke in strokes:
        goes_on = parts and style == stroke.style and np.abs(stroke.points_px[0] - parts[-1][-1]).max() <= JOINED_PX
        if parts and not goes_on:
            yield style, np.concatenate(parts)
            parts = []
        parts.append(stroke.points_px[1:] if goes_on else stroke.points_px)
        style = stroke.style
    if parts:
        yield style, np.concatenate(parts)


def _joined_pieces(lines: Sequence[Line], scale: Scale) -> list[Line]:
    """Lines, short ones of a style put together where one begins a step after another ends, in whatever order."""
    joined: list[Line] = []
    chains: dict[Style, list[list[np.ndarray]]] = {}
    pieces: list[Line] = []
    for style, points in lines:
        is_piece = len(points) > 2 and 0 < np.ptp(points[:, 0]) < PIECE_MM * scale.across_px_per_mm
        if is_piece and np.diff(points[:, 0]).min() >= 0 and _as_pulse(points, scale) is None:
            pieces.append((style, points))
        else:
            joined.append((style, points))
    for style, points in sorted(pieces, key=lambda piece: piece[1][0, 0]):
        own = chains.setdefault(style, [])
        before = min(own, key=lambda chain: _apart(chain[-1], points, scale), default=None)
        if before is not None and _apart(before[-1], points, scale) <= 1:
            before.append(points)
        else:
            own.append([points])
    return [*joined, *((style, np.concatenate(chain)) for style, own in chains.items() for chain in own)]


def _apart(before: np.ndarray, after: np.ndarray, scale: Scale) -> float:
    """How far a piece is from going on where another ends; up to 1 they are one."""
    steps = np.diff(before[:, 0])
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    across, down = after[0] - before[-1]
    if across < -JOINED_PX or across > PIECES_APART_STEPS * step + JOINED_PX:
        return np.inf
    return float(abs(down) / max(PIECES_APART_MM * scale.down_px_per_mm, 2 * np.abs(np.diff(before[-9:, 1])).max()))


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
