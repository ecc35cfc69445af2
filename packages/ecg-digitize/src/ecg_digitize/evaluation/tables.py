"""Scores as tables and figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from ecg_core.atomic import atomic_write_csv, atomic_write_text
from ecg_core.execution.batch import Batch
from ecg_core.leads import STANDARD_LEADS
from ecg_core.metrics.snr import mean_snr_db
from ecg_digitize.evaluation.score import PageScore

MAX_PAGES_SHOWN = 50
FIRST_COLUMNS, LAST_COLUMNS = ("page", "group", "truth", "verdict", "structure", "snr_db"), ("seconds",)
"""Columns before and behind those of the leads."""


def write_tables(scores: Sequence[PageScore], batch: Batch) -> None:
    """Write ``snr.csv``, a line for each page, and ``snr.json`` with the same lines and the figures of every group."""
    rows = [_row(score) for score in scores]
    columns = (*FIRST_COLUMNS, *scored_leads(scores), *LAST_COLUMNS)
    atomic_write_csv(batch.table("snr.csv"), columns, ([row.get(name, "") for name in columns] for row in rows))
    content = {"pages": rows, **figures(scores), "groups": group_figures(scores)}
    atomic_write_text(batch.table("snr.json"), json.dumps(content, indent=2) + "\n")


def scored_leads(scores: Sequence[PageScore]) -> tuple[str, ...]:
    """The twelve standard leads, and others that are scored on some page."""
    return tuple(dict.fromkeys((*STANDARD_LEADS, *(lead for score in scores for lead in score.snr.lead_db))))


def by_group(scores: Sequence[PageScore]) -> dict[str, list[PageScore]]:
    """The scores of each group, in the order of their first pages."""
    groups: dict[str, list[PageScore]] = {}
    for score in scores:
        groups.setdefault(score.group, []).append(score)
    return groups


def group_figures(scores: Sequence[PageScore]) -> dict[str, dict[str, Any]]:
    """The `figures` of each group, and the median score of each of its leads."""
    return {group: {**figures(own), "leads": _lead_medians(own)} for group, own in by_group(scores).items()}


def figures(scores: Sequence[PageScore]) -> dict[str, Any]:
    """Mean, median and worst score, the worst among the pages called good, and how many got which verdict; of printed
    pages also how many were understood as they are printed (``right``), or not, and told or silent."""
    if not scores:
        return {}
    decibels = [score.snr.db for score in scores]
    good = [score.snr.db for score in scores if score.verdict == "good"]
    verdicts = Counter(score.verdict for score in scores)
    structures = Counter(score.structure for score in scores if score.structure)
    return {
        "number": len(scores),
        "mean_snr_db": round(mean_snr_db(score.snr for score in scores), 2),
        "median_snr_db": round(median(decibels), 2),
        "worst_snr_db": round(min(decibels), 2),
        "worst_good_snr_db": round(min(good), 2) if good else None,
        **{verdict: verdicts[verdict] for verdict in ("good", "doubtful", "refused")},
        **({"structure": dict(structures)} if structures else {}),
        "median_seconds": round(median(score.seconds for score in scores), 2),
    }


def summary(scores: Sequence[PageScore]) -> dict[str, Any]:
    """What the terminal shows: every page where they are few, every group where there are several."""
    shown: dict[str, Any] = {"pages": len(scores), "not read": sum(bool(score.error) for score in scores)}
    if len(scores) <= MAX_PAGES_SHOWN:
        shown["snr_db"] = {f"{score.page} ({score.group})": _as_text(score) for score in scores}
    groups = group_figures(scores)
    if len(groups) > 1:
        shown["groups"] = {group: _without_leads(own) for group, own in groups.items()}
    return shown | figures(scores)


def _row(score: PageScore) -> dict[str, Any]:
    leads = {lead: round(db, 2) for lead, db in score.snr.lead_db.items()}
    head = {"page": score.page, "group": score.group, "truth": score.truth, "verdict": score.verdict}
    head["structure"] = score.structure
    return {**head, "snr_db": round(score.snr.db, 2), **leads, "seconds": round(score.seconds, 3)}


def _lead_medians(scores: Sequence[PageScore]) -> dict[str, float]:
    every = [score.snr.lead_db for score in scores]
    found = {lead: [leads[lead] for leads in every if lead in leads] for lead in scored_leads(scores)}
    return {lead: round(median(values), 2) for lead, values in found.items() if values}


def _without_leads(own: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in own.items() if name != "leads"}


def _as_text(score: PageScore) -> str:
    leads = " ".join(f"{lead} {db:.1f}" for lead, db in score.snr.lead_db.items())
    return f"{score.snr.db:.2f} ({score.verdict}; {leads})"
