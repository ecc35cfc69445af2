"""One electrocardiogram as a signal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import numpy as np

from ecg_core.errors import DataError, shown_name, shown_names
from ecg_core.leads import STANDARD_LEADS, canonical_lead
from ecg_core.resample import resample_signal

MIN_RATE_HZ, MAX_RATE_HZ = 0.01, 1e6
"""Sampling rates of records: what lies beyond is a mistake, and would make a signal of any length of a short one."""


def _as_signal(values: Any) -> np.ndarray:
    with np.errstate(over="ignore"):  # what overflows becomes infinite, which Record refuses by name
        return np.ascontiguousarray(values, dtype=np.float32)


def _as_lead_names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(canonical_lead(name) for name in names)


@attrs.frozen(kw_only=True, eq=False)
class Record:
    """A multi-lead recording in millivolts.

    Attributes:
        signal_mv: float32, shape (leads, samples); NaN where nothing was recorded or printed.
        sampling_rate_hz: samples a second, the same for every lead.
        lead_names: one a row of ``signal_mv``; known spellings become standard ones (``AVR`` → ``aVR``).
        name: what the recording is called, usually its file's stem.
        metadata: anything else that is known of it (age, sex, comments …), passed on untouched.

    Raises:
        DataError: shapes, names or rate do not fit together.
    """

    signal_mv: np.ndarray = attrs.field(converter=_as_signal, repr=lambda array: f"<{array.shape} float32>")
    sampling_rate_hz: float = attrs.field(converter=float)
    lead_names: tuple[str, ...] = attrs.field(converter=_as_lead_names)
    name: str = "record"
    metadata: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.signal_mv.ndim != 2:
            raise DataError(f"{self.name}: a signal has the shape (leads, samples), found {self.signal_mv.shape}")
        if len(self.lead_names) != len(self.signal_mv):
            raise DataError(f"{self.name}: {len(self.signal_mv)} rows of signal, {len(self.lead_names)} lead names")
        if len(set(self.lead_names)) != len(self.lead_names):
            raise DataError(f"{self.name}: a lead is there twice: {shown_names(self.lead_names)}")
        if not (np.isfinite(self.sampling_rate_hz) and self.sampling_rate_hz > 0):
            raise DataError(f"{self.name}: the sampling rate must be above 0 Hz, found {self.sampling_rate_hz}")
        if not MIN_RATE_HZ <= self.sampling_rate_hz <= MAX_RATE_HZ:
            raise DataError(
                f"{self.name}: a sampling rate of {self.sampling_rate_hz:g} Hz; records have {MIN_RATE_HZ:g} to "
                f"{MAX_RATE_HZ:g} Hz"
            )
        if np.isinf(self.signal_mv).any():
            lead, sample = (int(axis[0]) for axis in np.nonzero(np.isinf(self.signal_mv)))
            raise DataError(
                f"{self.name}: sample {sample} of lead {shown_name(self.lead_names[lead])} is infinite; a gap is NaN"
            )

    @property
    def num_leads(self) -> int:
        return len(self.lead_names)

    @property
    def num_samples(self) -> int:
        return self.signal_mv.shape[1]

    @property
    def duration_s(self) -> float:
        return self.num_samples / self.sampling_rate_hz

    def lead_mv(self, name: str) -> np.ndarray:
        """One lead, shape (samples,), in millivolts.

        Raises:
            DataError: the record has no such lead.
        """
        wanted = canonical_lead(name)
        self._require((wanted,))
        return self.signal_mv[self.lead_names.index(wanted)]

    def select(self, names: Iterable[str] = STANDARD_LEADS, *, fill_missing: bool = False) -> Record:
        """The same record with these leads in this order; absent ones are NaN with ``fill_missing``, else an error.

        Raises:
            DataError: leads are absent and ``fill_missing`` is off; the message names all of them.
        """
        wanted = _as_lead_names(names)
        if not fill_missing:
            self._require(wanted)
        gap = np.full(self.num_samples, np.nan, np.float32)
        rows = [self.lead_mv(lead) if lead in self.lead_names else gap for lead in wanted]
        return attrs.evolve(self, signal_mv=np.stack(rows) if rows else self.signal_mv[:0], lead_names=wanted)

    def resample(self, sampling_rate_hz: float) -> Record:
        """The same record at another rate, anti-aliased; gaps (NaN) stay gaps of the same duration.

        Raises:
            DataError: the rates are too far apart.
        """
        if sampling_rate_hz == self.sampling_rate_hz:
            return self
        try:
            signal_mv = resample_signal(self.signal_mv, self.sampling_rate_hz, sampling_rate_hz)
        except ValueError as error:
            raise DataError(f"{self.name}: {error}") from error
        return attrs.evolve(self, signal_mv=signal_mv, sampling_rate_hz=sampling_rate_hz)

    def _require(self, wanted: tuple[str, ...]) -> None:
        missing = [lead for lead in wanted if lead not in self.lead_names]
        if missing:
            raise DataError(
                f"{self.name}: no lead {shown_names(missing)}; it has {shown_names(self.lead_names) or 'none'}"
            )
