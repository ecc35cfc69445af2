"""Scores as plots; needs matplotlib, which comes with ``ecg-digitize[plots]``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecg_core.execution.batch import Batch
from ecg_core.metrics.snr import MAX_RATIO, ratio_to_db
from ecg_core.plots import save_plots
from ecg_digitize.evaluation.reliability import confidence_and_outcome
from ecg_digitize.evaluation.score import PageScore
from ecg_digitize.evaluation.tables import by_group, group_figures, scored_leads
from ecg_digitize.record.quality import RIGHT_DB

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = np.linspace(0, 1, 11)
LEAST_IN_BIN = 5
"""A bin of confidence is drawn where so many leads lie in it."""

VERDICT_COLOURS = {"good": "tab:green", "doubtful": "tab:orange", "refused": "tab:red"}


def save_score_plots(scores: Sequence[PageScore], batch: Batch) -> list[Path]:
    """Draw ``snr.png``, the scores of pages and leads, and ``reliability.png``, confidence against outcome."""
    plots = {"snr.png": partial(draw_scores, scores), "reliability.png": partial(draw_reliability, scores)}
    return save_plots(plots, batch.table, package="ecg-digitize")


def draw_scores(scores: Sequence[PageScore]) -> Figure:
    """Draw every page as a point, group by group, and the median of every lead."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    pages, leads = figure.subplots(1, 2)
    rng = np.random.default_rng(0)
    groups, names = by_group(scores), scored_leads(scores)
    for place, (group, own) in enumerate(groups.items()):
        for verdict, colour in VERDICT_COLOURS.items():
            values = [score.snr.db for score in own if score.verdict == verdict]
            pages.scatter(place + rng.uniform(-0.25, 0.25, len(values)), values, s=14, alpha=0.7, color=colour)
        medians = group_figures(own)[group]["leads"]
        leads.plot([medians.get(lead, np.nan) for lead in names], marker="o", label=group)
    pages.axhline(ratio_to_db(MAX_RATIO), color="gray", linestyle=":", linewidth=1)
    colours = ", ".join(f"{verdict}: {colour[4:]}" for verdict, colour in VERDICT_COLOURS.items())
    pages.set(ylabel="competition SNR of a page / dB", title=colours)
    pages.set_xticks(range(len(groups)), [f"{group}\n(n = {len(own)})" for group, own in groups.items()])
    leads.set(ylabel="median SNR of a lead / dB")
    leads.set_xticks(range(len(names)), names)
    leads.legend()
    return figure


def draw_reliability(scores: Sequence[PageScore]) -> Figure:
    """Draw the share of leads that were read right over their confidence; on the diagonal it is calibrated."""
    from matplotlib.figure import Figure

    claimed, right = confidence_and_outcome(scores)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes: Any = figure.subplots()
    axes.plot([0, 1], [0, 1], color="gray", linestyle=":")
    number = np.clip(np.digitize(claimed, BINS) - 1, 0, len(BINS) - 2)
    filled = [each for each in range(len(BINS) - 1) if (number == each).sum() >= LEAST_IN_BIN]
    means = [(claimed[number == each].mean(), right[number == each].mean()) for each in filled]
    if means:
        x, y = zip(*means, strict=True)
        axes.plot(x, y, marker="o")
    for each, (x, y) in zip(filled, means, strict=True):
        axes.annotate(str((number == each).sum()), (x, y), textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1.02),
        xlabel="confidence of a lead",
        ylabel=f"share of such leads with an SNR of {RIGHT_DB:g} dB or more",
        title=f"{len(claimed)} leads of {len(scores)} pages",
    )
    return figure
