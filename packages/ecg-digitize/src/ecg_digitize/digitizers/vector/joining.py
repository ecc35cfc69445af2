"""Strokes put together to the lines of which programs cut them: pieces, dashes, and what leaves the drawing and comes
back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Self

import attrs
import numpy as np

from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.pages.drawing import Stroke

JOINED_PX = 0.3
PIECE_MM = 20.0
"""Traces that are cut into pieces are cut into shorter ones."""
PIECES_APART_STEPS = 1.6
PIECES_APART_MM = 1.5
MAX_PIECES = 20_000
"""A page of twelve leads in pieces of a millimetre has three thousand; what has more is no trace, and is not joined."""
DASHES_APART_MM = 2.5
LEAST_DASHES = 8
EVEN_GAPS = (0.4, 2.0)
"""The gaps of a dashed line are equally long along the line: most are as long as half of them, times these; strokes of
letters are apart by anything."""
SAME_HEIGHT_MM = 0.05
BEYOND_EDGE_MM = 5.0
"""A trace comes back so soon that leaves the drawing over an edge."""
LEAST_PIECE_POINTS, LEAST_PULSE_POINTS = 6, 4

Style = tuple[float, ...]
Stretches = tuple[tuple[float, float], ...]


@attrs.frozen(eq=False)
class Line:
    """A line from point to point.

    Attributes:
        style: its look, as of `ecg_digitize.pages.drawing.Stroke`.
        points: float64, shape (points, 2).
        num_given: points that the file has for it; others were put on its curves.
        gaps_px: where nothing of it is drawn, beginning and end of each stretch between two dashes.
        cut_px: likewise where it lies beyond what is drawn.
    """

    style: Style
    points: np.ndarray
    num_given: int
    gaps_px: Stretches = ()
    cut_px: Stretches = ()

    @classmethod
    def of(cls, stroke: Stroke) -> Self:
        """A stroke as a line."""
        return cls(stroke.style, stroke.points_px, stroke.num_given or len(stroke.points_px))

    @property
    def width_px(self) -> float:
        """From its leftmost to its rightmost point."""
        return float(np.ptp(self.points[:, 0]))

    @property
    def step_px(self) -> float:
        """Usual distance of two points from left to right; 0 where it never goes there."""
        steps = np.diff(self.points[:, 0])
        return float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0

    @property
    def goes_right(self) -> bool:
        """Whether it never runs backwards."""
        return bool(np.diff(self.points[:, 0]).min() >= 0)

    def part(self, points: np.ndarray) -> Line:
        """Some of its points as a line of its own."""
        return attrs.evolve(
            self, points=points, num_given=max(2, round(self.num_given * len(points) / len(self.points)))
        )


def one_line(lines: Sequence[Line], *, gaps_px: Stretches = (), cut_px: Stretches = ()) -> Line:
    """Lines that follow each other in one, with what is missing between them."""
    return Line(
        lines[0].style,
        np.concatenate([line.points for line in lines]),
        sum(line.num_given for line in lines),
        (*(gap for line in lines for gap in line.gaps_px), *gaps_px),
        (*(cut for line in lines for cut in line.cut_px), *cut_px),
    )


def joined(strokes: Sequence[Stroke], scale: Scale, is_pulse: Callable[[np.ndarray], bool]) -> list[Line]:
    """Strokes of one style that go on where another ends, in whatever way programs cut a trace.

    Args:
        strokes: in the order in which they are drawn.
        scale: pixels a millimetre.
        is_pulse: whether a line is a calibration pulse, which is no piece of another.
    """
    return _joined_pieces(_joined_dashes(list(_joined_exactly(strokes)), scale, is_pulse), scale, is_pulse)


def _joined_exactly(strokes: Iterable[Stroke]) -> Iterator[Line]:
    """Strokes that begin where the one before ends."""
    parts: list[Line] = []
    for line in map(Line.of, strokes):
        last = parts[-1] if parts else None
        if last and last.style == line.style and np.abs(line.points[0] - last.points[-1]).max() <= JOINED_PX:
            parts.append(attrs.evolve(line, points=line.points[1:], num_given=line.num_given - 1))
            continue
        if parts:
            yield one_line(parts)
        parts = [line]
    if parts:
        yield one_line(parts)


def _joined_pieces(lines: Sequence[Line], scale: Scale, is_pulse: Callable[[np.ndarray], bool]) -> list[Line]:
    """Lines, short ones of a style put together where one begins a step after another ends, in whatever order."""
    pieces = [
        line
        for line in lines
        if len(line.points) > 2
        and 0 < line.width_px < PIECE_MM * scale.across_px_per_mm
        and line.goes_right
        and not is_pulse(line.points)
    ]
    if len(pieces) > MAX_PIECES:
        return list(lines)
    single = set(map(id, pieces))

    def room_px(line: Line) -> tuple[float, float]:
        down_px = 2 * float(np.abs(np.diff(line.points[-9:, 1])).max())
        return PIECES_APART_STEPS * line.step_px + JOINED_PX, max(PIECES_APART_MM * scale.down_px_per_mm, down_px)

    others = [line for line in lines if id(line) not in single]
    return [*others, *(one_line(chain) for chain in _chains(pieces, room_px))]


def _joined_dashes(lines: Sequence[Line], scale: Scale, is_pulse: Callable[[np.ndarray], bool]) -> list[Line]:
    """Lines, those put together that are the dashes of one: equally far apart all along."""
    short = [
        line
        for line in lines
        if line.width_px < PIECE_MM * scale.across_px_per_mm
        and line.goes_right
        and not (len(line.points) >= LEAST_PULSE_POINTS and is_pulse(line.points))
    ]
    bent = {line.style for line in short if len(line.points) > 2}
    pieces = [line for line in short if line.style in bent]
    if not LEAST_DASHES <= len(pieces) <= MAX_PIECES:
        return list(lines)
    far_px = (DASHES_APART_MM * scale.across_px_per_mm, DASHES_APART_MM * scale.down_px_per_mm)
    dashed = [chain for chain in _chains(pieces, lambda _: far_px) if _are_dashes(chain, scale)]
    single = {id(line) for chain in dashed for line in chain}
    others = [line for line in lines if id(line) not in single]
    return [*others, *(one_line(chain, gaps_px=_gaps(chain)) for chain in dashed)]


def _are_dashes(chain: Sequence[Line], scale: Scale) -> bool:
    if len(chain) < LEAST_DASHES:
        return False
    per_mm = np.array([scale.across_px_per_mm, scale.down_px_per_mm])
    ends, starts = (np.array([line.points[place] for line in chain]) for place in (-1, 0))
    apart_mm = np.hypot(*((starts[1:] - ends[:-1]) / per_mm).T)
    low, usual, high = np.quantile(apart_mm, (0.1, 0.5, 0.9))
    step_mm = float(np.median([line.step_px for line in chain])) / scale.across_px_per_mm
    are_even = EVEN_GAPS[0] * usual <= low and high <= EVEN_GAPS[1] * usual
    return bool(are_even and PIECES_APART_STEPS * step_mm < usual and high <= DASHES_APART_MM)


def _gaps(chain: Sequence[Line]) -> Stretches:
    return tuple((float(before.points[-1, 0]), float(after.points[0, 0])) for before, after in pairwise(chain))


def _chains(pieces: Iterable[Line], room_px: Callable[[Line], tuple[float, float]]) -> list[list[Line]]:
    """Pieces of a style behind each other, each behind the end that is nearest in height.

    Args:
        pieces: in any order; none runs backwards.
        room_px: how far to the right of a piece, and how far above or below its end, another may go on.
    """
    chains: dict[Style, list[list[Line]]] = {}
    ends: dict[Style, np.ndarray] = {}
    ahead: dict[Style, np.ndarray] = {}
    for piece in sorted(pieces, key=lambda piece: float(piece.points[0, 0])):
        own = chains.setdefault(piece.style, [])
        known = ends.setdefault(piece.style, np.empty((64, 4)))
        near = ahead.setdefault(piece.style, np.empty(0, int))
        x, y, right_px, down_px = known[near].T
        across, down = piece.points[0, 0] - x, np.abs(piece.points[0, 1] - y) / down_px
        apart = np.where((across >= -JOINED_PX) & (across <= right_px), down, np.inf)
        is_ahead = across <= right_px
        if len(near) and apart.min() <= 1:
            number = int(near[apart.argmin()])
            own[number].append(piece)
        else:
            number = len(own)
            own.append([piece])
            near, is_ahead = np.append(near, number), np.append(is_ahead, True)
            if number >= len(known):
                known = ends[piece.style] = np.concatenate((known, np.empty_like(known)))
        known[number] = (*piece.points[-1], *room_px(piece))
        is_ahead[near == number] = True
        ahead[piece.style] = near[is_ahead]
    return [chain for own in chains.values() for chain in own]


def put_together_at_edges(lines: Sequence[Line], scale: Scale) -> Iterator[Line]:
    """Lines, those in one that leave the drawing over an edge and come back over it, with the stretches in between.

    What is drawn of such a trace ends and begins at one height, above or below which neither piece goes.
    """
    near_px, far_px = SAME_HEIGHT_MM * scale.down_px_per_mm, BEYOND_EDGE_MM * scale.across_px_per_mm
    yield from (line for line in lines if len(line.points) < LEAST_PIECE_POINTS)
    chains: list[Line] = []
    ahead: list[int] = []
    long = [line for line in lines if len(line.points) >= LEAST_PIECE_POINTS]
    for line in sorted(long, key=lambda line: float(line.points[0, 0])):
        start_px = float(line.points[0, 0])
        ahead = [number for number in ahead if start_px - chains[number].points[-1, 0] <= far_px]
        number = next((number for number in ahead if _goes_on_beyond(chains[number], line, near_px)), None)
        if number is None:
            ahead.append(len(chains))
            chains.append(line)
        else:
            cut = (float(chains[number].points[-1, 0]), start_px)
            chains[number] = one_line((chains[number], line), cut_px=(cut,))
    yield from chains


def _goes_on_beyond(before: Line, after: Line, near_px: float) -> bool:
    is_behind = before.style == after.style and after.points[0, 0] > before.points[-1, 0]
    return is_behind and _meet_at_an_edge(before.points, after.points, near_px)


def _meet_at_an_edge(before: np.ndarray, after: np.ndarray, near_px: float) -> bool:
    if abs(before[-1, 1] - after[0, 1]) > near_px:
        return False
    heights, last = np.concatenate((before[:, 1], after[:, 1])), float(before[-1, 1])
    at_edge = min(abs(last - heights.min()), abs(last - heights.max())) <= near_px
    return bool(at_edge and np.ptp(before[:, 1]) > near_px and np.ptp(after[:, 1]) > near_px)
