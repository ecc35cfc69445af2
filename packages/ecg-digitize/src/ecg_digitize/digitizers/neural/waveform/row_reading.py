"""Stage 2: the trace of every row, and from where to where it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
from scipy.ndimage import uniform_filter1d

from ecg_core.curves import runs_of
from ecg_core.paper import LARGE_BOX_MM
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.scaling import as_batch
from ecg_digitize.digitizers.neural.waveform.columns import Columns, decode, ended_in_lines, held_at_edges
from ecg_digitize.digitizers.neural.waveform.ruled_lines import is_trace_beside, ruled_line_px, without_line
from ecg_digitize.digitizers.neural.waveform.strip import StripGeometry

GEOMETRY = StripGeometry()
MULTIPLE = 32
ASIDE_MM = 8.0
"""Paper that is read on either side of the ink of the rows."""

GOING_ON_MM, MOSTLY_THERE, FARTHER_MM, MOST_READINGS = 4.0, 0.9, 25.0, 3
"""Traces of most rows that are there in such a part of so much paper at an end of their strips go on beyond; so much
farther is looked, and so often in all."""

LONGEST_PX, OVERLAP_PX = 5120, 256
"""So long a strip is looked at as a whole, 320 mm of paper; the pieces of a longer one overlap by so much on each side,
which is more than the network sees aside."""

LONGEST_AWAY_MM = 4.0
"""Paper over which a tall wave may leave the strip."""

WIDEST_LINE_MM = 0.6
"""Paper over which a line across the end of a row, and its blur, hide where the trace ends."""

ONE_TRACE_MM, OF_ANOTHER = 1.0, 0.2
"""Rows of which more than the second part was read so near to another one were read as one trace: traces that cross do
so for moments."""

LEAST_PRESENCE = 0.3
"""Probability of a trace below which a sample is not read."""

EDGE_MM, CLOSE_MM = 4.0, 1.2
"""A row begins where most of so much paper has a trace from there on; and where narrow gaps are looked for, of so
much."""

AT_AN_END = 0.4
"""Probability of a trace where one begins or ends: before, the network is more often sure that there is none."""


@attrs.frozen(eq=False)
class RowReading:
    """One row as it was read.

    Attributes:
        zero_box: lattice row of the level line by which its strip was cut.
        start_box: lattice column of the strip's first column.
        columns: what was read.
        level_px: row of the strip at which the trace is most of the time.
        strip: the paper that was read, uint8 RGB, shape (rows, columns, 3).
        inside: whether the level of each column lies within the picture; where it does not, nothing is read.
    """

    zero_box: float
    start_box: float
    columns: Columns
    level_px: float
    strip: np.ndarray
    inside: np.ndarray

    @property
    def level_box(self) -> float:
        """Lattice row of the level."""
        return float(GEOMETRY.boxes_of(self.level_px, self.zero_box))

    def column_of(self, box: float) -> float:
        """Column of the strip at a lattice column."""
        return (box - self.start_box) * LARGE_BOX_MM * GEOMETRY.across_px_per_mm

    def height_mm(self, at_px: np.ndarray, *, least_presence: float) -> np.ndarray:
        """Height of the trace over its level at some columns and parts of them; NaN where there is none."""
        numbers = np.arange(len(self.columns.row_px))
        row_px = np.interp(at_px, numbers, self.columns.row_px)
        there = np.interp(at_px, numbers, self.columns.presence, left=0, right=0) >= least_presence
        return np.where(there, (self.level_px - row_px) / GEOMETRY.down_px_per_mm, np.nan)

    def clarity(self, first_px: float, last_px: float) -> float:
        """Mean probability that the trace lies where it was read, between two columns."""
        first, last = round(first_px), round(last_px)
        inside = slice(max(first, 0), max(last, 0))
        surety = self.columns.presence[inside] * self.columns.certainty[inside]
        return float(surety.sum()) / max(last - first, 1)

    def clarity_at(self, at_px: np.ndarray) -> np.ndarray:
        """Probability that the trace lies where it was read, at some columns and parts of them."""
        surety = self.columns.presence * self.columns.certainty
        return np.interp(at_px, np.arange(len(surety)), surety, left=0, right=0)

    def beyond_mm(self, first_px: float, last_px: float) -> float:
        """How much paper between two columns lies beyond the picture."""
        return float((~self.inside[max(round(first_px), 0) : max(round(last_px), 0)]).sum()) / GEOMETRY.across_px_per_mm

    def lattice_points(self, first_px: float, last_px: float) -> np.ndarray:
        """The trace between two columns in lattice coordinates, shape (points, 2), column first."""
        numbers = np.arange(max(round(first_px), 0), min(round(last_px), len(self.columns.row_px)))
        across = GEOMETRY.columns_box(self.start_box, len(self.columns.row_px))[numbers]
        return np.stack((across, GEOMETRY.boxes_of(self.columns.row_px[numbers], self.zero_box)), axis=1)


def read_rows(
    image: np.ndarray,
    page: FlatPage,
    network: Network,
    *,
    zeros_mm: Sequence[float],
    first_mm: float,
    last_mm: float,
) -> list[RowReading]:
    """Read the rows of a page.

    Args:
        image: the picture, uint8 RGB.
        page: the page laid flat.
        network: the waveform network.
        zeros_mm: heights of the rows' level lines.
        first_mm: where their ink begins, pulses included, from the left edge.
        last_mm: where it ends; some paper on either side is read too, and more where most of the traces go on.
    """
    first_mm, last_mm = first_mm - ASIDE_MM, last_mm + ASIDE_MM
    for _ in range(MOST_READINGS):
        readings = _read_between(image, page, network, zeros_mm, max(first_mm, 0.0), min(last_mm, page.width_mm))
        before, behind = (_go_on(readings, side) for side in (0, -1))
        before, behind = before and first_mm > 0, behind and last_mm < page.width_mm
        if not before and not behind:
            break
        first_mm, last_mm = first_mm - FARTHER_MM * before, last_mm + FARTHER_MM * behind
    return readings


def _read_between(
    image: np.ndarray, page: FlatPage, network: Network, zeros_mm: Sequence[float], first_mm: float, last_mm: float
) -> list[RowReading]:
    """The rows of a page from one place along them to another."""
    width_px = -(-round((last_mm - first_mm) * GEOMETRY.across_px_per_mm) // MULTIPLE) * MULTIPLE
    start_box = page.box_of_mm(first_mm)
    zeros_box = [page.box_of_mm(zero_mm) for zero_mm in zeros_mm]
    strips = GEOMETRY.cut_rows(page.mesh, image, start_box=start_box, zeros_box=zeros_box, width_px=width_px)
    tops_px = [(zero_box - zeros_box[0]) * LARGE_BOX_MM * GEOMETRY.down_px_per_mm for zero_box, _ in strips]
    every = _decoded([strip for _, strip in strips], tops_px, network)
    return [
        _reading(zero_box, start_box, decoded, strip, page.mesh, image.shape[:2])
        for decoded, (zero_box, strip) in zip(every, strips, strict=True)
    ]


def _go_on(readings: Sequence[RowReading], side: int) -> bool:
    """Whether the traces of most rows go on beyond an end of their strips: 0 is the left one, -1 the right one."""
    width = round(GOING_ON_MM * GEOMETRY.across_px_per_mm)
    at_end = slice(width) if side == 0 else slice(-width, None)
    there = [(reading.columns.presence[at_end] > AT_AN_END).mean() >= MOSTLY_THERE for reading in readings]
    return sum(there) > len(there) / 2


def _decoded(strips: Sequence[np.ndarray], tops_px: Sequence[float], network: Network) -> list[Columns]:
    """What is read of the strips of a page; one in which a ruled line was read is read again without it."""
    logits = np.stack([_logits(strip, network) for strip in strips])
    decoded = decode(logits, GEOMETRY.zero_px, tops_px)
    lines_px = {
        number: ruled_line_px(columns, strip, GEOMETRY.zero_px)
        for number, (columns, strip) in enumerate(zip(decoded, strips, strict=True))
    }
    ruled = {number: line_px for number, line_px in lines_px.items() if line_px is not None}
    if not ruled:
        return decoded
    for number, line_px in ruled.items():
        logits[number] = _logits(without_line(strips[number], line_px), network)
    again = decode(logits, GEOMETRY.zero_px, tops_px)
    return [
        old if number in ruled and not is_trace_beside(new, old) else new
        for number, (old, new) in enumerate(zip(decoded, again, strict=True))
    ]


def _logits(strip: np.ndarray, network: Network) -> np.ndarray:
    """What the network says of a strip, float32, shape (rows + 1, columns); a long one is looked at piece by piece."""
    columns = strip.shape[1]
    if columns <= LONGEST_PX:
        return np.asarray(network(as_batch(strip))[0][0])
    parts = []
    for first in range(0, columns, LONGEST_PX - 2 * OVERLAP_PX):
        start, stop = max(first - OVERLAP_PX, 0), min(first + LONGEST_PX - OVERLAP_PX, columns)
        own = network(as_batch(strip[:, start:stop]))[0][0]
        parts.append(own[:, first - start : min(first + LONGEST_PX - 2 * OVERLAP_PX, columns) - start])
    return np.concatenate(parts, axis=1)


def _reading(
    zero_box: float, start_box: float, decoded: Columns, strip: np.ndarray, mesh: Mesh, shape: tuple[int, int]
) -> RowReading:
    """A row without what lies beyond the picture, which has so many rows and columns."""
    longest_away, widest_line = (round(mm * GEOMETRY.across_px_per_mm) for mm in (LONGEST_AWAY_MM, WIDEST_LINE_MM))
    columns = ended_in_lines(held_at_edges(decoded, GEOMETRY.height_px, longest_away), widest_line)
    level_px = _level_px(columns)
    across = GEOMETRY.columns_box(start_box, len(columns.row_px))
    level = np.broadcast_to(GEOMETRY.boxes_of(level_px, zero_box), across.shape)
    x, y = mesh.to_picture(np.stack((across, level), axis=1)).T
    inside = (x >= 0) & (x <= shape[1] - 1) & (y >= 0) & (y <= shape[0] - 1)
    return RowReading(
        zero_box=zero_box,
        start_box=start_box,
        columns=attrs.evolve(columns, presence=columns.presence * inside),
        level_px=level_px,
        strip=strip,
        inside=inside,
    )


def is_one_trace(reading: RowReading, other: RowReading) -> bool:
    """Whether two rows were read as one trace: so near to each other where both have one, over so much of the first."""
    px_per_box = GEOMETRY.across_px_per_mm * LARGE_BOX_MM
    ahead = round((other.start_box - reading.start_box) * px_per_box)
    first, last = max(ahead, 0), min(len(reading.columns.row_px), len(other.columns.row_px) + ahead)
    own, others = slice(first, last), slice(first - ahead, last - ahead)
    there = reading.columns.presence > AT_AN_END
    both = there[own] & (other.columns.presence[others] > AT_AN_END)
    apart_box = GEOMETRY.boxes_of(reading.columns.row_px[own], reading.zero_box) - GEOMETRY.boxes_of(
        other.columns.row_px[others], other.zero_box
    )
    is_near = both & (np.abs(apart_box) * LARGE_BOX_MM <= ONE_TRACE_MM)
    return bool(is_near.sum() > OF_ANOTHER * max(int(there.sum()), 1))


def trace_stretches(reading: RowReading, within_mm: float = EDGE_MM) -> list[tuple[float, float]]:
    """Lattice columns between which a row mostly has a trace, from left to right: one stretch where it is whole.

    Args:
        reading: the row.
        within_mm: paper most of which has a trace: what is not there for half of it parts two stretches.
    """
    per_box = GEOMETRY.across_px_per_mm * LARGE_BOX_MM
    return [
        (reading.start_box + first_px / per_box, reading.start_box + last_px / per_box)
        for first_px, last_px in _stretches_px(reading.columns.presence, within_mm)
    ]


def _stretches_px(presence: np.ndarray, within_mm: float) -> Iterator[tuple[float, float]]:
    """Between which columns and parts of them a trace is mostly present."""
    present = presence > AT_AN_END
    width = round(within_mm * GEOMETRY.across_px_per_mm)
    dense = uniform_filter1d(present.astype(float), width, mode="constant") > 0.5
    for start, end in runs_of(dense):
        inside = start + np.flatnonzero(present[start:end])
        if len(inside):
            yield _crossing(presence, inside[0], -1), _crossing(presence, inside[-1], 1)


def _crossing(presence: np.ndarray, column: int, step: int) -> float:
    """Where the presence falls to that of an end, going from a column that has more."""
    while 0 <= column + step < len(presence):
        inside, beyond = presence[column], presence[column + step]
        if beyond <= AT_AN_END:
            return column + step * float((inside - AT_AN_END) / (inside - beyond))
        column += step
    return float(column)


def _level_px(columns: Columns) -> float:
    """Row at which the trace is most of the time: the middle of the narrowest range that holds a third of it."""
    rows = np.sort(columns.row_px[columns.presence > 0.5])
    if len(rows) < 3:
        return GEOMETRY.zero_px
    third = len(rows) // 3
    narrowest = int((rows[third:] - rows[: len(rows) - third]).argmin())
    return float(np.median(rows[narrowest : narrowest + third + 1]))
