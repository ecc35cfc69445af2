"""The printed segments of a layout: which samples they fill, and how they stand on the page."""

from __future__ import annotations

import numpy as np

from ecg_core.paper import Layout, Segment


def samples_of(segment: Segment, sampling_rate_hz: float) -> tuple[int, np.ndarray]:
    """Which samples of a record a segment fills.

    Returns:
        The first one, and how long after the segment's begin each is taken, counted in samples: float64, shape
        (samples,); the first is not 0 where the segment begins between two samples.
    """
    first = round(segment.start_s * sampling_rate_hz)
    count = round((segment.start_s + segment.duration_s) * sampling_rate_hz) - first
    return first, np.arange(count) + first - segment.start_s * sampling_rate_hz


def segments_of_row(layout: Layout, row: int) -> list[Segment]:
    """The segments of a row, from left to right."""
    return sorted((each for each in layout.segments if each.row == row), key=lambda each: each.at_s)


def printed_rows(layout: Layout) -> tuple[tuple[str, ...], ...]:
    """The leads of every row of a layout, in the order in which they are printed; rhythm rows are rows, too."""
    return tuple(tuple(each.lead for each in segments_of_row(layout, row)) for row in range(layout.num_rows))
