"""What the waveform network says of the columns of a strip, decoded: row of the trace, presence, and certainty."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from ecg_core.curves import runs_of
from ecg_digitize.digitizers.neural.waveform.ownership import release_shared_ink, without_what_others_have
from ecg_digitize.digitizers.neural.waveform.path import USUAL_PX, follow

WINDOW_PX = 6
"""How much of the distribution lies within so many rows of the trace says how certain it is."""

REACH_COLUMNS, BESIDE_PX = 3, 16
"""The trace is at the mean of the distribution between the least and the greatest row that its path has within so many
columns, and so many rows beside: in a steep column any row is a guess, and the mean the one that errs the least."""

PRESENT = 0.5
KNOWN = 0.3
"""Certainty from which on it is known where in its column a trace is."""

FAINTEST = 0.05
"""Probability of a trace below which there is none beyond doubt."""

EDGE_PX = 24
"""A trace that is last seen so near to an edge of its strip has left it there."""


@attrs.frozen(eq=False)
class Columns:
    """The trace in every column of a strip.

    Attributes:
        row_px: float64, shape (columns,): row of the trace, were there one.
        presence: the same shape: probability that there is one.
        certainty: the same shape: share of the distribution that lies near the trace.
        margin: the same shape: by how many nats any other path is less likely, see `path`.
    """

    row_px: np.ndarray
    presence: np.ndarray
    certainty: np.ndarray
    margin: np.ndarray


def decode(logits: np.ndarray, level_px: float, tops_px: Sequence[float]) -> list[Columns]:
    """Decode the columns of the strips of a page: a trace is where the likeliest path goes that is no other row's.

    Args:
        logits: float32, shape (strips, rows + 1, columns); the last row stands for "nothing there".
        level_px: row at which a trace is most of the time, as far as it is known.
        tops_px: where the strips begin, in rows of the same paper.
    """
    shares = logits - logits.max(axis=1, keepdims=True)
    np.exp(shares, out=shares)
    shares /= shares.sum(axis=1, keepdims=True)
    rows, presence = without_what_others_have(shares[:, :-1], tops_px), 1.0 - shares[:, -1]
    apart_px = float(np.median(np.diff(tops_px))) if len(tops_px) > 1 else USUAL_PX
    path, margin = follow(rows, level_px, apart_px)
    again = release_shared_ink(rows, path, tops_px, level_px)
    if again.any():
        path[again], margin[again] = follow(rows[again], level_px, apart_px)
    return [_decoded(*strip) for strip in zip(rows, presence, path, margin, strict=True)]


def _decoded(shares: np.ndarray, presence: np.ndarray, path: np.ndarray, margin: np.ndarray) -> Columns:
    """Columns of one strip from the distribution over its rows, the probability of a trace, and its path."""
    rows = shares / np.maximum(presence, 1e-12)
    reach = 2 * REACH_COLUMNS + 1
    mass = _Sums(rows)
    moment = _Sums(rows * np.arange(len(rows), dtype=np.float32)[:, None])
    first = np.rint(minimum_filter1d(path, reach)).astype(int) - BESIDE_PX
    last = np.rint(maximum_filter1d(path, reach)).astype(int) + BESIDE_PX
    near = mass.between(first, last)
    row_px = np.where(near > 1e-6, moment.between(first, last) / np.maximum(near, 1e-6), path)
    nearest = np.rint(row_px).astype(int)
    certainty = mass.between(nearest - WINDOW_PX, nearest + WINDOW_PX)
    return Columns(row_px=row_px, presence=presence, certainty=certainty, margin=margin)


def held_at_edges(columns: Columns, num_rows: int, longest: int) -> Columns:
    """Columns whose trace leaves the strip and comes back over the same edge hold that edge, with no certainty.

    Args:
        columns: the decoded columns.
        num_rows: number of rows of the strip.
        longest: columns that it may be away for.
    """
    rows, presence, certainty = columns.row_px.copy(), columns.presence.copy(), columns.certainty.copy()
    seen = np.flatnonzero(columns.presence > PRESENT)
    away = np.diff(seen)
    for gap in np.flatnonzero((away > 1) & (away <= longest)):
        last, first = seen[gap], seen[gap + 1]
        nearest, farthest = sorted(columns.row_px[[last, first]])
        if farthest < EDGE_PX or nearest > num_rows - EDGE_PX:
            inside = slice(last + 1, first)
            rows[inside], presence[inside], certainty[inside] = (0 if farthest < EDGE_PX else num_rows - 1), 1.0, 0.0
    return attrs.evolve(columns, row_px=rows, presence=presence, certainty=certainty)


def ended_in_lines(columns: Columns, widest: int) -> Columns:
    """Columns whose trace, where it runs into a line, ends in the middle of that, and holds the row of its last place.

    Along a line across the end of a row, such as the frame of a page, the trace may be at any height. In the midst of a
    trace the middle of such a column is the best guess, for it is a stroke of the trace itself; at an end it is not.

    Args:
        columns: the decoded columns.
        widest: columns over which a line and its blur reach.
    """
    rows, presence, certainty = columns.row_px.copy(), columns.presence.copy(), columns.certainty.copy()
    for first, end in runs_of(columns.presence > FAINTEST):
        known = first + np.flatnonzero(columns.certainty[first:end] >= KNOWN)
        if not len(known):
            continue
        for nearest, outermost in ((known[0], first), (known[-1], end - 1)):
            outwards, num_hidden = (1, outermost - nearest) if outermost > nearest else (-1, nearest - outermost)
            if not 0 < num_hidden <= widest:
                continue
            hidden = nearest + outwards * np.arange(1, num_hidden + 1)
            rows[hidden], certainty[hidden] = rows[nearest], 0.0
            presence[hidden] = np.arange(num_hidden) < num_hidden / 2
            before = np.clip(nearest - outwards * np.arange(widest), first, end - 1)
            presence[before] = 1.0  # beside the line the network is unsure of a trace that goes on into it
    return attrs.evolve(columns, row_px=rows, presence=presence, certainty=certainty)


class _Sums:
    """Sums over rows of every column."""

    def __init__(self, values: np.ndarray) -> None:
        self._up_to = np.zeros((len(values) + 1, values.shape[1]), values.dtype)
        for row, own in enumerate(values):  # several times as fast as cumsum, which goes down every column by itself
            np.add(self._up_to[row], own, out=self._up_to[row + 1])

    def between(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Sum of each column over the rows from its first to its last one; rows beyond the strip are 0."""
        columns = np.arange(self._up_to.shape[1])
        first, after = (np.clip(edge, 0, len(self._up_to) - 1) for edge in (first, last + 1))
        return np.asarray(self._up_to[after, columns] - self._up_to[first, columns])
