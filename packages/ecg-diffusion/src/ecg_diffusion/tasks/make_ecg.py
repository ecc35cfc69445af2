"""Task `diffusion.make_ecg`: scalograms of recordings, a folder a class or patient."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution import map_items
from ecg_core.formats import find_records, read_record
from ecg_core.pictures import write_png
from ecg_core.progress import progress
from ecg_core.record import Record
from ecg_core.stems import assign_stems
from ecg_diffusion.images.scalogram import scalogram

COLUMNS = ("location", "classes")
CHANNELS = 3
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


@attrs.frozen(kw_only=True)
class MakeEcgConfig:
    """Options of `diffusion.make_ecg`."""

    records: tuple[str, ...] = option((), help="recordings: files, or folders with all below them")
    table: Path | None = option(
        None,
        help="CSV with the columns location and classes, such as index.csv of classify.prepare; by default the folder "
        "of a recording is its class",
    )
    leads: tuple[str, ...] = option(("II", "V1", "V5"), help="three leads: what is red, green and blue")
    window_s: float = option(10.0, help="time that an image shows; longer recordings give several", unit="s", above=0)
    lowest_hz: float = option(0.5, help="frequency of the lowest row", unit="Hz", above=0)
    highest_hz: float = option(60.0, help="frequency of the highest row", unit="Hz", above=0)
    workers: int = option(2, help="processes that work at a time", minimum=1)


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
    todo, left_out = _labelled(config)
    counts: Counter[str] = Counter()
    failures: list[Failure] = []
    with progress(len(todo), context.task, unit="records") as bar:
        work = partial(make_images, config=config, out_dir=context.out_dir)
        for outcome in map_items(work, todo, workers=config.workers):
            if outcome.error is not None:
                failures.append(Failure.from_error(outcome.item.location, outcome.error))
            else:
                counts[outcome.item.label] += outcome.value
            bar.advance()
    summary = {"images": dict(sorted(counts.items())), **({"left out": left_out} if left_out else {})}
    return TaskResult(summary=summary, failures=failures)


@attrs.frozen
class Labelled:
    """A recording, its class, and what its images are to be called."""

    location: str
    label: str
    stem: str


def _labelled(config: MakeEcgConfig) -> tuple[list[Labelled], int]:
    """The recordings that have one class, and the number of the others.

    Raises:
        DataError: the table cannot be read, or there is no such recording.
    """
    locations = [str(each) for root in config.records for each in find_records(root)]
    if not locations:
        raise DataError(f"records: no recording found in {', '.join(config.records)}")
    classes = read_table(config.table) if config.table else {each: Path(each).parent.name for each in locations}
    stems = assign_stems(Path(each) for each in locations)
    found = [Labelled(each, classes[each], stems[Path(each)]) for each in locations if each in classes]
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


def make_images(item: Labelled, *, config: MakeEcgConfig, out_dir: Path) -> int:
    """Write the images of a recording; gives how many.

    Args:
        item: the recording.
        config: how to make them.
        out_dir: of the run.

    Raises:
        DataError: it cannot be read, is shorter than a window, or lacks a lead.
    """
    record = read_record(item.location)
    missing = [lead for lead in config.leads if lead not in record.lead_names]
    if missing:
        raise DataError(f"{item.location}: without {', '.join(missing)}; it has {', '.join(record.lead_names)}")
    images = images_of(record, config)
    if not images:
        raise DataError(f"{item.location}: no {config.window_s:g} s in which {', '.join(config.leads)} were recorded")
    folder = out_dir / folder_of(item.label)
    for number, image in images.items():
        write_png(folder / f"{item.stem}-{number}.png", image)
    return len(images)


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
