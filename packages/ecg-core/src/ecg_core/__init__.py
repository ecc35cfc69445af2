"""Electrocardiograms on paper and as signals: records, plugins, configuration, training, and the ``ecg`` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecg_core.errors import EcgError

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
    "competition_snr",
    "read_record",
    "synthesize_record",
    "write_record",
]

__version__ = "0.1.0"

_HOMES = {
    "Layout": "ecg_core.paper",
    "PaperSpec": "ecg_core.paper",
    "Record": "ecg_core.record",
    "competition_snr": "ecg_core.metrics.snr",
    "read_record": "ecg_core.formats",
    "synthesize_record": "ecg_core.synthetic",
    "write_record": "ecg_core.formats",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home on first use, so that ``import ecg_core`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
