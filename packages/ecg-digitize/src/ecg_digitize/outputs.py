"""The files that a digitized page becomes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np

from ecg_core import write_record
from ecg_core.atomic import atomic_path, atomic_write_text
from ecg_digitize.overlay import draw_overlay
from ecg_digitize.result import Digitization

QUALITY_SUFFIX = "_quality.json"
OVERLAY_SUFFIX = "_overlay.png"
RECORD_SUFFIXES = (".hea", ".csv")


def save_digitization(digitization: Digitization, image_rgb: np.ndarray, out_dir: Path, stem: str) -> list[Path]:
    """Write ``<stem>.hea``, ``.dat``, ``.csv``, ``_overlay.png`` and ``_quality.json``, each whole or not at all.

    A refused page gets no record, only the overlay and the quality that say why.

    Args:
        digitization: what was read.
        image_rgb: the picture that it was read from, uint8, shape (height, width, 3).
        out_dir: made if it is not there.
        stem: letters, digits, ``-`` and ``_``, as WFDB asks.

    Returns:
        The files that were written; the quality comes last, when all others are there.
    """
    files: list[Path] = []
    if digitization.verdict != "refused":
        record = attrs.evolve(digitization.record, name=stem)
        for suffix in RECORD_SUFFIXES:
            files += write_record(record, out_dir / f"{stem}{suffix}")
    files.append(write_png(out_dir / f"{stem}{OVERLAY_SUFFIX}", draw_overlay(image_rgb, digitization)))
    files.append(_write_json(out_dir / f"{stem}{QUALITY_SUFFIX}", digitization.quality))
    return files


def write_png(path: Path, image_rgb: np.ndarray) -> Path:
    """Write a picture, uint8 RGB, whole or not at all."""
    _done, encoded = cv2.imencode(".png", image_rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    with atomic_path(path) as aside:
        aside.write_bytes(encoded.tobytes())
    return path


def _write_json(path: Path, values: Mapping[str, Any]) -> Path:
    atomic_write_text(path, json.dumps(values, indent=2) + "\n")
    return path
