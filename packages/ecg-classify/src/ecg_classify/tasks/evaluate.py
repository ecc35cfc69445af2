"""Task `classify.evaluate`: how right a classifier is on prepared recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_classify.classes import CLASSES
from ecg_classify.classifier import Classifier
from ecg_classify.data.index import Entry, read_index
from ecg_classify.evaluation.plots import save_figure_plots
from ecg_classify.evaluation.report import Predictions, write_report
from ecg_classify.options import RecordingsConfig
from ecg_classify.prepare.store import open_store
from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import DataError
from ecg_core.progress import progress
from ecg_core.training.journal import METRICS_FILE


@attrs.frozen(kw_only=True)
class ClassifyEvaluateConfig:
    """Options of `classify.evaluate`."""

    weights: str = option(
        "", help="file of classify.export or run folder of classify.train; empty: the shipped weights"
    )
    data: RecordingsConfig = option(factory=RecordingsConfig, help="the recordings")
    batch_size: int = option(32, help="recordings that are worked on at a time", minimum=1)
    split: str = option("test", help="of the recordings", choices=("train", "validation", "test", "all"))
    bootstrap_rounds: int = option(1000, help="draws for the intervals of 95 %; 0: none", minimum=0)


def run(config: ClassifyEvaluateConfig, context: RunContext) -> TaskResult:
    """Write ``predictions.csv``, ``evaluation.json``, ``evaluation.txt``, and plots where matplotlib is there.

    Raises:
        CheckpointError, ConfigError, PluginError: the weights are not there, or damaged.
        DataError: there is nothing to measure on.
    """
    entries = [entry for entry in read_index(config.data, seed=context.seed) if config.split in (entry.split, "all")]
    if not entries:
        raise DataError(f"{config.data.folder}: no recording is in the split {config.split}")
    predictions, failures = predict_entries(
        Classifier.load(config.weights), entries, config.data.prepared_folder(), context, batch_size=config.batch_size
    )
    if not len(predictions.names):
        raise DataError(f"{config.data.folder}: none of {len(entries)} recordings could be read: {failures[0].reason}")
    figures = write_report(predictions, context.out_dir, rounds=config.bootstrap_rounds, seed=context.seed)
    history = Path(config.weights) / METRICS_FILE if config.weights else None
    save_figure_plots(predictions, context.out_dir, history=history)
    return TaskResult(summary=summary(figures), failures=failures)


def predict_entries(
    classifier: Classifier, entries: Sequence[Entry], folder: Path, context: RunContext, *, batch_size: int
) -> tuple[Predictions, list[Failure]]:
    """Predictions for recordings of a prepared folder, and failures for those that could not be read."""
    store = open_store(folder)
    kept: list[Entry] = []
    rows: list[np.ndarray] = []
    failures: list[Failure] = []
    with progress(len(entries), context.task, unit="records") as bar:
        for some in _batches(entries, batch_size):
            signals = []
            for entry in some:
                try:
                    signals.append(store.read(entry.name, entry.row))
                    kept.append(entry)
                except DataError as error:
                    failures.append(Failure.from_error(entry.name, error))
            if signals:
                rows.append(classifier.probabilities(signals))
            bar.advance(len(some))
    targets = np.array([[label in entry.classes for label in CLASSES] for entry in kept], bool)
    return (
        Predictions(
            names=[entry.name for entry in kept],
            groups=[entry.group for entry in kept],
            sources=[entry.source for entry in kept],
            targets=targets.reshape(-1, len(CLASSES)),
            probabilities=np.concatenate(rows) if rows else np.zeros((0, len(CLASSES))),
        ),
        failures,
    )


def summary(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that are shown at the end of the run."""
    least, most = figures["intervals"].get("macro_auroc", (float("nan"),) * 2)
    return {
        "recordings": figures["recordings"],
        "accuracy": round(figures["accuracy"], 3),
        "macro F1": round(figures["macro_f1"], 3),
        "macro AUROC": f"{figures['macro_auroc']:.3f} ({least:.3f} to {most:.3f})",
        "AUROC": {name: round(each["auroc"], 3) for name, each in figures["classes"].items()},
    }


def _batches(entries: Sequence[Entry], size: int) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while some := list(islice(rest, size)):
        yield some
