"""Limb and chest leads that are printed at gains of their own, as two gains beside each other tell."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ecg_core.leads import LIMB_LEADS, UNKNOWN_LEAD
from ecg_digitize.digitizers.structure.evidence import PrintedScale
from ecg_digitize.digitizers.structure.orders import plain

SAME_LINE_MM = 2.5
"""Words of one line differ in height by less."""

TIMES = (0.5, 2.0)
"""The gain of the chest leads by that of the limb leads, where they differ."""


@attrs.frozen(kw_only=True)
class TwoGains:
    """The gains of limb and chest leads that differ.

    Attributes:
        limb: the gain of the limb leads, as it is printed.
        chest: the gain of the chest leads, likewise.
    """

    limb: PrintedScale
    chest: PrintedScale

    def doubt(self) -> str:
        """What is to be told: the words before the two numbers are not read, only their order is known."""
        return (
            f"two gains are printed, {self.limb.value:g} and {self.chest.value:g} mm/mV: the second is taken for that "
            "of the chest leads (--gain tells one for all)"
        )


def two_gains(printed: Sequence[PrintedScale]) -> TwoGains | None:
    """The gains of limb and chest leads where two that differ stand in one line; else None.

    Makers that have two print that of the limb leads first.

    Args:
        printed: speeds and gains that are printed in words.
    """
    gains = [each for each in printed if each.kind == "gain"]
    if len(gains) != 2 or any(each.place_mm is None for each in gains):
        return None
    first, second = sorted(gains, key=lambda each: each.place_mm or (0.0, 0.0))
    (_, y_mm), (_, other_mm) = first.place_mm or (0.0, 0.0), second.place_mm or (0.0, 0.0)
    if abs(y_mm - other_mm) > SAME_LINE_MM or second.value / first.value not in TIMES:
        return None
    return TwoGains(limb=first, chest=second)


def is_chest_lead(lead: str) -> bool:
    """Whether a lead has the gain of the chest leads; one that is not known has that of the limb leads."""
    return lead != UNKNOWN_LEAD and plain(lead) not in LIMB_LEADS
