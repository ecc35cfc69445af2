"""Records to test with."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record


def synthetic_record(
    *, seed: int = 0, duration_s: float = 2.0, sampling_rate_hz: float = 250.0, with_gaps: bool = False
) -> Record:
    """A short 12-lead record with realistic amplitudes in whole microvolts, which coarse formats keep.

    Args:
        seed: of the person and the noise.
        duration_s: length of the recording.
        sampling_rate_hz: samples a second.
        with_gaps: leave out, as NaN, the second half of every third lead.
    """
    record = synthesize_record(seed=seed, duration_s=duration_s, sampling_rate_hz=sampling_rate_hz)
    signal_mv = np.round(record.signal_mv, 3)
    if with_gaps:
        signal_mv[::3, record.num_samples // 2 :] = np.nan
    return attrs.evolve(record, signal_mv=signal_mv, metadata={})
