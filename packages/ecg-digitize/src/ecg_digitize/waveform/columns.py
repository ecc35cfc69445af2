"""What the waveform network says of the columns of a strip, decoded: row of the trace, presence, and certainty."""

from __future__ import annotations

import attrs
import numpy as np

WINDOW_PX = 6
"""The trace is at the mean of the distribution within so many rows of its peak (a soft arg-max)."""


@attrs.frozen(eq=False)
class Columns:
    """The trace in every column of a strip.

    Attributes:
        row_px: float64, shape (columns,): row of the trace, were there one.
        presence: the same shape: probability that there is one.
        certainty: the same shape: share of the distribution that lies near its peak.
    """

    row_px: np.ndarray
    presence: np.ndarray
    certainty: np.ndarray


def decode(logits: np.ndarray) -> Columns:
    """Decode columns.

    Args:
        logits: float32, shape (rows + 1, columns); the last row stands for "nothing there".
    """
    shares = np.exp(logits - logits.max(axis=0))
    shares /= shares.sum(axis=0)
    rows, absent = shares[:-1], shares[-1]
    peak = rows.argmax(axis=0)
    offsets = np.arange(-WINDOW_PX, WINDOW_PX + 1)
    padded = np.pad(rows, ((WINDOW_PX, WINDOW_PX), (0, 0)))
    near = np.take_along_axis(padded, peak + WINDOW_PX + offsets[:, None], axis=0)
    mass = near.sum(axis=0)
    mean = peak + (near * offsets[:, None]).sum(axis=0) / np.maximum(mass, 1e-12)
    return Columns(row_px=mean, presence=1.0 - absent, certainty=mass / np.maximum(1 - absent, 1e-12))
