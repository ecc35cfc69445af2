"""Task `render.pages`: records of any format to PNG pages."""

from __future__ import annotations

import zlib
from functools import partial
from pathlib import Path

import attrs
import cv2
import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.config import option
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution import map_items
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_core.progress import progress
from ecg_core.run import Failure, RunContext, TaskResult
from ecg_render.renderer import render_page
from ecg_render.tasks.inputs import RecordSource, find_sources

PNG_COMPRESSION = 1
"""zlib level; higher ones take up to nine times as long and save 7 to 20 %."""


@attrs.frozen(kw_only=True)
class RenderPagesConfig:
    """Options of `render.pages`."""

    inputs: tuple[str, ...] = option(factory=tuple, help="records: files of any format, or folders with all below them")
    dots_per_inch: float = option(200.0, minimum=50, maximum=1200, help="resolution", unit="dpi")
    layout: str = option("3x4+1R", help="where the leads stand, see `ecg list layouts`")
    degradation: str | None = option(None, help="what happens to the printed page, see `ecg list degradations`")
    allow_missing_leads: bool = option(False, help="leave the place of a lead empty that a record lacks; else it fails")
    workers: int = option(1, minimum=1, help="processes that work at a time")


def run(config: RenderPagesConfig, context: RunContext) -> TaskResult:
    """Write ``<id>.png`` in the run folder for every record; those that cannot be read or printed are named.

    A page depends on its record, the run's seed and the options alone, whatever the number of workers. A resumed run
    leaves the pages that are there.

    Raises:
        ConfigError: no inputs.
        DataError: no record among the inputs.
        PluginError: no such layout or degradation.
    """
    layout = registry().load("layouts", config.layout)
    if config.degradation:
        registry().load("degradations", config.degradation)
    records, failures = _distinct(_sources(config))
    todo = [record for record in records if not (context.resume and page_path(record, context.out_dir).exists())]
    work = partial(write_page, config=config, layout=layout, out_dir=context.out_dir, run_seed=context.seed)
    num_written = 0
    with progress(len(records), "render.pages", unit="pages", done=len(records) - len(todo)) as bar:
        for outcome in map_items(work, todo, workers=config.workers):
            if outcome.error is None:
                num_written += 1
            else:
                failures.append(Failure.from_error(outcome.item.location, outcome.error))
            bar.advance()
    summary = {"pages written": num_written, "already there": len(records) - len(todo)}
    return TaskResult(summary=summary, failures=failures)


def page_path(record: RecordSource, out_dir: Path) -> Path:
    """Where the page of a record goes."""
    return out_dir / f"{record.key}.png"


def page_seed(run_seed: int, key: str, step: str) -> int:
    """Seed of one step of one page, the same in whatever order and by however many workers the pages are drawn."""
    return zlib.crc32(f"{run_seed} {key} {step}".encode())


def write_page(
    record: RecordSource, *, config: RenderPagesConfig, layout: Layout, out_dir: Path, run_seed: int
) -> Path:
    """Read one record and write its page, whole or not at all.

    Raises:
        DataError: the record cannot be read or printed, or lacks a lead of the layout.
    """
    if config.workers > 1:
        cv2.setNumThreads(1)  # the workers share the cores already
    seed = page_seed(run_seed, record.key, "print")
    read = record.read()
    if not config.allow_missing_leads:
        read.select(lead.removeprefix("-") for lead in layout.lead_names)
    page = render_page(read, layout=layout, dots_per_inch=config.dots_per_inch, seed=seed)
    if config.degradation:
        degrade = registry().load("degradations", config.degradation)
        page = degrade(page, page_seed(run_seed, record.key, config.degradation))
    path = page_path(record, out_dir)
    write_png(path, page.image)
    return path


def write_png(path: Path, image: np.ndarray) -> None:
    """Write a picture, uint8 RGB, shape (height, width, 3), whole or not at all."""
    _done, encoded = cv2.imencode(".png", image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION])
    with atomic_path(path) as aside:
        aside.write_bytes(encoded.tobytes())


def _sources(config: RenderPagesConfig) -> list[RecordSource]:
    if not config.inputs:
        raise ConfigError("inputs: name at least one record or folder of records")
    sources = list(find_sources(config.inputs))
    if not sources:
        raise DataError(
            f"{', '.join(config.inputs)}: no record found; `ecg list formats --long` shows what can be read"
        )
    return sources


def _distinct(records: list[RecordSource]) -> tuple[list[RecordSource], list[Failure]]:
    """The first record of every key, and a failure for every later one, whose page would replace another's."""
    first: dict[str, RecordSource] = {}
    failures = []
    for record in records:
        earlier = first.setdefault(record.key, record)
        if earlier is not record:
            reason = f"its page would be {record.key}.png like that of {earlier.location}; give them different folders"
            failures.append(Failure(record.location, reason))
    return list(first.values()), failures
