"""Stage 2: the trace of every row, and from where to where it goes."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from scipy.ndimage import uniform_filter1d

from ecg_core.curves import runs_of
from ecg_core.paper import LARGE_BOX_MM
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.scaling import as_batch
from ecg_digitize.digitizers.neural.waveform.columns import Columns, decode, held_at_edges
from ecg_digitize.digitizers.neural.waveform.strip import StripGeometry

GEOMETRY = StripGeometry()
MULTIPLE = 32
BEFORE_MM, AFTER_MM = 15.0, 15.0
"""Paper that is read on either side of where a row is expected."""

LONGEST_AWAY_MM = 4.0
"""Paper over which a tall wave may leave the strip."""

LEAST_PRESENCE = 0.3
"""Probability of a trace below which a sample is not read."""

EDGE_MM = 4.0
"""A row begins where most of so much paper has a trace from there on."""

AT_AN_END = 0.4
"""Probability of a trace where one begins or ends: before, the network is more often sure that there is none."""

AGREED_MM, CLOSE_MM, SIDES_APART_MM, TOO_EARLY_MM = 2.0, 0.3, 0.8, 0.25
"""Rows whose beginnings differ by less agree; those that differ by still less say it closely. If beginnings and ends
differ by more than the third, one of the two is wrong, and if beginnings are earlier by the last, they are."""


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
    start_mm: float,
    width_mm: float,
) -> list[RowReading]:
    """Read the rows of a page.

    Args:
        image: the picture, uint8 RGB.
        page: the page laid flat.
        network: the waveform network.
        zeros_mm: heights of the rows' level lines.
        start_mm: where their leads are expected to begin, from the left edge.
        width_mm: width of a row of leads; some paper on either side is read too.
    """
    first_mm = max(start_mm - BEFORE_MM, 0.0)
    last_mm = min(start_mm + width_mm + AFTER_MM, page.width_mm)
    width_px = -(-round((last_mm - first_mm) * GEOMETRY.across_px_per_mm) // MULTIPLE) * MULTIPLE
    start_box = page.box_of_mm(first_mm)
    zeros_box = [page.box_of_mm(zero_mm) for zero_mm in zeros_mm]
    strips = GEOMETRY.cut_rows(page.mesh, image, start_box=start_box, zeros_box=zeros_box, width_px=width_px)
    logits = np.stack([network(as_batch(strip))[0][0] for _, strip in strips])
    tops_px = [(zero_box - zeros_box[0]) * LARGE_BOX_MM * GEOMETRY.down_px_per_mm for zero_box, _ in strips]
    return [
        _reading(zero_box, start_box, decoded, strip, page.mesh, image.shape[:2])
        for decoded, (zero_box, strip) in zip(decode(logits, GEOMETRY.zero_px, tops_px), strips, strict=True)
    ]


def _reading(
    zero_box: float, start_box: float, decoded: Columns, strip: np.ndarray, mesh: Mesh, shape: tuple[int, int]
) -> RowReading:
    """A row without what lies beyond the picture, which has so many rows and columns."""
    columns = held_at_edges(decoded, GEOMETRY.height_px, round(LONGEST_AWAY_MM * GEOMETRY.across_px_per_mm))
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


def find_time_zero(
    rows: Sequence[RowReading], page: FlatPage, *, traced_mm: float, expected_mm: float | None
) -> tuple[float, float]:
    """Where the leads that begin at 0 s begin, on the flat page from its left edge, and how many rows agree.

    Every row says it twice: by its beginning, and by its end less its length.

    Args:
        rows: the rows that were read.
        page: the page laid flat.
        traced_mm: length of the trace of a row, from its first sample to its last.
        expected_mm: where it was expected by the names.

    Returns:
        The place, and the share of the rows that agree about it.
    """
    spans = [(row.start_box, span) for row in rows if (span := _span(row.columns.presence)) is not None]
    if not spans:
        return (expected_mm if expected_mm is not None else 0.0), 0.0
    per_box = GEOMETRY.across_px_per_mm * LARGE_BOX_MM
    claims = np.array(
        [[page.mm_of_box(start_box + place / per_box) for place in span] for start_box, span in spans]
    ) - np.array([0.0, traced_mm])
    places = claims.ravel()
    votes = (np.abs(places[:, None] - places) <= AGREED_MM).sum(axis=1).astype(float)
    votes += 0.5 if expected_mm is None else 0.5 * (np.abs(places - expected_mm) < 3 * AGREED_MM)
    agreed = np.abs(claims - places[int(votes.argmax())]) <= AGREED_MM
    beginnings, ends = (_close(claims[agreed[:, side], side]) for side in (0, 1))
    return _between(beginnings, ends), float(agreed.any(axis=1).sum()) / len(rows)


def _close(places_mm: np.ndarray) -> np.ndarray:
    """Those of some places that agree closely; a few a little off, of rows that fade before their end, are left out."""
    for _ in range(2):  # the second time about a middle that those have no part in
        near = places_mm[np.abs(places_mm - np.median(places_mm)) <= CLOSE_MM] if len(places_mm) else places_mm
        places_mm = near if len(near) else places_mm
    return places_mm


def _between(beginnings_mm: np.ndarray, ends_mm: np.ndarray) -> float:
    """The middle between what beginnings and what ends say, however many they are.

    A thin or blurred pen seems to begin late and to end early by as much. One that seems to begin early follows on a
    calibration pulse. Where the two sides are far apart, the one that more rows say, or say more closely, counts alone.
    """
    sides = [side for side in (beginnings_mm, ends_mm) if len(side)]
    means = [float(side.mean()) for side in sides]
    apart_mm = means[0] - means[-1]
    if abs(apart_mm) > SIDES_APART_MM:
        return float(max(sides, key=lambda side: (len(side), -side.std())).mean())
    return means[-1] if apart_mm < -TOO_EARLY_MM else sum(means) / len(means)


def width_read_mm(rows: Sequence[RowReading]) -> float | None:
    """Median width of the rows from their beginning to their end, in what was taken for millimetres."""
    spans = [span for row in rows if (span := _span(row.columns.presence)) is not None]
    if not spans:
        return None
    return float(np.median([last - first for first, last in spans])) / GEOMETRY.across_px_per_mm


def _span(presence: np.ndarray) -> tuple[float, float] | None:
    """Between which columns and parts of them the longest stretch lies that mostly has a trace."""
    present = presence > AT_AN_END
    width = round(EDGE_MM * GEOMETRY.across_px_per_mm)
    dense = uniform_filter1d(present.astype(float), width, mode="constant") > 0.5
    starts, ends = runs_of(dense).T
    if not len(starts):
        return None
    longest = int((ends - starts).argmax())
    inside = starts[longest] + np.flatnonzero(present[starts[longest] : ends[longest]])
    return _crossing(presence, inside[0], -1), _crossing(presence, inside[-1], 1)


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
