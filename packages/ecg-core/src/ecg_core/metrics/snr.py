"""Competition SNR: how well a digitized page agrees with the recording it was printed from.

The definition is that of the Kaggle competition "PhysioNet - Digitization of ECG Images" (2025), whose scoring notebook
is public (kaggle.com/code/metric/physionet-ecg-signal-extraction-metric). What it does, and what is kept here:

- The signal power of a lead is the plain sum of squares of the truth in mV², its mean not removed.
- The estimate is shifted by whole samples, at most ``int(sampling_rate_hz * 0.2)``, to the greatest unnormalised
  cross-correlation of the mean-free signals; among equals the smallest shift wins. It is cut to the truth's samples
  before the shift, so samples that move in at an edge are not recorded.
- The vertical offset is the mean difference over the samples that both have (least squares).
- After that a sample of the estimate that is not recorded counts as 0 mV.
- Signal and noise power are added up over the leads before the ratio is taken. It is capped at 384, 25.84 dB.
- The ratios of the pages, not their decibels, are averaged; the result in dB is never below -384.

The competition refuses submissions with gaps, so it does not say how to treat them. Here a gap or an absent lead takes
no part in the alignment and the offset and then counts as 0 mV, as the competition treats samples that a shift leaves
empty. Filling with zeros first would let the offset of the rest absorb a part of the error. Gaps of the truth are left
out of both powers, and leads without any truth are left out of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Layout
from ecg_core.record import Record

MAX_RATIO = 384.0
MIN_DB = -384.0
MAX_SHIFT_S = 0.2


@attrs.frozen(kw_only=True)
class PageSnr:
    """Score of one page.

    Attributes:
        ratio: signal power over noise power, both added up over the leads; 0 to 384.
        lead_db: the same lead by lead, in dB.
    """

    ratio: float
    lead_db: Mapping[str, float]

    @property
    def db(self) -> float:
        """``ratio`` in decibels."""
        return ratio_to_db(self.ratio)


def competition_snr(truth: Record, estimate: Record, *, max_shift_s: float = MAX_SHIFT_S) -> PageSnr:
    """Compare an estimate with the truth over every lead and sample where the truth is known.

    Both records begin at the same instant. An estimate at another rate is resampled to that of the truth, a shorter
    one counts as 0 mV beyond its end, and its leads that the truth lacks are not looked at.

    Args:
        truth: the recording; NaN outside what was printed, see `restrict_to_layout`.
        estimate: what was read from the page.
        max_shift_s: longest shift in time that is forgiven.

    Raises:
        DataError: the truth holds no sample.
    """
    at_truth_rate = estimate.resample(truth.sampling_rate_hz)
    max_shift = int(truth.sampling_rate_hz * max_shift_s)
    powers = {
        lead: _lead_powers(truth.lead_mv(lead), _lead_or_gap(at_truth_rate, lead), max_shift)
        for lead in truth.lead_names
        if np.isfinite(truth.lead_mv(lead)).any()
    }
    if not powers:
        raise DataError(f"{truth.name}: the truth has no sample to compare with; every lead is empty")
    signal, noise = np.sum(list(powers.values()), axis=0)
    lead_db = {lead: ratio_to_db(_capped_ratio(*power)) for lead, power in powers.items()}
    return PageSnr(ratio=_capped_ratio(signal, noise), lead_db=lead_db)


def mean_snr_db(pages: Iterable[PageSnr]) -> float:
    """The score of several pages: the mean of their ratios, in decibels.

    Raises:
        DataError: there are no pages.
    """
    ratios = [page.ratio for page in pages]
    if not ratios:
        raise DataError("the mean SNR of no pages was asked for; at least one is needed")
    return ratio_to_db(math.fsum(ratios) / len(ratios))


def ratio_to_db(ratio: float) -> float:
    """10 log10 of a power ratio, never below -384 dB."""
    return max(10.0 * math.log10(ratio), MIN_DB) if ratio > 0 else MIN_DB


def restrict_to_layout(record: Record, layout: Layout) -> Record:
    """The part of a record that a page of this layout shows; all else is NaN.

    A lead that is printed in several places keeps all its windows, so one with a rhythm row keeps the whole row.
    """
    signal_mv = np.full_like(record.signal_mv, np.nan)
    for segment in layout.segments:
        lead = segment.lead.removeprefix("-")
        if lead not in record.lead_names:
            continue
        row = record.lead_names.index(lead)
        start = round(segment.start_s * record.sampling_rate_hz)
        stop = round((segment.start_s + segment.duration_s) * record.sampling_rate_hz)
        signal_mv[row, start:stop] = record.signal_mv[row, start:stop]
    return attrs.evolve(record, signal_mv=signal_mv)


def _lead_or_gap(record: Record, lead: str) -> np.ndarray:
    return record.lead_mv(lead) if lead in record.lead_names else np.full(record.num_samples, np.nan, np.float32)


def _capped_ratio(signal: float, noise: float) -> float:
    if noise == 0:
        return MAX_RATIO
    return min(float(signal / noise), MAX_RATIO)


def _lead_powers(truth_mv: np.ndarray, estimate_mv: np.ndarray, max_shift: int) -> tuple[float, float]:
    """Signal and noise power of one lead, in mV² summed over the samples that the truth has."""
    known = np.flatnonzero(np.isfinite(truth_mv))
    window = slice(known[0], known[-1] + 1)
    truth = truth_mv[window].astype(np.float64)
    estimate = _fit_length(estimate_mv.astype(np.float64), window.stop)[window]
    estimate = _shifted(estimate, _best_shift(truth, estimate, max_shift))
    offset = _mean(estimate - truth)
    noise = truth - np.nan_to_num(estimate - offset, nan=0.0)
    return float(np.nansum(truth**2)), float(np.nansum(noise**2))


def _fit_length(signal: np.ndarray, length: int) -> np.ndarray:
    """Cut at ``length`` or continued with NaN up to it."""
    return np.pad(signal[:length], (0, max(0, length - len(signal))), constant_values=np.nan)


def _mean(values: np.ndarray) -> float:
    """Mean of the finite values; 0 if there are none."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else 0.0


def _best_shift(truth: np.ndarray, estimate: np.ndarray, max_shift: int) -> int:
    """Number of samples by which the estimate has to move to the right; both signals have one length."""
    from scipy.signal import correlate, correlation_lags

    centred_truth, centred_estimate = (np.nan_to_num(x - _mean(x)) for x in (truth, estimate))
    correlation = correlate(centred_truth, centred_estimate, mode="full")
    lags = correlation_lags(len(truth), len(estimate), mode="full")
    allowed = np.abs(lags) <= max_shift
    best = lags[allowed][correlation[allowed] == correlation[allowed].max()]
    return int(min(best, key=abs))


def _shifted(signal: np.ndarray, shift: int) -> np.ndarray:
    """Moved to the right by ``shift`` samples (left if negative); what moves in is NaN."""
    moved = np.full_like(signal, np.nan)
    if shift >= 0:
        moved[shift:] = signal[: len(signal) - shift]
    else:
        moved[:shift] = signal[-shift:]
    return moved
