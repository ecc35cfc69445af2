"""The files of an evaluation: predictions, figures with intervals as JSON and as text, and plots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_classify.classes import CLASSES
from ecg_classify.evaluation.figures import Figures, bootstrap_intervals, chief_figures, classification_figures
from ecg_core.atomic import atomic_write_csv, atomic_write_text
from ecg_core.plugins.report import as_table
from ecg_core.training.journal import without_nan

PREDICTIONS, FIGURES, REPORT = "predictions.csv", "evaluation.json", "evaluation.txt"


@attrs.frozen(kw_only=True, eq=False)
class Predictions:
    """The true classes of some recordings, and the probabilities that a classifier claims.

    Attributes:
        names: of the recordings.
        groups: patient of each, or itself.
        sources: data set of each.
        targets: bool, shape (recordings, 5): the classes each is of.
        probabilities: shape (recordings, 5).
    """

    names: Sequence[str]
    groups: Sequence[str]
    sources: Sequence[str]
    targets: np.ndarray
    probabilities: np.ndarray

    def joined(self, other: Predictions) -> Predictions:
        """These and others, of other recordings."""
        return Predictions(
            names=[*self.names, *other.names],
            groups=[*self.groups, *other.groups],
            sources=[*self.sources, *other.sources],
            targets=np.concatenate((self.targets, other.targets)),
            probabilities=np.concatenate((self.probabilities, other.probabilities)),
        )


def write_report(predictions: Predictions, out_dir: Path, *, rounds: int, seed: int) -> dict[str, Any]:
    """Write predictions and figures; gives the figures as plain values, intervals of 95 % with them.

    Where recordings come from several sources, each has figures of its own.
    """
    figures = classification_figures(predictions.targets, predictions.probabilities)
    intervals = {}
    if rounds:
        intervals = bootstrap_intervals(
            chief_figures, predictions.targets, predictions.probabilities, predictions.groups, rounds=rounds, seed=seed
        )
    sources = _figures_of_sources(predictions, rounds=rounds, seed=seed)
    content = {**attrs.asdict(figures), "intervals": intervals, **({"sources": sources} if sources else {})}
    head = ("name", "group", "source", "classes", "claimed", *CLASSES)
    atomic_write_csv(out_dir / PREDICTIONS, head, _rows(predictions))
    atomic_write_text(out_dir / FIGURES, json.dumps(without_nan(content), indent=2) + "\n")
    atomic_write_text(out_dir / REPORT, _text(figures, intervals, sources))
    return content


def _rows(predictions: Predictions) -> Iterator[tuple[str, ...]]:
    for name, group, source, target, row in zip(
        predictions.names,
        predictions.groups,
        predictions.sources,
        predictions.targets,
        predictions.probabilities,
        strict=True,
    ):
        classes = ";".join(label for label, there in zip(CLASSES, target, strict=True) if there)
        yield (name, group, source, classes, CLASSES[int(row.argmax())], *(f"{value:.6f}" for value in row))


def _figures_of_sources(predictions: Predictions, *, rounds: int, seed: int) -> dict[str, dict[str, Any]]:
    """Chief figures of every source, and the intervals of them; none where there is but one source."""
    names = sorted(set(predictions.sources))
    found = {}
    for source in names if len(names) > 1 else []:
        rows = [number for number, each in enumerate(predictions.sources) if each == source]
        targets, probabilities = predictions.targets[rows], predictions.probabilities[rows]
        groups = [predictions.groups[row] for row in rows]
        found[source] = {
            "recordings": len(rows),
            **chief_figures(targets, probabilities),
            "intervals": bootstrap_intervals(chief_figures, targets, probabilities, groups, rounds=rounds, seed=seed)
            if rounds
            else {},
        }
    return found


def _text(figures: Figures, intervals: dict[str, tuple[float, float]], sources: dict[str, dict[str, Any]]) -> str:
    means = ("accuracy", "macro_f1", "micro_f1", "weighted_f1", "macro_auroc", "calibration_error")
    lines = [f"{'recordings':18} {figures.recordings}"]
    lines += [f"{name:18} {getattr(figures, name):.3f}{_between(intervals.get(name))}" for name in means]
    classes: list[tuple[str, ...]] = [("class", "recordings", "precision", "recall", "F1", "AUROC", "95 %")]
    for name, each in figures.classes.items():
        values = (f"{value:.3f}" for value in (each.precision, each.recall, each.f1, each.auroc))
        classes.append((name, str(each.recordings), *values, _between(intervals.get(f"auroc_{name}")).strip()))
    confusion: list[tuple[str, ...]] = [("true \\ claimed", *CLASSES)]
    confusion += [(name, *map(str, row)) for name, row in zip(CLASSES, figures.confusion, strict=True)]
    tables = [classes, confusion, *([_table_of_sources(sources)] if sources else [])]
    return "\n\n".join(("\n".join(lines), *map(as_table, tables))) + "\n"


def _table_of_sources(sources: dict[str, dict[str, Any]]) -> list[tuple[str, ...]]:
    """A row a source: macro AUROC and macro F1, and the AUROC of each class; a dash where it has none or all of it."""
    names = ("macro_auroc", "macro_f1", *(f"auroc_{name}" for name in CLASSES))
    table: list[tuple[str, ...]] = [
        ("source", "recordings", "macro AUROC", "macro F1", *CLASSES, "95 % of macro AUROC")
    ]
    for source, found in sources.items():
        values = ("-" if np.isnan(found[name]) else f"{found[name]:.3f}" for name in names)
        between = _between(found["intervals"].get("macro_auroc")).strip()
        table.append((source or "unknown", str(found["recordings"]), *values, between))
    return table


def _between(interval: tuple[float, float] | None) -> str:
    return f"  ({interval[0]:.3f} to {interval[1]:.3f})" if interval and np.isfinite(interval).all() else ""
