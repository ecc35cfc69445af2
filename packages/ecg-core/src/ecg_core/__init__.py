"""Electrocardiograms on paper and as signals: records, plugins, configuration, training, and the ``ecg`` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg_core.errors import EcgError
from ecg_core.lazy import lazy_attributes
from ecg_core.version import __version__

if TYPE_CHECKING:
    from ecg_core.formats import read_record, write_record
    from ecg_core.metrics.snr import competition_snr
    from ecg_core.paper import Layout, PaperSpec
    from ecg_core.record import Record
    from ecg_core.synthetic import synthesize_record

__all__ = [
    "EcgError",
    "Layout",
    "PaperSpec",
    "Record",
    "__version__",
    "competition_snr",
    "read_record",
    "synthesize_record",
    "write_record",
]

__getattr__ = lazy_attributes(
    __name__,
    {
        "Layout": "ecg_core.paper",
        "PaperSpec": "ecg_core.paper",
        "Record": "ecg_core.record",
        "competition_snr": "ecg_core.metrics.snr",
        "read_record": "ecg_core.formats",
        "synthesize_record": "ecg_core.synthetic",
        "write_record": "ecg_core.formats",
    },
)
