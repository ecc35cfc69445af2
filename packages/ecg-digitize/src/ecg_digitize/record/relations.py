"""Limb leads that must add up: how far a record contradicts Einthoven and Goldberger."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import numpy as np

from ecg_core.leads import einthoven_residual, goldberger_residual
from ecg_core.record import Record

NOISE_FLOOR_MV = 0.03
"""Disagreement of leads that print and pixels explain."""

WORST_RELATION = 2.0


@attrs.frozen
class Relation:
    """Leads whose signals add up to nothing, or to one of them.

    Attributes:
        name: who found the relation, and how it goes.
        leads: the leads that it binds.
        residual: what their signals, by lead, leave where the relation does not hold.
    """

    name: str
    leads: tuple[str, ...]
    residual: Callable[[dict[str, np.ndarray]], np.ndarray]

    def disagreement(self, record: Record) -> float | None:
        """Size of the residual over that of the leads, offsets left aside; None where they share no second."""
        signals = {lead: record.lead_mv(lead).astype(float) for lead in self.leads}
        common = np.isfinite(np.sum(list(signals.values()), axis=0))
        if common.sum() < record.sampling_rate_hz:
            return None
        signals = {lead: signal[common] - signal[common].mean() for lead, signal in signals.items()}
        size = np.sqrt(np.mean([np.var(signal) for signal in signals.values()]))
        return max(0.0, float(np.std(self.residual(signals))) - NOISE_FLOOR_MV) / max(float(size), NOISE_FLOOR_MV)


RELATIONS = (
    Relation("Einthoven (I + III = II)", ("I", "II", "III"), einthoven_residual),
    Relation("Goldberger (aVR + aVL + aVF = 0)", ("aVR", "aVL", "aVF"), goldberger_residual),
)


def disagreements(record: Record) -> dict[str, float | None]:
    """How far each relation is from holding, by its name; None where its leads share no second."""
    return {relation.name: relation.disagreement(record) for relation in RELATIONS}


def relation_evidence(lead: str, disagreement: Mapping[str, float | None]) -> dict[str, float]:
    """Whether a limb lead fits the others of its relation, as figures; 0 for a chest lead.

    Args:
        lead: its name.
        disagreement: as `disagreements` gives it.
    """
    own = [disagreement[relation.name] for relation in RELATIONS if lead in relation.leads]
    known = [value for value in own if value is not None]
    return {"relation": float(np.clip(max(known, default=0.0), 0, WORST_RELATION)), "is_limb": float(bool(own))}
