"""Task ``digitize.pages``: many pages, each to its own files; one that fails never stops the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from ecg_core.config import option, recipe_of
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, EcgError
from ecg_core.execution.batch import ALL_ONE, FAILED, Batch, BatchResult, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_digitize.outputs.files import RECORD_SUFFIXES, save_digitization, save_refusal
from ecg_digitize.pages.files import find_page_files, load_pages
from ecg_digitize.pages.selection import ALL_PAGES, PageSelection
from ecg_digitize.reader import DEFAULT_RATE_HZ
from ecg_digitize.record.digitization import Digitization
from ecg_digitize.record.refusal import refuse_page
from ecg_digitize.tasks.options import PAGES_HELP, PageReader, ReadingOptions

MAX_PAGES_SHOWN = 20
VERDICTS = ("good", "doubtful", "refused")
NO_TRACE = "no trace"
"""Outcome of a page of a document on which nothing can be a trace: a cover or a page of text, which is no fault."""

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class PagesConfig(ReadingOptions):
    """Options of `digitize.pages`."""

    inputs: tuple[str, ...] = option(
        factory=tuple, help="pages: PNG, JPEG, TIFF, BMP, WebP, HEIC, PDF, or folders", in_recipe=False
    )
    pages: str | int | None = option(None, help=PAGES_HELP)
    formats: tuple[str, ...] = option(("wfdb", "csv"), choices=tuple(RECORD_SUFFIXES), help="files of each record")
    sampling_rate_hz: float = option(DEFAULT_RATE_HZ, above=0, help="sampling rate of the records", unit="Hz")


def run(config: PagesConfig, context: RunContext) -> TaskResult:
    """Write record, overlay and quality of every page to the run folder.

    Pages that cannot be read, or are refused, are failures; they get no record, only the overlay and the quality
    that say why.

    Raises:
        ConfigError: no inputs, ``pages`` names no pages, what a digitizer needs is not there, or a folder with pages of
            other options.
        DataError: a folder holds no page.
        PluginError: no such layout or method, or it is broken.
    """
    if not config.inputs:
        raise ConfigError("inputs: name at least one page or folder of pages")
    wanted = PageSelection.parse(config.pages)
    files = find_page_files(config.inputs)
    reader = partial(config.reader(), sampling_rate_hz=config.sampling_rate_hz)
    with Batch(context, recipe_of(config)) as batch:
        stems = batch.stems(files)
        _tell_renamed(stems)
        made = batch.run(
            partial(digitize_file, reader=reader, formats=config.formats, wanted=wanted),
            [Item(source=str(file), key=stem) for file, stem in stems.items()],
            executor=config.executor,
            unit="files",
            warm_up=config.warm_up(),
            limits=config.limits,
        )
        return made.task_result(_summary(made))


def digitize_file(
    item: Item, outputs: Outputs, *, reader: PageReader, formats: Sequence[str], wanted: PageSelection = ALL_PAGES
) -> Iterator[Part]:
    """Digitize the pages of one file; a page that cannot be read is told, and the next one is tried.

    Args:
        item: the file.
        outputs: where its files are written.
        reader: what digitizes a page.
        formats: files of each record, see `save_digitization`.
        wanted: which pages of the file.

    Raises:
        DataError: the file cannot be opened, breaks off, or has none of the pages, or none of them can show a trace.
        EcgError: what a digitizer needs is missing, or it is broken; the other pages were tried nevertheless.
    """
    path = Path(item.source)
    fault: EcgError | None = None
    are_bare: list[bool] = []

    def begin(number: int, count: int) -> bool:
        name = _part_name(number, count)
        is_done = outputs.is_done(name)
        if is_done:
            are_bare.append(outputs.outcome_of(name) == NO_TRACE)
        return not is_done

    for page in load_pages(path, wanted, begin=begin):
        page_suffix = page.name.removeprefix(path.stem)
        stem = f"{item.key}{page_suffix}"
        name = f"page {page.number}" if page_suffix else ALL_ONE
        are_bare.append(bool(page_suffix) and page.is_bare)
        if page_suffix and page.is_bare:
            log.info("%s: no trace on page %d", item.source, page.number)
            yield Part(name=name, outcome=NO_TRACE)
            continue
        try:
            digitization = reader(page)
        except DataError as error:
            save_refusal(refuse_page(page, error), outputs, stem=stem)
            yield Part(name=name, outcome="refused", failure=Failure.from_error(item.source, error).reason)
            continue
        except EcgError as error:
            fault = error
            continue
        save_digitization(digitization, outputs, stem=stem, formats=formats)
        yield Part(name=name, outcome=digitization.verdict, failure=_refusal(digitization))
    if fault is not None:
        raise fault
    if are_bare and all(are_bare):
        raise DataError(f"{item.source}: no trace on any of its pages, neither as lines nor in a picture")


def _part_name(number: int, count: int) -> str:
    """What the batch calls a page of so many."""
    return f"page {number}" if count > 1 else ALL_ONE


def _refusal(digitization: Digitization) -> str:
    if digitization.verdict != "refused":
        return ""
    return f"refused, no record was written: {'; '.join(digitization.warnings)}"


def _tell_renamed(stems: Mapping[Path, str]) -> None:
    for file, stem in stems.items():
        if stem != file.stem:
            log.info("%s is written as %s", file, stem)


def _summary(made: BatchResult) -> dict[str, Any]:
    num_pages = sum(made.counts.values()) - made.counts[FAILED]
    summary: dict[str, Any] = {"pages": num_pages, **{verdict: made.counts[verdict] for verdict in VERDICTS}}
    if made.counts[NO_TRACE]:
        summary["pages without a trace"] = made.counts[NO_TRACE]
    if made.counts[FAILED]:
        summary["files not read"] = made.counts[FAILED]
    if 0 < num_pages <= MAX_PAGES_SHOWN:
        sources = {item.key: item.source for item in made.items}
        summary["verdict"] = {f"{sources[entry.item]} {entry.part}".rstrip(): entry.outcome for entry in made.entries()}
    return summary
