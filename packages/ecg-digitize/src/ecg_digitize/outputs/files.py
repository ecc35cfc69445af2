"""The files that a digitized page becomes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs

from ecg_core import Record, write_record
from ecg_core.atomic import atomic_write_text
from ecg_core.pictures import write_picture
from ecg_digitize.outputs.overlay import draw_overlay
from ecg_digitize.outputs.reasons import with_reasons
from ecg_digitize.outputs.refused_page import draw_refused
from ecg_digitize.pages.files import OVERLAY_SUFFIX, QUALITY_SUFFIX
from ecg_digitize.record.digitization import Digitization
from ecg_digitize.record.refusal import Refusal

CORE = "ecg-core"
"""The distribution that writes records: asked for by name, whoever else claims a suffix of theirs."""

RECORD_SUFFIXES = {"wfdb": (".hea", ".dat"), "csv": (".csv",), "npz": (".npz",), "json": (".json",)}
"""Endings of the files of a record by format; the first file stands for the record."""


class Places(Protocol):
    """Says where a file is written, given its name: `ecg_core.execution.outputs.Outputs`, or a folder."""

    def path(self, name: str) -> Path: ...


@attrs.frozen
class Folder:
    """A folder that anything may be written to."""

    folder: Path

    def path(self, name: str) -> Path:
        """The file of a name in the folder."""
        return self.folder / name


def save_digitization(
    digitization: Digitization, out: Path | Places, stem: str, formats: Sequence[str] = ("wfdb", "csv")
) -> list[Path]:
    """Write the record as ``<stem>.hea`` and so on, ``<stem>_overlay.jpg`` and ``<stem>_quality.json``, each whole.

    A refused page gets no record, only the overlay, with the reasons above it, and the quality that say why.

    Args:
        digitization: what was read.
        out: the folder, made if it is not there; or what says where files are written.
        stem: letters, digits, ``-`` and ``_``, as WFDB asks.
        formats: formats of the record, keys of `RECORD_SUFFIXES`.

    Returns:
        The files that were written; the quality comes last, when all others are there.
    """
    places = Folder(out) if isinstance(out, Path) else out
    files: list[Path] = []
    if digitization.verdict != "refused":
        record = attrs.evolve(digitization.record, name=stem)
        for name in formats:
            path, *_others = (places.path(f"{stem}{suffix}") for suffix in RECORD_SUFFIXES[name])
            if name == "json":
                files.append(write_json(path, record_as_json(record)))
            else:
                files += write_record(record, path, format=f"{CORE}:{name}")
    overlay = places.path(f"{stem}{OVERLAY_SUFFIX}")
    drawn = draw_overlay(digitization)
    write_picture(overlay, with_reasons(drawn, digitization.quality) if digitization.verdict == "refused" else drawn)
    files.append(overlay)
    files.append(write_json(places.path(f"{stem}{QUALITY_SUFFIX}"), digitization.quality.to_plain(), indent=2))
    return files


def save_refusal(refusal: Refusal, out: Path | Places, stem: str) -> list[Path]:
    """Write ``<stem>_overlay.jpg``, the page with what was made out on it, and ``<stem>_quality.json``.

    Args:
        refusal: the page that could not be read.
        out: as of `save_digitization`.
        stem: likewise.

    Returns:
        The files that were written.
    """
    places = Folder(out) if isinstance(out, Path) else out
    overlay = places.path(f"{stem}{OVERLAY_SUFFIX}")
    write_picture(overlay, draw_refused(refusal))
    return [overlay, write_json(places.path(f"{stem}{QUALITY_SUFFIX}"), refusal.quality.to_plain(), indent=2)]


def record_as_json(record: Record) -> dict[str, Any]:
    """A record as plain values; null for what was not printed or read, and microvolts are the finest digit."""
    leads = dict(zip(record.lead_names, record.signal_mv.astype(float).round(3).tolist(), strict=True))
    return {
        "name": record.name,
        "sampling_rate_hz": record.sampling_rate_hz,
        "unit": "mV",
        "leads": {lead: [None if math.isnan(value) else value for value in values] for lead, values in leads.items()},
    }


def write_json(path: Path, values: Mapping[str, Any], *, indent: int | None = None) -> Path:
    """Write plain values, whole or not at all."""
    atomic_write_text(path, json.dumps(values, indent=indent, allow_nan=False) + "\n")
    return path
