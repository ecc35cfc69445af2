"""Task ``digitize.pages``: many pages, each to its own files; one that fails never stops the others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import cv2

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, EcgError
from ecg_core.execution import map_items
from ecg_core.execution.pool import threads_each
from ecg_core.progress import progress
from ecg_core.stems import assign_stems
from ecg_digitize.outputs.files import RECORD_SUFFIXES, save_digitization
from ecg_digitize.pages.files import QUALITY_SUFFIX, find_page_files, load_pages
from ecg_digitize.reader import DEFAULT_RATE_HZ
from ecg_digitize.record.digitization import Digitization
from ecg_digitize.tasks.options import PageReader, ReadingOptions

MAX_PAGES_SHOWN = 20

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class PagesConfig(ReadingOptions):
    """Options of `digitize.pages`."""

    inputs: tuple[str, ...] = option(factory=tuple, help="pages: PNG, JPEG, TIFF, BMP, WebP, HEIC, PDF, or folders")
    formats: tuple[str, ...] = option(("wfdb", "csv"), choices=tuple(RECORD_SUFFIXES), help="files of each record")
    sampling_rate_hz: float = option(DEFAULT_RATE_HZ, above=0, help="sampling rate of the records", unit="Hz")
    workers: int = option(1, minimum=1, help="processes that work at a time")


@attrs.frozen
class PageReport:
    """What became of a page: its verdict, or the error that it met."""

    name: str
    verdict: str
    error: Exception | None = None


def run(config: PagesConfig, context: RunContext) -> TaskResult:
    """Write record, overlay and quality of every page to the run folder.

    A resumed run leaves the files alone whose quality is there already. Pages that cannot be read, or are refused, are
    failures.

    Raises:
        ConfigError: no inputs, or what a digitizer needs is not there.
        DataError: a folder holds no page.
        PluginError: no such layout or method, or it is broken.
    """
    if not config.inputs:
        raise ConfigError("inputs: name at least one page or folder of pages")
    stems = assign_stems(find_page_files(config.inputs))
    _tell_renamed(stems)
    todo = [item for item in stems.items() if not (context.resume and _is_done(context.out_dir, item[1]))]
    reader = partial(config.reader(), sampling_rate_hz=config.sampling_rate_hz)
    work = partial(
        digitize_file, reader=reader, out_dir=context.out_dir, formats=config.formats, workers=config.workers
    )
    reports: list[PageReport] = []
    failures: list[Failure] = []
    with progress(len(stems), "digitize.pages", unit="files", done=len(stems) - len(todo)) as bar:
        for outcome in map_items(work, todo, workers=config.workers):
            if outcome.error is not None:
                failures.append(Failure.from_error(str(outcome.item[0]), outcome.error))
            for report in outcome.value or ():
                reports.append(report)
                if report.error is not None:
                    failures.append(Failure.from_error(report.name, report.error))
            bar.advance()
    return TaskResult(summary=_summary(reports, already_there=len(stems) - len(todo)), failures=failures)


def digitize_file(
    item: tuple[Path, str], *, reader: PageReader, out_dir: Path, formats: Sequence[str], workers: int
) -> list[PageReport]:
    """Digitize every page of one file; a page that cannot be read is reported, and the next one is tried.

    Args:
        item: the file, and what its own files are to be called.
        reader: what digitizes a page.
        out_dir: folder of the files that are written.
        formats: files of each record, see `save_digitization`.
        workers: how many files are read at a time.

    Raises:
        DataError: the file cannot be opened, or breaks off.
    """
    if workers > 1:
        cv2.setNumThreads(threads_each(workers))
    path, stem = item
    return list(_digitize_pages(path, stem, reader, partial(save_digitization, out_dir=out_dir, formats=formats)))


def _digitize_pages(path: Path, stem: str, reader: PageReader, save: Callable[..., list[Path]]) -> Iterator[PageReport]:
    for page in load_pages(path):
        page_suffix = page.name.removeprefix(path.stem)
        title = f"{path}{f' page {page.number}' if page_suffix else ''}"
        try:
            digitization = reader(page)
        except EcgError as error:
            yield PageReport(title, "refused", error)
            continue
        save(digitization, stem=f"{stem}{page_suffix}")
        yield PageReport(title, digitization.verdict, _refusal(digitization))


def _refusal(digitization: Digitization) -> EcgError | None:
    if digitization.verdict != "refused":
        return None
    return DataError(f"refused, no record was written: {'; '.join(digitization.warnings)}")


def _is_done(out_dir: Path, stem: str) -> bool:
    names = [f"{stem}{QUALITY_SUFFIX}", f"{stem}-p1{QUALITY_SUFFIX}"]
    return any((out_dir / name).exists() for name in names)


def _tell_renamed(stems: dict[Path, str]) -> None:
    for file, stem in stems.items():
        if stem != file.stem:
            log.info("%s is written as %s", file, stem)


def _summary(reports: list[PageReport], *, already_there: int) -> dict[str, Any]:
    counts = Counter(report.verdict for report in reports)
    summary: dict[str, Any] = {
        "pages": len(reports),
        **{verdict: counts[verdict] for verdict in ("good", "doubtful", "refused")},
    }
    if already_there:
        summary["files already there"] = already_there
    if 0 < len(reports) <= MAX_PAGES_SHOWN:
        summary["verdict"] = {report.name: report.verdict for report in reports}
    return summary
