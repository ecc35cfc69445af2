"""How far rows lean against the grid, by limb leads of the same seconds: their sums are zero only where time agrees.

Complexes are steep, so that these sums tell it to about 2 ms; beginnings of rows and edges of pulses are seen to 10 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ecg_digitize.digitizers.structure.limb_relations import MADE_OF
from ecg_digitize.digitizers.structure.orders import plain
from ecg_digitize.digitizers.structure.printed_pieces import PrintedPiece

RELATIONS: tuple[Mapping[str, float], ...] = (
    {"aVR": 1.0, "aVL": 1.0, "aVF": 1.0},
    *({lead: 1.0, **{other: -part for other, part in parts.items()}} for lead, parts in MADE_OF.items()),
)
"""Sums of limb leads that are zero at any time, by the part of each lead."""

SLANTS = np.linspace(-0.02, 0.02, 81)

HOLD, BETTER, COST = 0.4, 0.02, 1.0
"""Sums are zero where what is left is less, as part of the size of the leads; a slant is believed where so much less is
left; and what a slant costs, in that, for each unit."""


def slant_by_limb_leads(pieces: Sequence[PrintedPiece], heights_mm: Sequence[float]) -> float:
    """By how much more the rows of a page lean than they were taken to; 0 where the limb leads do not tell it.

    Args:
        pieces: every lead of the page, cut where the rows were taken to begin.
        heights_mm: height of each row.

    Returns:
        By how much farther right a row begins that lies lower, in parts of that, beyond what is in the pieces.
    """
    middle_mm = float(np.mean(heights_mm)) if len(heights_mm) else 0.0
    sums = list(_sums(pieces))
    if not sums:
        return 0.0
    left = np.array([np.mean([_part_left(each, slant, heights_mm, middle_mm) for each in sums]) for slant in SLANTS])
    worth = left + COST * np.abs(SLANTS)
    if not np.isfinite(worth).any():
        return 0.0
    best, straight = int(np.nanargmin(worth)), int(np.abs(SLANTS).argmin())
    is_told = left[best] <= HOLD and not left[straight] - left[best] < BETTER
    return float(SLANTS[best]) if is_told else 0.0


def _sums(pieces: Sequence[PrintedPiece]) -> Iterator[list[tuple[PrintedPiece, float]]]:
    """Leads of one column, each with its part in a sum that is zero."""
    for column in sorted({piece.column for piece in pieces if not piece.is_long}):
        own = {plain(piece.lead): piece for piece in pieces if piece.column == column and not piece.is_long}
        for relation in RELATIONS:
            if relation.keys() <= own.keys():
                yield [
                    (own[lead], -part if own[lead].lead.startswith("-") else part) for lead, part in relation.items()
                ]


def _part_left(
    parts: Sequence[tuple[PrintedPiece, float]], slant: float, heights_mm: Sequence[float], middle_mm: float
) -> float:
    """What is left of a sum of leads where rows lean so, root mean square as a part of that of the leads."""
    length = min(len(piece.height_mm) for piece, _ in parts)
    leads = np.array(
        [part * _shifted(piece, slant * (heights_mm[piece.row] - middle_mm))[:length] for piece, part in parts]
    )
    leads = leads[:, np.isfinite(leads).all(axis=0)]
    if not leads.size:
        return float("nan")
    leads -= np.median(leads, axis=1, keepdims=True)
    left = leads.sum(axis=0)
    return float(np.sqrt(np.sum((left - np.median(left)) ** 2) / max(float(np.sum(leads**2)), 1e-9)))


def _shifted(piece: PrintedPiece, by_mm: float) -> np.ndarray:
    """Heights of a lead that begins so much farther right than where it was cut; NaN where it was not cut."""
    return np.interp(piece.x_mm + by_mm, piece.x_mm, piece.height_mm, left=np.nan, right=np.nan)
