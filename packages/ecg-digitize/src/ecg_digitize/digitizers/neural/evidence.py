"""What speaks for and against the reading of a lead, as figures that a calibration weighs."""

from __future__ import annotations

import numpy as np

from ecg_digitize.digitizers.neural.waveform.columns import Columns

SURE_NATS = 4.0
STEEP_ROWS = 2.0
RARE = 1e-3


def lead_evidence(columns: Columns, first_px: float, last_px: float, px_per_mm: float) -> dict[str, float]:
    """What the columns of a lead say.

    Args:
        columns: the columns of the row that holds the lead.
        first_px: column at which the lead begins.
        last_px: column at which it ends.
        px_per_mm: rows a millimetre.

    Returns:
        ``clarity``, ``sure`` and ``steep``: how rarely, in powers of ten, a column is unclear, has a second path, is
        unclear where the trace is steep; ``margin``: by how many nats the least clear columns rule out another path;
        ``gaps``: share of columns without a trace; ``amplitude``: power of ten of the trace's spread in millimetres.
    """
    inside = slice(max(round(first_px), 0), max(round(last_px), 0))
    presence, certainty = columns.presence[inside], columns.certainty[inside]
    there = presence > 0.5
    if there.sum() < 2:
        return dict.fromkeys(("clarity", "sure", "steep", "margin"), 0.0) | {"gaps": 1.0, "amplitude": -2.0}
    rows, margin, clear = columns.row_px[inside][there], columns.margin[inside][there], (presence * certainty)[there]
    steep = np.abs(np.gradient(rows)) >= STEEP_ROWS
    return {
        "clarity": _rarity(1 - clear.mean()),
        "sure": _rarity((margin < SURE_NATS).mean()),
        "steep": _rarity(1 - clear[steep].mean()) if steep.any() else _rarity(1 - clear.mean()),
        "margin": float(np.clip(np.quantile(margin, 0.02), 0, 12)),
        "gaps": float(1 - there.mean()),
        "amplitude": float(np.log10(rows.std() / px_per_mm + 0.05)),
    }


def _rarity(share: float) -> float:
    """How rare something is in powers of ten: 0 for always, 3 for never."""
    return float(-np.log10(min(max(share, 0.0) + RARE, 1.0)))
