"""Figures of an evaluation or a training as plots; needs matplotlib, which comes with ``ecg-classify[plots]``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecg_classify.classes import CLASSES
from ecg_classify.evaluation.figures import classification_figures, reliability
from ecg_classify.evaluation.report import Predictions
from ecg_core.plots import save_plots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EVALUATION, HISTORY = "evaluation.png", "history.png"


def save_figure_plots(predictions: Predictions, out_dir: Path, *, history: Path | None = None) -> list[Path]:
    """``evaluation.png``, and ``history.png`` of a training's ``metrics.jsonl``."""
    plots = {EVALUATION: partial(draw_evaluation, predictions)}
    if history is not None and history.is_file():
        plots[HISTORY] = partial(draw_history, history)
    return save_plots(plots, out_dir, package="ecg-classify")


def draw_evaluation(predictions: Predictions) -> Figure:
    """F1 and AUROC of each class, confusions, the receiver's operating characteristic, and calibration."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 9), layout="constrained")
    ((bars, confusion), (curves, calibration)) = figure.subplots(2, 2)
    figures = classification_figures(predictions.targets, predictions.probabilities)
    _draw_bars(bars, [(each.f1, each.auroc) for each in figures.classes.values()])
    _draw_confusion(confusion, np.array(figures.confusion))
    _draw_curves(curves, predictions)
    _draw_calibration(calibration, predictions)
    return figure


def draw_history(metrics: Path) -> Figure:
    """Loss and macro F1 over the steps of a training."""
    from matplotlib.figure import Figure

    lines = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines() if line]
    figure = Figure(figsize=(10, 4), layout="constrained")
    losses, scores = figure.subplots(1, 2)
    for event in ("train", "validation"):
        own = [line for line in lines if line.get("event") == event and line.get("loss") is not None]
        losses.plot([line["step"] for line in own], [line["loss"] for line in own], label=event)
    own = [line for line in lines if "macro_f1" in line]
    scores.plot([line["step"] for line in own], [line["macro_f1"] for line in own], marker="o")
    losses.set(xlabel="step", ylabel="loss")
    losses.legend()
    scores.set(xlabel="step", ylabel="macro F1, validation", ylim=(0, 1))
    return figure


def _draw_bars(axes: Axes, values: Sequence[tuple[float, float]]) -> None:
    places = np.arange(len(CLASSES))
    for shift, name, heights in zip((-0.2, 0.2), ("F1", "AUROC"), zip(*values, strict=True), strict=True):
        axes.bar(places + shift, np.nan_to_num(heights), 0.38, label=name)
        for place, height in zip(places + shift, heights, strict=True):
            if np.isfinite(height):
                axes.annotate(f"{height:.2f}", (place, height), ha="center", va="bottom", fontsize=8)
    axes.set_xticks(places, CLASSES)
    axes.set(ylim=(0, 1.08), title="each class against the rest")
    axes.legend(loc="lower right")


def _draw_confusion(axes: Axes, counts: np.ndarray) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(
            column, row, str(count), ha="center", va="center", color="white" if shares[row, column] > 0.5 else "k"
        )
    axes.set_xticks(range(len(CLASSES)), CLASSES)
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.set(xlabel="claimed", ylabel="true", title="recordings of one class")


def _draw_curves(axes: Axes, predictions: Predictions) -> None:
    from sklearn.metrics import roc_curve

    for number, name in enumerate(CLASSES):
        is_of = predictions.targets[:, number]
        if is_of.any() and not is_of.all():
            false, true, _ = roc_curve(is_of, predictions.probabilities[:, number])
            axes.plot(false, true, label=name)
    axes.plot([0, 1], [0, 1], color="gray", linestyle=":")
    axes.set(xlabel="false positives", ylabel="true positives", title="receiver's operating characteristic")
    axes.legend(loc="lower right")


def _draw_calibration(axes: Axes, predictions: Predictions) -> None:
    alone = predictions.targets.sum(axis=1) == 1
    claimed: Any = predictions.probabilities[alone]
    right = claimed.argmax(axis=1) == predictions.targets[alone].argmax(axis=1)
    axes.plot([0, 1], [0, 1], color="gray", linestyle=":")
    points = reliability(claimed.max(axis=1, initial=0.0), right)
    axes.plot([said for said, _, _ in points], [was for _, was, _ in points], marker="o")
    for said, was, count in points:
        axes.annotate(str(count), (said, was), textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", ylabel="share that is right", title="calibration")
