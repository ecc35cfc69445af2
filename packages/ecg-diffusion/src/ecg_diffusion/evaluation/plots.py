"""Results of an evaluation as plots; needs matplotlib, which comes with ``ecg-diffusion[plots]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ecg_diffusion.evaluation.results import Estimate, Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLOT = "evaluation.png"


def draw(evaluation: Evaluation) -> Figure:
    """Draw accuracy of every training set, accuracy and gain against the number of real pictures, and distances."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 8), layout="constrained")
    ((sets, curve), (distances, gain)) = figure.subplots(2, 2)
    _draw_sets(sets, evaluation)
    _draw_curve(curve, evaluation)
    _draw_distances(distances, evaluation)
    _draw_gain(gain, evaluation)
    return figure


def _draw_sets(axes: Axes, evaluation: Evaluation) -> None:
    names, estimates = ["real"], [evaluation.real_only.accuracy]
    for name, found in evaluation.checkpoints.items():
        names += [f"real and {name}", f"{name} alone"]
        estimates += [found.compared.added.accuracy, found.alone.accuracy]
    places = np.arange(len(names))
    axes.barh(places, [each.mean for each in estimates], xerr=_reach(estimates), color="tab:blue", capsize=3)
    axes.axvline(evaluation.chance, color="gray", linestyle=":", label="chance")
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="accuracy on real test pictures", title="trained on")
    axes.legend(loc="lower right")


def _draw_curve(axes: Axes, evaluation: Evaluation) -> None:
    if evaluation.curve:
        counts = [each.real for each in evaluation.curve]
        _draw_line(axes, counts, [each.real_only.accuracy for each in evaluation.curve], "real")
        _draw_line(axes, counts, [each.added.accuracy for each in evaluation.curve], f"real and {evaluation.curve_of}")
    elif evaluation.real_curve:
        _draw_line(
            axes, list(evaluation.real_curve), [each.accuracy for each in evaluation.real_curve.values()], "real"
        )
    axes.set(xlabel="real pictures of each class", ylabel="accuracy", ylim=(0, 1))
    _legend(axes)


def _draw_gain(axes: Axes, evaluation: Evaluation) -> None:
    counts = [each.real for each in evaluation.curve]
    axes.axhline(0, color="gray", linestyle=":")
    if counts:
        _draw_line(axes, counts, [each.gain.accuracy for each in evaluation.curve], f"gain by {evaluation.curve_of}")
    axes.set(xlabel="real pictures of each class", ylabel="gain in accuracy")
    _legend(axes)


def _draw_distances(axes: Axes, evaluation: Evaluation) -> None:
    """Draw the Fréchet distance of the samples as bars, and that of real pictures as lines."""
    names = list(evaluation.checkpoints)
    found = evaluation.checkpoints.values()
    axes.bar(range(len(names)), [each.fidelity.frechet for each in found], color="tab:orange", label="samples")
    axes.plot(range(len(names)), [each.floor.frechet for each in found], "k_", markersize=30, label="real, to train on")
    axes.set_xticks(range(len(names)), names, rotation=20)
    axes.set(ylabel="Fréchet distance to real test pictures")
    axes.margins(y=0.3)
    if names:
        _legend(axes)


def _draw_line(axes: Axes, counts: Sequence[int], estimates: Sequence[Estimate], label: str) -> None:
    axes.errorbar(counts, [each.mean for each in estimates], yerr=_reach(estimates), marker="o", capsize=3, label=label)
    axes.set_xticks(counts)


def _reach(estimates: Sequence[Estimate]) -> np.ndarray:
    """Return half lengths of the intervals; 0 for a single seed."""
    return np.nan_to_num([each.high - each.mean for each in estimates])


def _legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
