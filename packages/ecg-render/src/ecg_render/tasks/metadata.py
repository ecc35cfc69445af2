"""What is told of pages and crops in ``metadata.jsonl``, a line each.

The lines are sorted, so that the bytes are the same however often a run stopped. Of a page they hold everything but the
traces, in pixels of the picture.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.execution.batch import Batch
from ecg_render.page import Page

METADATA_FILE = "metadata.jsonl"
DECIMALS = 2


def write_metadata(batch: Batch) -> None:
    """Write what the ledger of a folder tells of its items, whole or not at all; one line at a time is in memory."""
    with atomic_path(batch.table(METADATA_FILE)) as aside, aside.open("w", encoding="utf-8") as file:
        for entry in batch.entries():
            file.write(json.dumps(entry.values, separators=(",", ":")) + "\n")


def page_entry(page: Page) -> dict[str, Any]:
    """Geometry and keypoints of a page as plain values.

    Scale, baselines and signal ends are those of the flat sheet; corners and grid points are where they lie in the
    picture, after its degradations: top left, top right, bottom right, bottom left as printed.
    """
    return {
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dots_per_inch": page.dots_per_inch,
        "px_per_mm": page.px_per_mm,
        "px_per_mv": page.px_per_mv,
        "px_per_s": page.px_per_s,
        "baselines_px": _rounded(np.array(page.baselines_px)),
        "signal_start_px": round(page.signal_start_px, DECIMALS),
        "signal_end_px": round(page.signal_end_px, DECIMALS),
        "leads": [
            {
                "lead": piece.lead,
                "row": piece.row,
                "start_s": piece.start_s,
                "samples": len(piece.x_px),
                "px_per_mv": piece.px_per_mv,
            }
            for piece in page.pieces
        ],
        "lead_names": [
            {"lead": name.lead, "row": name.row, "corners_px": _rounded(name.corners_px)} for name in page.lead_names
        ],
        "pulses": [{"row": pulse.row, "corners_px": _rounded(pulse.corners_px)} for pulse in page.pulses],
        "scale_texts": [
            {
                "text": text.text,
                "kind": text.kind,
                "value": text.value,
                "leads": text.leads,
                "corners_px": _rounded(text.corners_px),
            }
            for text in page.scale_texts
        ],
        "grid_points_px": _rounded(page.grid_points_px),
    }


def trace_arrays(page: Page) -> dict[str, np.ndarray]:
    """The traces of a page for an NPZ file: ``leads``, ``rows``, ``start_s``, ``sampling_rate_hz``, and ``x_px_<n>``,
    ``y_px_<n>`` of piece ``n``."""
    arrays = {
        "leads": np.array([piece.lead for piece in page.pieces]),
        "rows": np.array([piece.row for piece in page.pieces]),
        "start_s": np.array([piece.start_s for piece in page.pieces]),
        "sampling_rate_hz": np.array([piece.sampling_rate_hz for piece in page.pieces]),
    }
    for number, piece in enumerate(page.pieces):
        arrays[f"x_px_{number}"] = piece.x_px.astype(np.float32)
        arrays[f"y_px_{number}"] = piece.y_px.astype(np.float32)
    return arrays


def _rounded(points: np.ndarray) -> Any:
    return np.round(points.astype(np.float64), DECIMALS).tolist()
