"""Rows of ink on flat paper that may be traces, by the map of traces alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import attrs
import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, median_filter, uniform_filter1d

from ecg_core.curves import peaks_of, runs_of
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM
from ecg_digitize.digitizers.structure.evidence import InkRow

INKED, CLEARLY_INKED = 0.3, 0.5
"""Value of the map of traces from which on there may be ink at a place, and from which on there is."""

FAINTLY_INKED = 0.1
"""From which on there may be ink where something else tells of a row, or where all ink is faint: on a dark grid traces
are hardly seen, nor are thin ones in the color of the grid."""

BLUR_MM = 1.0
LEAST_APART_MM, BESIDE_MM = 6.0, 3.0
"""Rows lie so far apart; and words beside a row so far that both show."""

LEAST_STRENGTH, LEAST_PROMINENCE = 0.3, 0.02
"""A row has so much of the ink of the strongest ones, and stands out by so much of the paper's width."""

REACH_MM = 4.0
"""Ink so near to a row's height belongs to it."""

OWN = 0.4
"""Ink so near to a row, by the distance of two rows, is its own."""

PITCHES_MM = np.arange(12.0, 50.0, 0.5)
"""Distances of rows that are tried where only their number is known."""

DENSE_MM, DENSE = 10.0, 0.7
"""A row begins and ends where so much of so much paper has ink."""

LONG_PX, IN_ROW = 12.0 * PX_PER_MM, 0.3
"""Ink that hangs together for so long is none of words; a trace hangs together for longer mostly. It is of a row that
it is in for so much of its length: spikes of the rows above and below only cross it."""

FRAME_MM, SAME_ENDS_MM = 60.0, 1.5
"""Ink that runs straight across for so long is the line of a frame, for a trace has complexes; but where it begins and
ends where the traces do, within the second, it may be a lead whose waves are small."""

FRAME_SLOPES = np.linspace(-0.034, 0.034, 9)
"""Frames that are not drawn with the grid lean against it, by up to two degrees."""

PARTED_MM, COLUMN_MM = 12.0, 25.0
"""Columns that do not touch have stretches that are dense so far apart, at most, and so long, at least."""

LEVEL_MM, ASIDE_MM, LEVEL_OVER_MM = 2.0, 0.35, 50.0
"""Ink within the first is that of the row's level; it is away from it where it lies the second from the level's course,
which is smooth over the third."""


@attrs.frozen(eq=False)
class _Pieces:
    """Ink in pieces that hang together.

    Attributes:
        numbers: the number of the piece that each pixel belongs to, int32, shape of the trace.
        long_px: width of each piece that hangs together for long, by its number.
    """

    numbers: np.ndarray
    long_px: dict[int, int]

    @classmethod
    def of(cls, trace: np.ndarray) -> Self:
        count, numbers, stats, _ = cv2.connectedComponentsWithStats((trace >= INKED).astype(np.uint8), connectivity=8)
        widths_px = stats[:, cv2.CC_STAT_WIDTH].tolist()
        return cls(numbers, {each: widths_px[each] for each in range(1, count) if widths_px[each] >= LONG_PX})

    def joined_at(self, peak: int) -> np.ndarray:
        """Whether a row has ink of pieces that hang together for long, and do not only cross it, column by column.

        Args:
            peak: height of the row.
        """
        row = _band(self.numbers, peak, REACH_MM)
        joined = np.zeros(row.shape[1], bool)
        for number in np.intersect1d(row, list(self.long_px)):
            there = (row == number).any(axis=0)
            if there.sum() >= IN_ROW * self.long_px[number]:
                joined |= there
        return joined


def find_ink_rows(trace: np.ndarray) -> list[InkRow]:
    """Rows of ink, from the top, lines of frames left out; a line that begins and ends where traces do may be a trace.

    Where no row hangs together, all ink may be faint: with ink that is hardly seen the same rows do, all of them, or
    twice as many. Where only some more show, as in the picture of a screen, it is no page that can be read.

    Args:
        trace: ink of traces on flat, upright paper, 0 to 1, shape (height, width), `PX_PER_MM`.
    """
    clear = _level_and_waving_rows(trace)
    if any(row.hangs_together for row in clear):
        return clear
    faint = _level_and_waving_rows(np.minimum(trace * (INKED / FAINTLY_INKED), 1.0))
    num_joined = sum(row.hangs_together for row in faint)
    are_the_same = num_joined == len(faint) == len(clear)
    return faint if are_the_same or num_joined >= max(2 * len(clear), 1) else clear


def _level_and_waving_rows(trace: np.ndarray) -> list[InkRow]:
    """Rows of ink, those among them that are level where traces are."""
    bare = _rows_of(_without_frames(trace))
    traces = [row for row in bare if row.hangs_together]
    if not traces:
        return bare
    ends, inked = np.median([(row.first_mm, row.last_mm) for row in traces], axis=0), trace >= INKED
    flat = [
        row
        for row in (_without_ends_beside(inked, row, ends) for row in _rows_of(trace))
        if np.abs(ends - (row.first_mm, row.last_mm)).max() <= SAME_ENDS_MM
        and all(abs(row.y_mm - other.y_mm) > REACH_MM for other in traces)
    ]
    others = [row for row in bare if all(abs(row.y_mm - other.y_mm) > REACH_MM for other in flat)]
    return sorted([*others, *flat], key=lambda row: row.y_mm)


def _without_ends_beside(inked: np.ndarray, row: InkRow, ends_mm: np.ndarray) -> InkRow:
    """A row that ends where traces do at its level, without what is beside it: letters of a hand that touch it."""
    near: np.ndarray = np.any(_band(inked, round(row.y_mm * PX_PER_MM), LEVEL_MM / 2), axis=0)
    dense = uniform_filter1d(near.astype(float), round(DENSE_MM * PX_PER_MM), mode="constant") >= DENSE
    stretches = runs_of(dense)
    if not len(stretches):
        return row
    first_mm, last_mm = np.divide(_ends(near, stretches[0][0], stretches[-1][1]), PX_PER_MM)
    if np.abs(ends_mm - (first_mm, last_mm)).max() > SAME_ENDS_MM:
        return row
    return attrs.evolve(
        row, first_mm=float(first_mm), last_mm=float(last_mm), joined_mm=(float(first_mm), float(last_mm))
    )


def _rows_of(trace: np.ndarray) -> list[InkRow]:
    """Rows of ink, whatever they are."""
    profile = _profile(trace)
    peaks = peaks_of(profile, apart=BESIDE_MM * PX_PER_MM, prominence=LEAST_PROMINENCE)
    if not len(peaks):
        return []
    heights = profile[peaks]
    usual = np.median(heights[heights >= heights.max() / 2])
    level = gaussian_filter1d(trace.mean(axis=1), BLUR_MM * PX_PER_MM, mode="constant")
    strong = peaks[heights >= LEAST_STRENGTH * usual]
    pieces = _Pieces.of(trace)
    rows = (_row(trace, pieces, _highest(level, int(peak)), float(profile[peak])) for peak in strong)
    return _carried_on(_apart([row for row in rows if row is not None]), pieces)


def _apart(rows: Sequence[InkRow]) -> list[InkRow]:
    """Of rows nearer to each other than any the one with the most ink that hangs together: words have more of it."""
    kept: list[InkRow] = []
    for row in sorted(rows, key=lambda row: (row.joined**2 * row.strength, row.strength), reverse=True):
        if all(abs(row.y_mm - other.y_mm) >= LEAST_APART_MM for other in kept):
            kept.append(row)
    return sorted(kept, key=lambda row: row.y_mm)


def _carried_on(rows: list[InkRow], pieces: _Pieces) -> list[InkRow]:
    """Rows with their outer leads that lie higher or lower than the others, as far as ink hangs together there."""
    if len(rows) < 2:
        return rows
    reach_mm = OWN * float(np.median(np.diff([row.y_mm for row in rows])))
    return [_whole(row, pieces, reach_mm) for row in rows] if reach_mm > REACH_MM else rows


def _whole(row: InkRow, pieces: _Pieces, reach_mm: float) -> InkRow:
    """A row from where to where ink that hangs together for long lies so near to its height."""
    if not row.hangs_together:
        return row
    own = _band(pieces.numbers, round(row.y_mm * PX_PER_MM), reach_mm)
    long = np.asarray(np.isin(own, list(pieces.long_px)).any(axis=0))
    dense = uniform_filter1d(long.astype(float), round(DENSE_MM * PX_PER_MM), mode="constant") >= DENSE
    first, last = round(row.first_mm * PX_PER_MM), round(row.last_mm * PX_PER_MM)
    runs = [(int(start), int(stop)) for start, stop in runs_of(dense)]
    near = [number for number, (start, stop) in enumerate(runs) if start < last and stop > first]
    if not near:
        return row
    leftmost, rightmost = _with_parted(runs, near[0], near[-1])
    start, stop = _ends(long, runs[leftmost][0], runs[rightmost][1])
    joined_mm = row.joined_mm or (np.inf, -np.inf)
    return attrs.evolve(
        row,
        first_mm=min(start, first) / PX_PER_MM,
        last_mm=max(stop, last) / PX_PER_MM,
        joined_mm=(min(start / PX_PER_MM, joined_mm[0]), max(stop / PX_PER_MM, joined_mm[1])),
    )


def _with_parted(runs: list[tuple[int, int]], leftmost: int, rightmost: int) -> tuple[int, int]:
    """The outermost stretches of a row, by number, with those of columns that only a gap parts from the others."""

    def follows(left: int, right: int, outer: int) -> bool:
        apart, width = runs[right][0] - runs[left][1], runs[outer][1] - runs[outer][0]
        return apart <= PARTED_MM * PX_PER_MM and width >= COLUMN_MM * PX_PER_MM

    while leftmost > 0 and follows(leftmost - 1, leftmost, leftmost - 1):
        leftmost -= 1
    while rightmost + 1 < len(runs) and follows(rightmost, rightmost + 1, rightmost + 1):
        rightmost += 1
    return leftmost, rightmost


def _without_frames(trace: np.ndarray) -> np.ndarray:
    """The ink without lines that run straight across, or nearly so, for longer than any trace does."""
    length_px = round(FRAME_MM * PX_PER_MM)
    height, width = trace.shape
    if width <= length_px:
        return trace
    thick = cv2.dilate((trace >= INKED).astype(np.uint8), np.ones((3, 1), np.uint8))
    lines = np.zeros_like(thick)
    for slope in FRAME_SLOPES:
        lean = np.array([[1, 0, 0], [slope, 1, -slope * width / 2]])
        level = cv2.warpAffine(thick, lean, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
        found = _long_runs(level, length_px)
        if found.any():
            lines = np.maximum(lines, cv2.warpAffine(found, lean, (width, height), flags=cv2.INTER_NEAREST))
    return np.where(lines > 0, 0.0, trace)


def _long_runs(ink: np.ndarray, length_px: int) -> np.ndarray:
    """Ink that goes on across for so long, half of which may lie beyond an edge: most rows have less in all."""
    inked = np.flatnonzero(ink.sum(axis=1) >= length_px // 2)
    runs = np.zeros_like(ink)
    if len(inked):
        runs[inked] = cv2.morphologyEx(ink[inked], cv2.MORPH_OPEN, np.ones((1, length_px), np.uint8))
    return runs


def ink_row_at(trace: np.ndarray, y_mm: float) -> InkRow | None:
    """The row of ink about a height that is known, of whatever strength; None where hardly any ink is near.

    Args:
        trace: as of `find_ink_rows`.
        y_mm: the height.
    """
    peak = round(y_mm * PX_PER_MM)
    if not 0 <= peak < len(trace):
        return None
    pieces, strength = _Pieces.of(trace), float(_profile(trace)[peak])
    rows = (_row(trace, pieces, peak, strength, inked) for inked in (INKED, FAINTLY_INKED))
    return next((row for row in rows if row is not None), None)


def _profile(trace: np.ndarray) -> np.ndarray:
    """Share of the paper's width that is inked, by height."""
    inked = (trace >= CLEARLY_INKED).mean(axis=1)
    return np.asarray(gaussian_filter1d(inked, BLUR_MM * PX_PER_MM, mode="constant"))


def _highest(level: np.ndarray, peak: int) -> int:
    """Where the ink, faint ink too, is densest about a peak."""
    first = max(peak - round(LEVEL_MM * PX_PER_MM), 0)
    return first + int(level[first : peak + round(LEVEL_MM * PX_PER_MM) + 1].argmax())


def _row(trace: np.ndarray, pieces: _Pieces, peak: int, strength: float, inked: float = INKED) -> InkRow | None:
    """The row at a height in pixels; None where its ink, which the map has so clearly at least, is scattered."""
    near: np.ndarray = np.any(_band(trace >= inked, peak, REACH_MM), axis=0)
    dense = uniform_filter1d(near.astype(float), round(DENSE_MM * PX_PER_MM), mode="constant") >= DENSE
    stretches = runs_of(dense)
    if not len(stretches):
        return None
    first, last = _ends(near, stretches[0][0], stretches[-1][1])
    inside = slice(first, last)
    joined = pieces.joined_at(peak)[inside]
    return InkRow(
        y_mm=peak / PX_PER_MM,
        strength=strength,
        first_mm=first / PX_PER_MM,
        last_mm=last / PX_PER_MM,
        coverage=float(near[inside].mean()),
        waves=_waves(_band(trace, peak, LEVEL_MM)[:, inside]),
        joined=float(joined.mean()),
        joined_mm=_span_mm(joined, first),
    )


def _span_mm(joined: np.ndarray, first: int) -> tuple[float, float] | None:
    """Where the columns begin and end that are marked, the first of all being ``first``; None where none is."""
    columns = np.flatnonzero(joined)
    if not len(columns):
        return None
    return (first + int(columns[0])) / PX_PER_MM, (first + int(columns[-1]) + 1) / PX_PER_MM


def _ends(near: np.ndarray, first: int, last: int) -> tuple[int, int]:
    """First and last column with ink of a stretch that is dense about so far."""
    reach = round(DENSE_MM * PX_PER_MM / 2)
    start = max(first - reach, 0)
    inside = np.flatnonzero(near[start : last + reach])
    return start + int(inside[0]), start + int(inside[-1]) + 1


def _band(plane: np.ndarray, middle: int, reach_mm: float) -> np.ndarray:
    reach = round(reach_mm * PX_PER_MM)
    return plane[max(middle - reach, 0) : middle + reach + 1]


def _waves(level: np.ndarray) -> float:
    """Share of the columns in which the ink near a row's level is not there, or lies beside the level's course."""
    ink = np.where(level >= INKED, level, 0.0)
    total = ink.sum(axis=0)
    there = total > 0
    if there.sum() < 2:
        return 1.0
    places = (ink * np.arange(len(ink))[:, None]).sum(axis=0)[there] / total[there]
    columns = np.arange(len(total))
    course = np.interp(columns, columns[there], places)
    smooth = median_filter(course, size=round(LEVEL_OVER_MM * PX_PER_MM) | 1, mode="nearest")
    return float((~there | (np.abs(course - smooth) > ASIDE_MM * PX_PER_MM)).mean())


def evenly_spaced_rows(trace: np.ndarray, num_rows: int) -> list[InkRow]:
    """So many rows, about evenly spaced, with the most ink; for pages of which only their number is known."""
    profile = gaussian_filter1d(trace.mean(axis=1), BLUR_MM * PX_PER_MM, mode="constant")
    width_mm = trace.shape[1] / PX_PER_MM
    return [InkRow(float(y_mm), 1.0, 0.0, width_mm, 1.0) for y_mm in evenly_spaced(profile, num_rows)]


def evenly_spaced(profile: np.ndarray, num_rows: int) -> np.ndarray:
    """Heights in millimetres of so many rows, about evenly spaced, with the most ink."""
    near = maximum_filter1d(profile, 2 * round(REACH_MM / 2 * PX_PER_MM) + 1, mode="constant")
    length_mm = len(profile) / PX_PER_MM
    rows = np.arange(num_rows)
    starts = np.arange(0, length_mm, 1.0)
    best, found = -1.0, np.zeros(num_rows)
    for pitch in PITCHES_MM if num_rows > 1 else PITCHES_MM[:1]:
        heights = starts[:, None] + pitch * rows
        support = np.where(heights[:, -1] < length_mm, _at(near, heights).sum(axis=1), 0)
        if support.max() > best:
            best, found = float(support.max()), heights[int(support.argmax())]
    reach = np.arange(-REACH_MM, REACH_MM, 1 / PX_PER_MM)
    around = _at(profile, found[:, None] + reach)
    return np.asarray(found + reach[around.argmax(axis=1)])


def _at(profile: np.ndarray, heights_mm: np.ndarray) -> np.ndarray:
    """Values at some heights, 0 beyond the page."""
    places = np.rint(heights_mm * PX_PER_MM).astype(int)
    inside = (places >= 0) & (places < len(profile))
    return np.where(inside, profile[places.clip(0, len(profile) - 1)], 0.0)
