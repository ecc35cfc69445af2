"""Task ``digitize.pages``: many pages, each to its own files; one that fails never stops the others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import cv2

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, EcgError
from ecg_core.execution import map_items
from ecg_core.plugins.registry import registry
from ecg_core.processes.cores import threads_each
from ecg_core.progress import progress
from ecg_core.stems import assign_stems
from ecg_digitize.digitizers.neural.networks import ENGINES, NetworkSource, load_networks
from ecg_digitize.digitizers.print_scale import Known
from ecg_digitize.outputs.files import RECORD_SUFFIXES, save_digitization
from ecg_digitize.pages.files import QUALITY_SUFFIX, find_page_files, load_pages
from ecg_digitize.reader import AUTO, DEFAULT_METHOD, DEFAULT_RATE_HZ, METHODS, digitize
from ecg_digitize.record.digitization import Digitization

MAX_PAGES_SHOWN = 20

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class PageOptions:
    """What is known of pages, and what runs the networks."""

    layout: str = option(AUTO, help="where the leads stand, see `ecg list layouts`; auto finds out")
    speed_mm_per_s: float | None = option(
        None, above=0, help="paper speed; by default as the calibration pulse says, else 25", unit="mm/s"
    )
    gain_mm_per_mv: float | None = option(
        None, above=0, help="gain; by default as the calibration pulse says, else 10", unit="mm/mV"
    )
    duration_s: float | None = option(
        None, above=0, help="time from the left to the right end of a row; by default what fits, 10 at most", unit="s"
    )
    engine: str = option("onnx", choices=ENGINES, help="what runs the networks; torch needs ecg-digitize[torch]")
    networks: Path | None = option(None, help="folder of networks of your own, made by digitize.export")

    def known(self) -> Known:
        """Speed, gain and duration, as far as they are told."""
        return Known(speed_mm_per_s=self.speed_mm_per_s, gain_mm_per_mv=self.gain_mm_per_mv, duration_s=self.duration_s)

    def network_source(self) -> NetworkSource:
        """Where the networks come from."""
        return NetworkSource(self.engine, self.networks)


@attrs.frozen(kw_only=True)
class ReadingConfig(PageOptions):
    """How pages are read, the same for every task that reads them."""

    method: str = option(
        DEFAULT_METHOD,
        choices=tuple(METHODS),
        help="how to read a page: neural, by three networks",
    )
    vector: bool = option(True, help="read PDFs whose traces are drawn as lines from the lines, not from a picture")
    workers: int = option(1, minimum=1, help="processes that work at a time")

    def reader(self) -> Any:
        """`digitize` with these options.

        Raises:
            ConfigError, CheckpointError: a network of the neural method is not there, or damaged.
            PluginError: no such layout, or the engine is not installed.
        """
        if self.layout != AUTO:
            registry().load("layouts", self.layout)  # what is missing is told before the first page is opened
        if self.method == "neural":
            load_networks(self.network_source())
        return partial(
            digitize,
            method=self.method,
            layout=self.layout,
            known=self.known(),
            networks=self.network_source(),
            vector=self.vector,
        )


@attrs.frozen(kw_only=True)
class PagesConfig(ReadingConfig):
    """Options of `digitize.pages`."""

    inputs: tuple[str, ...] = option(factory=tuple, help="pages: PNG, JPEG, TIFF, BMP, WebP, HEIC, PDF, or folders")
    formats: tuple[str, ...] = option(("wfdb", "csv"), choices=tuple(RECORD_SUFFIXES), help="files of each record")
    sampling_rate_hz: float = option(DEFAULT_RATE_HZ, above=0, help="of the records", unit="Hz")

    def reader(self) -> Any:
        """As of `ReadingConfig.reader`, to records of the rate that was asked for."""
        return partial(super().reader(), sampling_rate_hz=self.sampling_rate_hz)


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
        ConfigError: no inputs, or no such method.
        DataError: a folder holds no page.
        PluginError: no such layout.
    """
    if not config.inputs:
        raise ConfigError("inputs: name at least one page or folder of pages")
    stems = assign_stems(find_page_files(config.inputs))
    _tell_renamed(stems)
    todo = [item for item in stems.items() if not (context.resume and _is_done(context.out_dir, item[1]))]
    save = partial(save_digitization, out_dir=context.out_dir, formats=config.formats)
    work = partial(digitize_file, reader=config.reader(), save=save, workers=config.workers)
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


def digitize_file(item: tuple[Path, str], *, reader: Any, save: Any, workers: int) -> list[PageReport]:
    """Digitize every page of one file; a page that cannot be read is reported, and the next one is tried.

    Args:
        item: the file, and what its own files are to be called.
        reader: of a page, gives its `Digitization`.
        save: of that and a name.
        workers: how many files are read at a time.

    Raises:
        DataError: the file cannot be opened, or breaks off.
    """
    if workers > 1:
        cv2.setNumThreads(threads_each(workers))
    path, stem = item
    return list(_digitize_pages(path, stem, reader, save))


def _digitize_pages(path: Path, stem: str, reader: Any, save: Any) -> Iterator[PageReport]:
    for page in load_pages(path):
        page_number = page.name.removeprefix(path.stem)
        title = f"{path}{f' page {page_number[2:]}' if page_number else ''}"
        try:
            digitization = reader(page)
        except EcgError as error:
            yield PageReport(title, "refused", error)
            continue
        save(digitization, stem=f"{stem}{page_number}")
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
