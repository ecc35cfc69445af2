"""What the waveform network says of the columns of a strip, decoded: row of the trace, presence, and certainty."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_digitize.waveform.path import follow

WINDOW_PX = 6
"""The trace is at the mean of the distribution within so many rows of its peak (a soft arg-max)."""

PRESENT = 0.5
EDGE_PX = 24
"""A trace that is last seen so near to an edge of its strip has left it there."""

OFFSETS = np.arange(-WINDOW_PX, WINDOW_PX + 1)


@attrs.frozen(eq=False)
class Columns:
    """The trace in every column of a strip.

    Attributes:
        row_px: float64, shape (columns,): row of the trace, were there one.
        presence: the same shape: probability that there is one.
        certainty: the same shape: share of the distribution that lies near the trace.
        margin: the same shape: by how many nats any other path is less likely, see `ecg_digitize.waveform.path`.
    """

    row_px: np.ndarray
    presence: np.ndarray
    certainty: np.ndarray
    margin: np.ndarray


def decode(logits: np.ndarray, level_px: float) -> Columns:
    """Decode columns: the trace is where the likeliest path goes.

    Args:
        logits: float32, shape (rows + 1, columns); the last row stands for "nothing there".
        level_px: row at which the trace is most of the time, as far as it is known.
    """
    shares = np.exp(logits - logits.max(axis=0))
    shares /= shares.sum(axis=0)
    rows, presence = shares[:-1], 1.0 - shares[-1]
    rows = rows / np.maximum(rows.sum(axis=0), 1e-12)
    path, margin = follow(rows, level_px)
    peak = _peak_near(rows, np.rint(path).astype(int))
    near = _around(rows, peak)
    mass = near.sum(axis=0)
    mean = peak + (near * OFFSETS[:, None]).sum(axis=0) / np.maximum(mass, 1e-12)
    return Columns(row_px=mean, presence=presence, certainty=mass, margin=margin)


def held_at_edges(columns: Columns, num_rows: int, longest: int) -> Columns:
    """Columns whose trace leaves the strip and comes back over the same edge hold that edge, with no certainty.

    Args:
        columns: as decoded.
        num_rows: of the strip.
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


def _peak_near(rows: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Row of the largest share near a row in every column."""
    peak = centre + _around(rows, centre).argmax(axis=0) - WINDOW_PX
    return peak.clip(0, len(rows) - 1)


def _around(rows: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Shares of the rows about one in every column, 0 beyond the strip: shape (2 * WINDOW_PX + 1, columns)."""
    padded = np.pad(rows, ((WINDOW_PX, WINDOW_PX), (0, 0)))
    return np.take_along_axis(padded, centre.clip(0, len(rows) - 1) + WINDOW_PX + OFFSETS[:, None], axis=0)
