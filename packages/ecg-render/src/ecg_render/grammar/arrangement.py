"""Which leads a page of the grammar prints, and in which rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import attrs
import numpy as np

from ecg_core.layouts import down_the_columns
from ecg_core.leads import CABRERA_LEADS, CHEST_LEADS, EXTRA_LEADS, LIMB_LEADS, STANDARD_LEADS
from ecg_core.paper import Timing

Leads = tuple[str, ...]
ChoiceT = TypeVar("ChoiceT")

CABRERA_LIMB_LEADS = CABRERA_LEADS[:6]

SHARE_CABRERA = 0.12
SHARE_ONE_LEAD_REPLACED = 0.05
SHARE_RHYTHM_ON_TOP = 0.05
SHARE_SIMULTANEOUS = {2: 0.3}
"""By the number of columns."""
SHARE_SIMULTANEOUS_OTHERWISE = 0.06

KINDS = {"twelve": 0.62, "fifteen": 0.08, "six": 0.09, "few": 0.09, "strip": 0.07, "any": 0.05}
"""How often the kinds of pages come: of twelve leads, of fifteen, of six, of one to three, one lead that goes on from
row to row, and any number of leads in any order."""

SHAPES_OF_TWELVE = {(3, 4): 0.56, (6, 2): 0.22, (12, 1): 0.13, (4, 3): 0.05, (2, 6): 0.04}
SHAPES_OF_FIFTEEN = {(3, 5): 0.6, (5, 3): 0.2, (15, 1): 0.2}
SHAPES_OF_SIX = {(6, 1): 0.65, (3, 2): 0.25, (2, 3): 0.1}
"""Rows and columns, and how often they come."""

RHYTHM_ROWS = {0: 0.3, 1: 0.45, 2: 0.12, 3: 0.13}
RHYTHM_ROWS_BELOW_LONG_ROWS = {0: 0.93, 1: 0.07}
"""How often so many rhythm rows stand on pages of several columns, and of one."""

USUAL_RHYTHM: Mapping[int, Sequence[Leads]] = {
    1: (("II",), ("II",), ("II",), ("V1",), ("V5",)),
    2: (("V1", "II"), ("II", "V5")),
    3: (("V1", "II", "V5"),),
}
USUAL_FEW: Sequence[Leads] = (
    *(("I",), ("II",), ("II",)),
    *(("I", "II"), ("II", "V1"), ("II", "V5")),
    *(("I", "II", "III"), ("II", "V1", "V5")),
)
SHARE_USUAL_RHYTHM = 0.8
SHARE_USUAL_FEW = 0.6


@attrs.frozen(kw_only=True)
class Arrangement:
    """The leads of a page, row by row.

    Attributes:
        rows: as `ecg_core.paper.Layout` has them; a rhythm row at the top is one of them.
        rhythm_leads: of the rhythm rows at the foot.
        timing: how the leads follow in time.
    """

    rows: tuple[Leads, ...]
    rhythm_leads: Leads = ()
    timing: Timing = "successive"

    @property
    def num_rows(self) -> int:
        return len(self.rows) + len(self.rhythm_leads)

    @property
    def num_columns(self) -> int:
        return max(map(len, self.rows))


def random_arrangement(rng: np.random.Generator) -> Arrangement:
    """The leads of a plausible page."""
    kind = one_of(KINDS, rng)
    if kind == "strip":
        return Arrangement(rows=((_a_lead(rng),),) * int(rng.integers(2, 5)), timing="continued")
    if kind == "few":
        return Arrangement(rows=_few(rng))
    rows = {"twelve": _twelve, "fifteen": _fifteen, "six": _six, "any": _any}[kind](rng)
    return _with_rhythm(rows, rng)


def one_of(shares: Mapping[ChoiceT, float], rng: np.random.Generator) -> ChoiceT:
    """One of several choices, each as often as its share says."""
    choices = list(shares)
    return choices[int(rng.choice(len(choices), p=np.array(list(shares.values())) / sum(shares.values())))]


def _twelve(rng: np.random.Generator) -> tuple[Leads, ...]:
    leads: Leads = CABRERA_LEADS if rng.random() < SHARE_CABRERA else STANDARD_LEADS
    if rng.random() < SHARE_ONE_LEAD_REPLACED:
        leads = _with_another_lead(leads, rng)
    return down_the_columns(leads, one_of(SHAPES_OF_TWELVE, rng)[0])


def _with_another_lead(leads: Leads, rng: np.random.Generator) -> Leads:
    """The leads, one or some chest electrodes of which were put elsewhere, as V4 is for V4R."""
    places = {"V3": ("V3R",), "V4": ("V4R", "V7"), "V5": ("V8",), "V6": ("V9", "V7")}
    moved = [lead for lead in places if rng.random() < 0.3] or ["V4"]
    others = {lead: str(rng.choice(places[lead])) for lead in moved}
    new = tuple(others.get(lead, lead) for lead in leads)
    return new if len(set(new)) == len(new) else tuple("V4R" if lead == "V4" else lead for lead in leads)


def _fifteen(rng: np.random.Generator) -> tuple[Leads, ...]:
    extra = [str(lead) for lead in rng.choice(EXTRA_LEADS, 3, replace=False)]
    sorted_extra = sorted(extra, key=EXTRA_LEADS.index)
    if rng.random() < 0.5:
        sorted_extra = ["V4R", "V8", "V9"]
    return down_the_columns((*STANDARD_LEADS, *sorted_extra), one_of(SHAPES_OF_FIFTEEN, rng)[0])


def _six(rng: np.random.Generator) -> tuple[Leads, ...]:
    limb = CABRERA_LIMB_LEADS if rng.random() < SHARE_CABRERA else LIMB_LEADS
    leads = limb if rng.random() < 0.6 else CHEST_LEADS
    return down_the_columns(leads, one_of(SHAPES_OF_SIX, rng)[0])


def _any(rng: np.random.Generator) -> tuple[Leads, ...]:
    """Any number of leads up to fifteen, mostly in their usual order, in one to five columns that they fill."""
    every = (*STANDARD_LEADS, *EXTRA_LEADS)
    number = int(rng.integers(2, 16))
    columns = [count for count in range(1, 6) if number % count == 0]
    picked = [str(lead) for lead in rng.choice(every, number, replace=False)]
    if rng.random() < 0.7:
        picked.sort(key=every.index)
    return down_the_columns(picked, number // int(rng.choice(columns)))


def _few(rng: np.random.Generator) -> tuple[Leads, ...]:
    if rng.random() < SHARE_USUAL_FEW:
        leads: Leads = USUAL_FEW[int(rng.integers(len(USUAL_FEW)))]
    else:
        number = int(rng.integers(1, 4))
        leads = tuple(str(lead) for lead in rng.choice((*STANDARD_LEADS, *EXTRA_LEADS), number, replace=False))
    return tuple((lead,) for lead in leads)


def _a_lead(rng: np.random.Generator) -> str:
    usual = ("I", "I", "II", "II", "V1", "V5")
    return str(rng.choice(usual if rng.random() < 0.75 else STANDARD_LEADS))


def _with_rhythm(rows: tuple[Leads, ...], rng: np.random.Generator) -> Arrangement:
    num_columns = len(rows[0])
    number = one_of(RHYTHM_ROWS if num_columns > 1 else RHYTHM_ROWS_BELOW_LONG_ROWS, rng)
    simultaneous = rng.random() < SHARE_SIMULTANEOUS.get(num_columns, SHARE_SIMULTANEOUS_OTHERWISE)
    timing: Timing = "simultaneous" if simultaneous and num_columns > 1 else "successive"
    rhythm = _rhythm_leads(number, sum(rows, ()), rng) if number else ()
    if num_columns > 1 and rng.random() < SHARE_RHYTHM_ON_TOP:
        return Arrangement(rows=(*((lead,) for lead in rhythm), *rows), timing=timing)
    return Arrangement(rows=rows, rhythm_leads=rhythm, timing=timing)


def _rhythm_leads(number: int, leads: Leads, rng: np.random.Generator) -> Leads:
    """Rhythm rows show leads that the page shows; mostly II, V1 and V5."""
    usual = [each for each in USUAL_RHYTHM[number] if set(each) <= set(leads)]
    if usual and rng.random() < SHARE_USUAL_RHYTHM:
        return usual[int(rng.integers(len(usual)))]
    upright = [lead for lead in leads if not lead.startswith("-")]
    return tuple(str(lead) for lead in rng.choice(upright, min(number, len(upright)), replace=False))
