"""What an evaluation writes: results as JSON and text, and sheets of samples above the nearest training pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.pictures import write_png
from ecg_core.plugins.report import as_table
from ecg_core.training.journal import without_nan
from ecg_diffusion.evaluation.distances import Fidelity
from ecg_diffusion.evaluation.pictures import reduced
from ecg_diffusion.evaluation.results import CheckpointResult, Estimate, Evaluation, Scores
from ecg_diffusion.images.folders import read_image

FIGURES, REPORT = "evaluation.json", "evaluation.txt"
SHEET_SIDE_PX, SHEET_GAP_PX = 128, 8

Row = tuple[str, ...]


def write_report(evaluation: Evaluation, out_dir: Path) -> None:
    """Write ``evaluation.json`` and ``evaluation.txt``."""
    content: dict[str, Any] = without_nan(attrs.asdict(evaluation))
    atomic_write_text(out_dir / FIGURES, json.dumps(content, indent=2) + "\n")
    atomic_write_text(out_dir / REPORT, as_text(evaluation))


def write_sheets(
    checkpoints: Mapping[str, CheckpointResult], samples: Mapping[str, Path], images: Path, out: Path
) -> None:
    """Write ``nearest-<checkpoint>.png``: two rows by pixels, two by features, the nearest pairs first.

    Args:
        checkpoints: results by checkpoint.
        samples: folder of class folders of each checkpoint.
        images: folder of class folders of the training pictures.
        out: folder to write to.
    """
    for name, found in checkpoints.items():
        rows = []
        for likeness in found.likeness.values():
            rows.append(_sheet_row(samples[name] / pair.sample for pair in likeness.pairs))
            rows.append(_sheet_row(images / pair.nearest for pair in likeness.pairs))
        write_png(out / f"nearest-{name}.png", np.concatenate(rows))


def _sheet_row(paths: Iterable[Path]) -> np.ndarray:
    cells = [
        np.pad(
            reduced(read_image(path), SHEET_SIDE_PX),
            ((0, SHEET_GAP_PX), (0, SHEET_GAP_PX), (0, 0)),
            constant_values=255,
        )
        for path in paths
    ]
    return np.concatenate(cells, axis=1)


def as_text(evaluation: Evaluation) -> str:
    """Format all results as tables, with what they mean."""
    parts = [_head(evaluation), as_table(_training_sets(evaluation))]
    if evaluation.checkpoints:
        parts += [as_table(_samples(evaluation)), as_table(_likeness(evaluation))]
    parts += [as_table(_curve(evaluation))] if evaluation.curve or evaluation.real_curve else []
    return "\n\n".join([*parts, *_notes(evaluation)]) + "\n"


def format_estimate(estimate: Estimate, *, signed: bool = False) -> str:
    """Format a mean with its interval: ``0.812 (0.790 to 0.834)``."""
    sign = "+" if signed else ""
    if math.isnan(estimate.low):
        return f"{estimate.mean:{sign}.3f}"
    return f"{estimate.mean:{sign}.3f} ({estimate.low:{sign}.3f} to {estimate.high:{sign}.3f})"


def _head(evaluation: Evaluation) -> str:
    return "\n".join(
        (
            f"classes            {len(evaluation.classes)}",
            f"real pictures      {evaluation.train_pictures} to train on, {evaluation.test_pictures} to test on",
            f"trainings          {evaluation.steps} steps each, seeds {', '.join(map(str, evaluation.seeds))}",
            f"chance             {evaluation.chance:.3f}",
        )
    )


def _training_sets(evaluation: Evaluation) -> list[Row]:
    rows: list[Row] = [("trained on", "accuracy", "macro F1", "gain in accuracy", "gain in macro F1")]
    rows.append(("real", *_scores(evaluation.real_only), "", ""))
    for name, found in evaluation.checkpoints.items():
        gain = found.compared.gain
        rows.append((f"real and {name}", *_scores(found.compared.added), *_scores(gain, signed=True)))
    rows += [(f"{name} alone", *_scores(found.alone), "", "") for name, found in evaluation.checkpoints.items()]
    return rows


def _samples(evaluation: Evaluation) -> list[Row]:
    rows: list[Row] = [("pictures", "recognised", "compared", "Fréchet", "kernel", "precision", "recall")]
    found = evaluation.checkpoints
    rows += [(name, format_estimate(each.identity_accuracy), *_fidelity(each.fidelity)) for name, each in found.items()]
    floors = [("real, to train on", "", *_fidelity(each.floor)) for each in found.values()]
    return [*rows, *dict.fromkeys(floors)]


def _likeness(evaluation: Evaluation) -> list[Row]:
    rows: list[Row] = [("nearest training picture", "space", "ratio of medians", "nearer than 99 % of the test")]
    for name, found in evaluation.checkpoints.items():
        for space, each in found.likeness.items():
            figures = each.figures
            rows.append((name, space, f"{figures.median_ratio:.3f}", f"{100 * figures.share_near:.1f} %"))
    return rows


def _curve(evaluation: Evaluation) -> list[Row]:
    if not evaluation.curve:
        head: list[Row] = [("real of each class", "accuracy", "macro F1")]
        return head + [(str(count), *_scores(each)) for count, each in evaluation.real_curve.items()]
    name = evaluation.curve_of
    rows: list[Row] = [("real of each class", "samples", "accuracy, real", f"accuracy, real and {name}", "gain")]
    for each in evaluation.curve:
        before, after = format_estimate(each.real_only.accuracy), format_estimate(each.added.accuracy)
        gain = format_estimate(each.gain.accuracy, signed=True)
        rows.append((str(each.real), str(each.synthetic), before, after, gain))
    return rows


def _notes(evaluation: Evaluation) -> Iterator[str]:
    yield (
        "Intervals of 95 % are of the mean over the seeds (Student's t); gains are paired by seed. Every training\n"
        "takes the same number of steps, so that more pictures are not more training."
    )
    if evaluation.checkpoints:
        yield (
            "Distances are between features of a classifier of the real pictures, and cannot be compared with\n"
            "published values. It knows the pictures it was trained on, so samples can come nearer to the test."
        )
    if len(evaluation.checkpoints) > 1:
        yield (
            f"{evaluation.curve_of} was compared at several numbers of real pictures. If it was chosen as the\n"
            f"best of {len(evaluation.checkpoints)} on this test, its gain is a little too good."
        )


def _scores(scores: Scores, *, signed: bool = False) -> tuple[str, str]:
    return format_estimate(scores.accuracy, signed=signed), format_estimate(scores.macro_f1, signed=signed)


def _fidelity(found: Fidelity) -> Row:
    values = (found.frechet, found.kernel, found.precision, found.recall)
    return (str(found.pictures), *(f"{value:.3f}" for value in values))
