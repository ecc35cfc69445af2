"""Task `classify.prepare`: recordings of any format to signals, labels and splits."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_classify.classes import CLASSES
from ecg_classify.labels.codes import classes_of_codes, codes_of
from ecg_classify.prepare import files
from ecg_classify.prepare.files import About, read_about, write_prepared
from ecg_classify.prepare.labels import Labelled, find_mappings, label, tell_sources
from ecg_classify.prepare.names import find_locations, source_of
from ecg_classify.prepare.splits import group_of, stratified_split
from ecg_classify.signals import is_usual, prepare_signal
from ecg_core.atomic import atomic_path, atomic_write_csv, atomic_write_text
from ecg_core.config import option, recipe_of
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import Batch, Item, Part, WatchedConfig
from ecg_core.execution.outputs import Outputs
from ecg_core.formats import files_of_record, read_record
from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record

PATIENT_KEYS = ("patient_id", "patient", "patientid", "subject_id", "subject")

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class PrepareConfig(WatchedConfig):
    """Where recordings and labels come from."""

    records: tuple[str, ...] = option(
        (), help="recordings: files, or local or remote folders (s3://…) with all below them", in_recipe=False
    )
    mapping: str = option(
        "",
        help="table with dataset, record_id, mapped_label; by default unified_label_mapping.csv of the folders",
        in_recipe=False,
    )


def run(config: PrepareConfig, context: RunContext) -> TaskResult:
    """Write ``records/<name>.npz``, ``index.csv``, ``labels.npy``, ``targets.npy``, the splits and the label map.

    A recording that cannot be used is a failure, named in ``failures.csv`` too, and stops no other.

    Raises:
        ConfigError: no recordings are named.
        DataError: a folder is not there, or holds no recording that can be used; the table of labels cannot be read.
    """
    if not config.records:
        raise ConfigError("records: name at least one recording or folder of recordings")
    mappings = find_mappings(config.mapping, config.records)
    with Batch(context, recipe_of(config)) as batch:
        names = find_locations(config.records, batch.known())
        if not names:
            raise DataError(f"records: no recording found in {', '.join(config.records)}")
        items = [Item(source=location, key=name, files=files_of_record(location)) for location, name in names.items()]
        made = batch.run(
            prepare_one, items, executor=config.executor, unit="records", is_whole=_is_whole, limits=config.limits
        )
        abouts = {entry.item: About(**entry.values) for entry in made.entries()}
        _write_failures(batch.table(files.FAILURES), made.failures)
        if not abouts:
            raise DataError(f"none of {len(names)} recordings could be used; {files.FAILURES} says why")
        labelled = {name: label(abouts[name], mappings) for name in sorted(abouts)}
        tell_sources(labelled, has_table=bool(mappings))
        parts = _deal(labelled, context.seed)
        _write_tables(batch, config.records, abouts, labelled, parts)
    return made.task_result(_summary(labelled, parts))


def prepare_one(item: Item, outputs: Outputs) -> Iterator[Part]:
    """Prepare one recording; the part's values are what is known of it.

    Raises:
        DataError: it cannot be read.
    """
    location = item.source
    record = read_record(location)
    if not is_usual(record.sampling_rate_hz):
        log.warning(
            "%s: recorded at %g Hz, far from 500 Hz; look whether that is true", location, record.sampling_rate_hz
        )
    prepared = prepare_signal(record)
    if not prepared.seen.any():
        raise DataError(
            f"{location}: none of the twelve leads is in it; found {', '.join(record.lead_names) or 'none'}"
        )
    about = About(
        location=location,
        sampling_rate_hz=record.sampling_rate_hz,
        duration_s=record.duration_s,
        classes=classes_of_codes(codes_of(record.metadata)),
        patient=_patient(record),
        missing_leads=[lead for lead in STANDARD_LEADS if lead not in record.lead_names],
    )
    write_prepared(outputs.path(f"{files.RECORDS}/{item.key}{files.SUFFIX}"), prepared, about)
    yield Part(values=attrs.asdict(about))


def _patient(record: Record) -> str:
    by_name = {str(key).casefold(): value for key, value in record.metadata.items()}
    return next((str(by_name[key]).strip() for key in PATIENT_KEYS if by_name.get(key)), "")


def _deal(labelled: Mapping[str, Labelled], seed: int) -> dict[str, str]:
    """The part of every recording; those of one patient of one source stay together."""
    groups = [group_of(each.patient, name) for name, each in labelled.items()]
    parts = stratified_split([each.classes for each in labelled.values()], groups, seed=seed)
    return dict(zip(labelled, parts, strict=True))


def _write_tables(
    batch: Batch,
    roots: Sequence[str],
    abouts: Mapping[str, About],
    labelled: Mapping[str, Labelled],
    parts: Mapping[str, str],
) -> None:
    numbers = {name: number for number, name in enumerate(CLASSES)}
    targets = np.array([[label in each.classes for label in CLASSES] for each in labelled.values()], np.uint8)
    _save(batch.table(files.TARGETS), targets)
    _save(batch.table(files.LABELS), targets.argmax(axis=1).astype(np.int64))
    atomic_write_text(batch.table(files.LABEL_MAP), json.dumps(numbers, indent=2) + "\n")
    splits = {part: [name for name in labelled if parts[name] == part] for part in sorted(set(parts.values()))}
    atomic_write_text(batch.table(files.SPLITS), json.dumps(splits, indent=2) + "\n")
    rows = (
        (
            name,
            ";".join(each.classes),
            each.source,
            parts[name],
            each.patient,
            source_of(about.location, roots),
            about.location,
            about.sampling_rate_hz,
        )
        for (name, each), about in zip(labelled.items(), map(abouts.__getitem__, labelled), strict=True)
    )
    head = ("name", "classes", "label_source", "split", "patient_id", "source", "location", "sampling_rate_hz")
    atomic_write_csv(batch.table(files.INDEX), head, rows)


def _is_whole(path: Path) -> bool:
    """Whether a prepared recording can be read; a loss of power may have cut it short."""
    try:
        read_about(path)
    except DataError as error:
        log.warning("made again: %s", error)
        return False
    return True


def _write_failures(path: Path, failures: Sequence[Failure]) -> None:
    reasons = ((each.item, each.reason) for each in failures)
    atomic_write_csv(path, ("location", "reason"), reasons)


def _save(path: Path, array: np.ndarray) -> None:
    with atomic_path(path) as aside, aside.open("wb") as file:
        np.save(file, array)


def _summary(labelled: Mapping[str, Labelled], parts: Mapping[str, str]) -> dict[str, Any]:
    classes = Counter(label for each in labelled.values() for label in each.classes)
    several = sum(len(each.classes) > 1 for each in labelled.values())
    return {
        "recordings": len(labelled),
        "classes": {label: classes[label] for label in CLASSES},
        **({"of several classes": several} if several else {}),
        "splits": dict(sorted(Counter(parts.values()).items())),
        "known patients": len({each.patient for each in labelled.values() if each.patient}),
    }
