"""Pieces of leads put together into a record of the twelve standard leads."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import Segment
from ecg_core.record import Record

SAME_MV = 0.1
"""Root mean square difference up to which two prints of a lead are taken for the same signal and averaged."""


@attrs.frozen(kw_only=True, eq=False)
class LeadPiece:
    """One lead as read from one row.

    Attributes:
        lead: its name; ``-aVR`` is printed upside down.
        row: number of its row, from the top.
        is_rhythm: whether it comes from a rhythm row.
        first_sample: place of its first sample in the record.
        signal_mv: float, shape (samples,); NaN where nothing could be read.
        clarity: share of it that was clearly seen, 0 to 1.
        sample_clarity: how clearly each sample was seen, 0 to 1; by default all as the whole.
    """

    lead: str
    row: int
    is_rhythm: bool
    first_sample: int
    signal_mv: np.ndarray = attrs.field(repr=lambda signal: f"<{len(signal)} samples>")
    clarity: float
    sample_clarity: np.ndarray | None = attrs.field(default=None, repr=False)

    def clarity_of_samples(self) -> np.ndarray:
        """How clearly each sample was seen; 0 where nothing was read."""
        clarity = np.full(len(self.signal_mv), self.clarity) if self.sample_clarity is None else self.sample_clarity
        return np.where(np.isfinite(self.signal_mv), clarity, 0.0)


def samples_of(segment: Segment, sampling_rate_hz: float) -> tuple[int, np.ndarray]:
    """Which samples of a record a segment fills.

    Returns:
        The first one, and how long after the segment's begin each is taken, counted in samples: float64, shape
        (samples,); the first is not 0 where the segment begins between two samples.
    """
    first = round(segment.start_s * sampling_rate_hz)
    count = round((segment.start_s + segment.duration_s) * sampling_rate_hz) - first
    return first, np.arange(count) + first - segment.start_s * sampling_rate_hz


def assemble_record(pieces: Sequence[LeadPiece], *, sampling_rate_hz: float, num_samples: int, name: str) -> Record:
    """The twelve standard leads; NaN where no piece has anything.

    A lead printed twice takes the mean of both where they agree, and the clearer one where they do not.
    """
    signal_mv = np.full((len(STANDARD_LEADS), num_samples), np.nan)
    for piece in sorted(pieces, key=lambda piece: piece.clarity):
        lead = piece.lead.removeprefix("-")
        if lead in STANDARD_LEADS:
            _merge(signal_mv[STANDARD_LEADS.index(lead)], piece)
    return Record(signal_mv=signal_mv, sampling_rate_hz=sampling_rate_hz, lead_names=STANDARD_LEADS, name=name)


def assemble_clarity(pieces: Sequence[LeadPiece], *, num_samples: int) -> np.ndarray:
    """How clearly each sample of the twelve standard leads was seen, 0 to 1: float32, shape (12, samples).

    Of a lead printed twice the clearer print counts.
    """
    clarity = np.zeros((len(STANDARD_LEADS), num_samples), np.float32)
    for piece in pieces:
        lead = piece.lead.removeprefix("-")
        if lead in STANDARD_LEADS:
            row = clarity[STANDARD_LEADS.index(lead)]
            window = row[piece.first_sample : piece.first_sample + len(piece.signal_mv)]
            np.maximum(window, piece.clarity_of_samples()[: len(window)], out=window)
    return clarity


def _merge(signal_mv: np.ndarray, piece: LeadPiece) -> None:
    """Write a piece over what less clear pieces left, in place."""
    window = signal_mv[piece.first_sample : piece.first_sample + len(piece.signal_mv)]
    new = (-piece.signal_mv if piece.lead.startswith("-") else piece.signal_mv)[: len(window)]
    both = np.isfinite(window) & np.isfinite(new)
    difference = new[both] - window[both]
    agreed = both.any() and np.std(difference) <= SAME_MV
    merged = np.where(both, (window + new) / 2, new) if agreed else new
    np.copyto(window, merged, where=np.isfinite(new))
