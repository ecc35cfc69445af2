"""Task `classify.predict`, and `ecg classify`: what recordings are, a line each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import attrs

from ecg_classify.classes import CLASSES
from ecg_classify.classifier import Classification, Classifier
from ecg_core.atomic import atomic_write_csv, atomic_write_text
from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import Batch, Item, Part, WatchedConfig
from ecg_core.execution.ledger import PartEntry
from ecg_core.execution.outputs import Outputs
from ecg_core.formats import files_of_record, find_records, read_record
from ecg_core.paths import is_remote

TABLE, DETAILS = "predictions.csv", "predictions.json"
MAX_SHOWN = 50


@attrs.frozen(kw_only=True)
class ClassifyPredictConfig(WatchedConfig):
    """Options of `classify.predict`."""

    inputs: tuple[str, ...] = option(
        (),
        help="recordings in any format: files, URLs, or folders with all below them; the URL of a folder ends in /",
        in_recipe=False,
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
    items = [Item(source=each, key=each, files=files_of_record(each)) for each in locations]
    with Batch(context, recipe_of(config)) as batch:
        work, warm_up = partial(classify_one, weights=config.weights), partial(open_once, config.weights)
        made = batch.run(work, items, executor=config.executor, unit="records", warm_up=warm_up, limits=config.limits)
        _write(_found(batch.entries()), batch)
        return made.task_result(_summary(_found(made.entries())))


@cache
def open_once(weights: str) -> Classifier:
    """The classifier of some weights, opened once a process; errors as of `Classifier.load`."""
    return Classifier.load(weights)


def classify_one(item: Item, outputs: Outputs, *, weights: str) -> Iterator[Part]:
    """Say what a recording is; the part's values are the probabilities.

    Raises:
        DataError: it cannot be read, or has none of the twelve leads.
    """
    found = open_once(weights).classify(read_record(item.source))
    yield Part(values=dict(found.probabilities))


def _found(entries: Iterable[PartEntry]) -> dict[str, Classification]:
    return {entry.item: Classification(probabilities=entry.values) for entry in entries}


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


def _write(found: dict[str, Classification], batch: Batch) -> None:
    rows = (
        (location, each.label, *(f"{each.probabilities[name]:.4f}" for name in CLASSES))
        for location, each in found.items()
    )
    atomic_write_csv(batch.table(TABLE), ("record", "label", *CLASSES), rows)
    details = {location: {"label": each.label, **each.probabilities} for location, each in found.items()}
    atomic_write_text(batch.table(DETAILS), json.dumps(details, indent=2) + "\n")


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
