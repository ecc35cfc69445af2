"""The input of a classifier: twelve leads of ten seconds, each with mean zero and a standard deviation of one."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record

RATE_HZ = 500.0
NUM_SAMPLES = 5000
FLAT_MV = 1e-3
"""A lead that spreads less is flat, and stays at zero: 1 µV is the finest step of common recorders."""

USUAL_RATES_HZ = 250.0, 1000.0
"""Rates that are resampled without a word."""


@attrs.frozen(kw_only=True, eq=False)
class Prepared:
    """A recording made ready.

    Attributes:
        signal: float32, shape (12, 5000): the standard leads at 500 Hz, each less its mean and divided by its standard
            deviation; 0 where nothing was recorded, and all along a flat lead.
        seen: bool, shape (12, 5000): where something was recorded.
    """

    signal: np.ndarray
    seen: np.ndarray


def prepare_signal(record: Record) -> Prepared:
    """Twelve leads in the standard order at 500 Hz, normalised, cut or filled up to ten seconds.

    Leads that the record lacks, gaps, and what is missing after its end are zero and not ``seen``. A longer record is
    cut to its first ten seconds.

    Args:
        record: at any rate, with any leads.
    """
    signal_mv = record.select(STANDARD_LEADS, fill_missing=True).resample(RATE_HZ).signal_mv
    whole = np.full((len(STANDARD_LEADS), NUM_SAMPLES), np.nan, np.float32)
    kept = min(NUM_SAMPLES, signal_mv.shape[1])
    whole[:, :kept] = signal_mv[:, :kept]
    return normalised(whole)


def normalised(signal_mv: np.ndarray) -> Prepared:
    """Every lead less its mean, divided by its standard deviation, over what there is of it.

    Args:
        signal_mv: float, shape (leads, samples); NaN where nothing was recorded.
    """
    seen = np.isfinite(signal_mv)
    count = np.maximum(seen.sum(axis=1, keepdims=True), 1)
    level = np.where(seen, signal_mv, 0.0)
    level = np.where(seen, level - level.sum(axis=1, keepdims=True) / count, 0.0)
    spread = np.sqrt((level**2).sum(axis=1, keepdims=True) / count)
    scale = np.where(spread > FLAT_MV, spread, np.inf)
    return Prepared(signal=(level / scale).astype(np.float32), seen=seen)


def is_usual(rate_hz: float) -> bool:
    """Whether a rate is near enough to that of the classifier to say nothing of it."""
    least, most = USUAL_RATES_HZ
    return least <= rate_hz <= most
