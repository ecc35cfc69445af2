"""The state of a training as text and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.plugins.report import as_table
from ecg_core.training.journal import without_nan
from ecg_diffusion.monitoring.diagnosis import Finding
from ecg_diffusion.monitoring.history import History
from ecg_diffusion.monitoring.ranges import Stage, stages

TEXT, FIGURES = "monitor.txt", "monitor.json"


@attrs.frozen(kw_only=True)
class StageFigures:
    """The figures of a training in one stage.

    Attributes:
        stage: the stage, with the range to expect.
        train, validation: medians of the measure; NaN where there is none yet.
        verdict: whether the median of training is in the range.
    """

    stage: Stage
    train: float
    validation: float
    verdict: str


def stage_figures(history: History) -> list[StageFigures]:
    """Compute the figures of a training in every stage."""
    train, validation = (history.series(event, history.measure) for event in ("train", "validation"))
    found = []
    for stage in stages(history):
        span = (stage.begin * history.total_steps + 0.5, stage.end * history.total_steps)
        median = train.median(*span)
        found.append(
            StageFigures(
                stage=stage, train=median, validation=validation.median(*span), verdict=_verdict(median, stage)
            )
        )
    return found


def write_report(history: History, findings: Sequence[Finding], out_dir: Path) -> str:
    """Write ``monitor.txt`` and ``monitor.json``; returns the text."""
    found = stage_figures(history)
    text = as_text(history, found, findings)
    content = {
        "kind": history.kind,
        "step": history.step,
        "total_steps": history.total_steps,
        "measure": history.measure,
        "recent": history.recent(),
        "stages": [attrs.asdict(each) for each in found],
        "findings": [attrs.asdict(each) for each in findings],
    }
    atomic_write_text(out_dir / FIGURES, json.dumps(without_nan(content), indent=2) + "\n")
    atomic_write_text(out_dir / TEXT, text)
    return text


def as_text(history: History, found: Sequence[StageFigures], findings: Sequence[Finding]) -> str:
    """Format the table of stages, and the faults."""
    rows: list[tuple[str, ...]] = [("stage", "steps", history.measure, "validation", "expected", "verdict")]
    for each in found:
        stage = each.stage
        steps = f"{stage.begin * history.total_steps:.0f} to {stage.end * history.total_steps:.0f}"
        expected = f"{stage.low:g} to {stage.high:g}"
        rows.append((stage.name, steps, _number(each.train), _number(each.validation), expected, each.verdict))
    head = f"{history.kind}: step {history.step} of {history.total_steps}, {history.measure} {history.recent():.3g}"
    faults = [f"{each.name}: {each.seen}.\n  {each.cure}." for each in findings]
    return "\n\n".join([head, as_table(rows), *(faults or ["nothing is wrong"])]) + "\n"


def _verdict(median: float, stage: Stage) -> str:
    if np.isnan(median):
        return "not yet"
    if median > stage.high:
        return "above"
    return "below" if median < stage.low else "as expected"


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3g}"
