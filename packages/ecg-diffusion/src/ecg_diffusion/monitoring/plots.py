"""The progress of a training as a plot; needs matplotlib, which comes with ``ecg-diffusion[plots]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg_diffusion.monitoring.history import History
from ecg_diffusion.monitoring.ranges import stages

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLOT = "monitor.png"
LEAST_SHOWN = 1e-3
BESIDE = ("mse_without_class", "mse_wrong_class")


def draw(history: History) -> Figure:
    """Draw the measure over the steps with the ranges to expect, and the learning rate."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), layout="constrained")
    course, rate = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    _draw_ranges(course, history)
    for event, marker in (("train", ""), ("validation", "o")):
        found = history.series(event, history.measure)
        course.plot(found.steps, found.values, marker=marker, markersize=3, linewidth=1, label=event)
    for name in BESIDE:
        found = history.series("validation", name)
        if len(found):
            course.plot(found.steps, found.values, linestyle="--", linewidth=1, label=f"validation, {name}")
    course.set(ylabel=history.measure, yscale="log")
    course.legend(fontsize=8)
    found = history.series("train", "lr")
    rate.plot(found.steps, found.values, color="gray")
    rate.set(xlabel="step", ylabel="learning rate", xlim=(0, history.total_steps))
    return figure


def _draw_ranges(axes: Axes, history: History) -> None:
    for number, stage in enumerate(stages(history)):
        span = (stage.begin * history.total_steps, stage.end * history.total_steps)
        label = "" if number else "expected"
        low = max(stage.low, LEAST_SHOWN)
        axes.fill_between(span, low, stage.high, color="tab:green", alpha=0.12, linewidth=0, label=label)
