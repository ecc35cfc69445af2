"""Task `diffusion.make_ecg`: scalograms of recordings, a folder a class or patient."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import Batch, BatchConfig, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.execution.sources import absolute
from ecg_core.formats import files_of_record, find_records, read_record
from ecg_core.pictures import write_png
from ecg_core.record import Record
from ecg_core.stems import assign_stems
from ecg_diffusion.images.scalogram import scalogram

COLUMNS = ("location", "classes")
CHANNELS = 3
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


@attrs.frozen(kw_only=True)
class MakeEcgConfig(BatchConfig):
    """Options of `diffusion.make_ecg`."""

    records: tuple[str, ...] = option((), help="recordings: files, or folders with all below them", in_recipe=False)
    table: Path | None = option(
        None,
        help="CSV with the columns location and classes, such as index.csv of classify.prepare; by default the folder "
        "of a recording is its class",
    )
    leads: tuple[str, ...] = option(("II", "V1", "V5"), help="three leads: what is red, green and blue")
    window_s: float = option(10.0, help="time that an image shows; longer recordings give several", unit="s", above=0)
    lowest_hz: float = option(0.5, help="frequency of the lowest row", unit="Hz", above=0)
    highest_hz: float = option(60.0, help="frequency of the highest row", unit="Hz", above=0)


def run(config: MakeEcgConfig, context: RunContext) -> TaskResult:
    """Write ``<class>/<recording>-<window>.png``; a recording that cannot be used is named and stops no other.

    With a table, recordings of several classes, and those that it does not have, are left out and counted.

    Raises:
        ConfigError: no recordings are named, or other than three leads, or frequencies that make no range.
        DataError: the table cannot be read, or there is no recording.
    """
    if not config.records:
        raise ConfigError("records: name at least one recording or folder of recordings")
    if len(config.leads) != CHANNELS:
        raise ConfigError(f"leads: {CHANNELS}, for red, green and blue, found {list(config.leads)}")
    if config.lowest_hz >= config.highest_hz:
        raise ConfigError(f"lowest_hz: must be below highest_hz, found {config.lowest_hz} and {config.highest_hz}")
    counts: Counter[str] = Counter()
    with Batch(context, recipe_of(config)) as batch:
        items, left_out = _labelled(config, batch.known())
        work = partial(make_images, config=config)
        made = batch.run(work, items, executor=config.executor, unit="records")
        for entry in made.entries():
            counts[entry.values["label"]] += len(entry.outputs)
    summary = {"images": dict(sorted(counts.items())), **({"left out": left_out} if left_out else {})}
    return made.task_result(summary)


def _labelled(config: MakeEcgConfig, known: Mapping[str, str]) -> tuple[list[Item], int]:
    """The recordings that have one class, each with its class as its value, and the number of the others.

    Args:
        config: of the task.
        known: what the images of earlier recordings are called, by their absolute paths or URLs.

    Raises:
        DataError: the table cannot be read, or there is no such recording.
    """
    locations = [str(each) for root in config.records for each in find_records(root)]
    if not locations:
        raise DataError(f"records: no recording found in {', '.join(config.records)}")
    classes = read_table(config.table) if config.table else {each: Path(each).parent.name for each in locations}
    stems = assign_stems(map(Path, locations), {source: key.rpartition("/")[2] for source, key in known.items()})
    found = [
        Item(
            source=each,
            key=known.get(absolute(each)) or f"{folder_of(classes[each])}/{stems[Path(each)]}",
            value=classes[each],
            files=files_of_record(each),
        )
        for each in locations
        if each in classes
    ]
    if not found:
        raise DataError(f"{config.table}: none of the {len(locations)} recordings stands there with one class")
    return found, len(locations) - len(found)


def read_table(path: Path) -> Mapping[str, str]:
    """Class of every recording that has one alone, by its location.

    Raises:
        DataError: it is missing, or without the columns.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error
    if not rows or not set(COLUMNS) <= rows[0].keys():
        raise DataError(f"{path}: expected the columns {' and '.join(COLUMNS)}, and a row a recording")
    return {row["location"]: row["classes"] for row in rows if row["classes"] and ";" not in row["classes"]}


def make_images(item: Item, outputs: Outputs, *, config: MakeEcgConfig) -> Iterator[Part]:
    """Write the images of a recording.

    Args:
        item: the recording; its value is its class.
        outputs: where to write them.
        config: how to make them.

    Raises:
        DataError: it cannot be read, is shorter than a window, or lacks a lead.
    """
    record = read_record(item.source)
    missing = [lead for lead in config.leads if lead not in record.lead_names]
    if missing:
        raise DataError(f"{item.source}: without {', '.join(missing)}; it has {', '.join(record.lead_names)}")
    images = images_of(record, config)
    if not images:
        raise DataError(f"{item.source}: no {config.window_s:g} s in which {', '.join(config.leads)} were recorded")
    for number, image in images.items():
        write_png(outputs.path(f"{item.key}-{number}.png"), image)
    yield Part(values={"label": item.value})


def folder_of(label: str) -> str:
    """Name of the folder of a class: nothing that a file system would take for another place."""
    return _UNFIT.sub("_", label).strip(".") or "_"


def images_of(record: Record, config: MakeEcgConfig) -> dict[int, np.ndarray]:
    """Images of the windows in which no lead has a gap, uint8 RGB, shape (256, 256, 3), by the number of the window."""
    length = round(config.window_s * record.sampling_rate_hz)
    signals = np.stack([record.lead_mv(lead) for lead in config.leads]).astype(np.float64)
    found = {}
    for number in range(signals.shape[1] // length):
        window = signals[:, number * length : (number + 1) * length]
        if np.isfinite(window).all():
            levels = [
                scalogram(each, record.sampling_rate_hz, lowest_hz=config.lowest_hz, highest_hz=config.highest_hz)
                for each in window
            ]
            found[number] = np.rint(255 * np.stack(levels, axis=-1)).astype(np.uint8)
    return found
