"""Where rows and columns begin, by limb leads of the same seconds: their sums are zero only where time agrees.

Complexes are steep, so that these sums tell how far rows lean to about 2 ms; beginnings of rows and edges of pulses are
seen to 10 ms. A complex at the border of two columns breaks them if it is cut a little too early or too late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from ecg_digitize.digitizers.structure.limb_relations import MADE_OF
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.orders import plain
from ecg_digitize.digitizers.structure.printed_pieces import PrintedPiece

RELATIONS: tuple[Mapping[str, float], ...] = (
    {"aVR": 1.0, "aVL": 1.0, "aVF": 1.0},
    *({lead: 1.0, **{other: -part for other, part in parts.items()}} for lead, parts in MADE_OF.items()),
)
"""Sums of limb leads that are zero at any time, by the part of each lead."""

SLANTS = np.linspace(-0.02, 0.02, 81)
SHIFTS_MM = np.arange(-1.0, 1.01, 0.125)
"""How far rows may lean, and how far columns may begin from where they were taken to."""

HOLD, BETTER, SLANT_COST, SHIFT_COST = 0.4, 0.02, 1.0, 0.02
"""Sums are zero where what is left is less, as part of the size of the leads; another place is believed where so much
less is left; and what a slant costs, in that, for each unit, and a shift for each millimetre."""

WeighedLeads = Sequence[tuple[PrintedPiece, float]]
"""Leads of one column, each with its part in a sum that is zero."""


def slant_by_limb_leads(pieces: Sequence[PrintedPiece], heights_mm: Sequence[float]) -> float:
    """By how much more the rows of a page lean than they were taken to; 0 where the limb leads do not tell it.

    Args:
        pieces: every lead of the page, cut where the rows were taken to begin.
        heights_mm: height of each row.

    Returns:
        By how much farther right a row begins that lies lower, in parts of that, beyond what is in the pieces.
    """
    middle_mm = float(np.mean(heights_mm)) if len(heights_mm) else 0.0

    def leads_of(own: WeighedLeads, slant: float) -> Sequence[np.ndarray]:
        return [part * _shifted(piece, slant * (heights_mm[piece.row] - middle_mm)) for piece, part in own]

    return _best(SLANTS, SLANT_COST, list(_sums(pieces)), leads_of)


def shift_by_limb_leads(pieces: Sequence[PrintedPiece], margin_mm: float) -> float:
    """By how much farther right the columns of a page begin; 0 where the limb leads do not tell it.

    Args:
        pieces: every lead of the page, cut from so much before to so much behind where it was taken to stand.
        margin_mm: that much, more than the farthest of `SHIFTS_MM`.
    """

    def leads_of(own: WeighedLeads, shift_mm: float) -> Sequence[np.ndarray]:
        first, last = (round((margin_mm + by_mm) / STEP_MM) for by_mm in (shift_mm, -shift_mm))
        return [part * piece.height_mm[first : len(piece.height_mm) - last] for piece, part in own]

    return _best(SHIFTS_MM, SHIFT_COST, list(_sums(pieces)), leads_of)


def _best(
    places: np.ndarray,
    cost: float,
    sums: Sequence[WeighedLeads],
    leads_of: Callable[[WeighedLeads, float], Sequence[np.ndarray]],
) -> float:
    """The place at which least is left of the sums, as `leads_of` cuts them; 0 where nothing tells it."""
    if not sums:
        return 0.0
    left = np.array([np.mean([part_left(leads_of(own, place)) for own in sums]) for place in places])
    worth = left + cost * np.abs(places)
    if not np.isfinite(worth).any():
        return 0.0
    best, usual = int(np.nanargmin(worth)), int(np.abs(places).argmin())
    is_told = left[best] <= HOLD and not left[usual] - left[best] < BETTER
    return float(places[best]) if is_told else 0.0


def zero_sums(printed: Iterable[str]) -> Iterator[Mapping[str, float]]:
    """Sums of printed limb leads that are zero at any time, by the part of each.

    Args:
        printed: leads of one column as they are printed: "-aVR" is upside down.
    """
    by_lead = {plain(lead): lead for lead in printed}
    for relation in RELATIONS:
        if relation.keys() <= by_lead.keys():
            names = {by_lead[lead]: part for lead, part in relation.items()}
            yield {name: -part if name.startswith("-") else part for name, part in names.items()}


def _sums(pieces: Sequence[PrintedPiece]) -> Iterator[WeighedLeads]:
    for column in sorted({piece.column for piece in pieces if not piece.is_long}):
        own = {piece.lead: piece for piece in pieces if piece.column == column and not piece.is_long}
        for parts in zero_sums(own):
            yield [(own[lead], part) for lead, part in parts.items()]


def part_left(leads: Sequence[np.ndarray]) -> float:
    """What is left of a sum of leads, root mean square as a part of that of the leads; NaN where none of it is known.

    Args:
        leads: the leads, each times its part in the sum: float, shape (samples,), NaN where there is none.
    """
    length = min(map(len, leads))
    known = np.array([lead[:length] for lead in leads])
    known = known[:, np.isfinite(known).all(axis=0)]
    if not known.size:
        return float("nan")
    known -= np.median(known, axis=1, keepdims=True)
    left = known.sum(axis=0)
    return float(np.sqrt(np.sum((left - np.median(left)) ** 2) / max(float(np.sum(known**2)), 1e-9)))


def _shifted(piece: PrintedPiece, by_mm: float) -> np.ndarray:
    """Heights of a lead that begins so much farther right than where it was cut; NaN where it was not cut."""
    return np.interp(piece.x_mm + by_mm, piece.x_mm, piece.height_mm, left=np.nan, right=np.nan)
