"""Task `classify.predict`, and `ecg classify`: what recordings are, a line each."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import attrs

from ecg_classify.classes import CLASSES
from ecg_classify.classifier import Classification, Classifier
from ecg_core.atomic import atomic_write_csv, atomic_write_text
from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, EcgError
from ecg_core.formats import find_records, read_record
from ecg_core.paths import is_remote
from ecg_core.progress import progress

TABLE, DETAILS = "predictions.csv", "predictions.json"
MAX_SHOWN = 50


@attrs.frozen(kw_only=True)
class ClassifyPredictConfig:
    """Options of `classify.predict`."""

    inputs: tuple[str, ...] = option(
        (), help="recordings in any format: files, URLs, or folders with all below them; the URL of a folder ends in /"
    )
    weights: str = option(
        "", help="file of classify.export or run folder of classify.train; empty: the shipped weights"
    )


def run(config: ClassifyPredictConfig, context: RunContext) -> TaskResult:
    """Write ``predictions.csv`` and ``predictions.json``: the probability of every class, and the most probable one.

    A recording that cannot be read is a failure and stops no other.

    Raises:
        CheckpointError, PluginError: the weights are damaged, or need torch.
        ConfigError: nothing is named, or there are no such weights.
        DataError: a folder is not there, or holds no recording.
    """
    locations = find_inputs(config.inputs)
    classifier = Classifier.load(config.weights)
    found: dict[str, Classification] = {}
    failures: list[Failure] = []
    with progress(len(locations), context.task, unit="records") as bar:
        for location in locations:
            try:
                found[location] = classifier.classify(read_record(location))
            except EcgError as error:
                failures.append(Failure.from_error(location, error))
            bar.advance()
    _write(found, context.out_dir)
    return TaskResult(summary=_summary(found), failures=failures)


def find_inputs(inputs: tuple[str, ...]) -> list[str]:
    """Every recording of some files, URLs and folders, once.

    Raises:
        ConfigError: nothing is named.
        DataError: a folder is not there, or holds none.
    """
    if not inputs:
        raise ConfigError("inputs: name at least one recording or folder of recordings")
    found: list[str] = []
    for each in inputs:
        if each.endswith("/") if is_remote(each) else Path(each).is_dir():
            below = [str(location) for location in find_records(each)]
            if not below:
                raise DataError(
                    f"{each}: no recording in this folder; `ecg list formats --long` shows what can be read"
                )
            found += below
        else:
            found.append(each)
    return list(dict.fromkeys(found))


def _write(found: dict[str, Classification], out_dir: Path) -> None:
    rows = (
        (location, each.label, *(f"{each.probabilities[name]:.4f}" for name in CLASSES))
        for location, each in found.items()
    )
    atomic_write_csv(out_dir / TABLE, ("record", "label", *CLASSES), rows)
    details = {location: {"label": each.label, **each.probabilities} for location, each in found.items()}
    atomic_write_text(out_dir / DETAILS, json.dumps(details, indent=2) + "\n")


def _summary(found: dict[str, Classification]) -> dict[str, Any]:
    counts = Counter(each.label for each in found.values())
    summary: dict[str, Any] = {"records": len(found), "most probable": {name: counts[name] for name in CLASSES}}
    if 0 < len(found) <= MAX_SHOWN:
        summary["each"] = {location: _line(each) for location, each in found.items()}
    return summary


def _line(each: Classification) -> str:
    """All classes from the most probable on."""
    in_order = sorted(each.probabilities.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {share:.2f}" for name, share in in_order)
