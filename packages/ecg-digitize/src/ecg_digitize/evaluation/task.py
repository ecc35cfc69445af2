"""Task ``digitize.evaluate``: the competition's SNR of pages whose recordings are known, by lead and by degradation."""

from __future__ import annotations

import logging
from functools import partial
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution import map_items
from ecg_core.formats import find_records
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_core.progress import progress
from ecg_core.run import Failure, RunContext, TaskResult
from ecg_digitize.batch import ReadingConfig
from ecg_digitize.evaluation.score import PageScore, PrintedPage, Reader, RealPage
from ecg_digitize.evaluation.tables import summary, write_tables
from ecg_digitize.matching import match_truth
from ecg_digitize.pages import find_page_files
from ecg_render.endless import CLEAN
from ecg_render.styles import style_by_name

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class EvaluateConfig(ReadingConfig):
    """Options of `digitize.evaluate`."""

    pages: tuple[str, ...] = option((), help="pages, or folders of them; the first page of each file counts")
    truth: Path | None = option(None, help="folder of the recordings that the pages were printed from")
    pairs: Path | None = option(None, help="CSV with the columns page,truth where the names do not say it")
    records: tuple[str, ...] = option((), help="recordings to print and read back, instead of pages or beside them")
    degradations: tuple[str, ...] = option((CLEAN, "scan", "phone"), help="through which the printed ones go, each")
    dots_per_inch: float = option(200.0, help="of the printed ones", unit="dpi", minimum=50)
    style: str = option("random", help="of the printed ones")
    limit: int | None = option(None, help="print so many recordings at most", minimum=1)
    printed_layout: str = option("3x4+1R", help="layout that the pages really have: only what it shows is compared")
    plots: bool = option(True, help="draw snr.png and reliability.png; needs ecg-digitize[plots]")


def run(config: EvaluateConfig, context: RunContext) -> TaskResult:
    """Score every page, write tables and plots to the run folder, and name the pages that were not read.

    Raises:
        ConfigError: no pages or records named, or pages without recordings.
        DataError: a page has no recording.
        PluginError: no such layout, style or degradation.
    """
    items = [*_real(config), *_printed(config)]
    if not items:
        raise ConfigError("pages, records: name at least one page with its truth, or one recording to print")
    layout: Layout = registry().load("layouts", config.printed_layout)
    work = partial(score_page, reader=config.reader(), layout=layout)
    scores: list[PageScore] = []
    failures: list[Failure] = []
    with progress(len(items), "digitize.evaluate", unit="pages") as bar:
        for outcome in map_items(work, items, workers=config.workers):
            error = outcome.error or outcome.value.error
            if outcome.value:
                scores.append(outcome.value)
            if error:
                failures.append(Failure.from_error(str(outcome.item), error))
            bar.advance()
    scores.sort(key=lambda score: score.page)
    write_tables(scores, context.out_dir)
    if config.plots and scores:
        _write_plots(scores, context.out_dir)
    return TaskResult(summary=summary(scores), failures=failures)


def score_page(item: RealPage | PrintedPage, *, reader: Reader, layout: Layout) -> PageScore:
    """Score a page; errors as of its ``score``."""
    return item.score(reader, layout)


def _real(config: EvaluateConfig) -> list[RealPage]:
    if not config.pages:
        return []
    if config.truth is None:
        raise ConfigError("truth: name the folder of the recordings that the pages were printed from")
    pairs = match_truth(find_page_files(config.pages), config.truth, config.pairs)
    return [RealPage(page, truth) for page, truth in pairs.items()]


def _printed(config: EvaluateConfig) -> list[PrintedPage]:
    if not config.records:
        return []
    style_by_name(config.style, np.random.default_rng(0))  # what is missing is told before the first page
    for name in config.degradations:
        if name != CLEAN:
            registry().load("degradations", name)
    locations = [str(location) for root in config.records for location in find_records(root)]
    if not locations:
        raise DataError(f"records: no recording found in {', '.join(config.records)}")
    chosen = locations[: config.limit]
    return [
        PrintedPage(location, degradation, config.dots_per_inch, config.style)
        for degradation, location in product(config.degradations, chosen)
    ]


def _write_plots(scores: list[PageScore], out_dir: Path) -> None:
    if find_spec("matplotlib") is None:
        log.info("no plots: they need matplotlib, pip install 'ecg-digitize[plots]'")
        return
    from ecg_digitize.evaluation.plots import write_plots

    write_plots(scores, out_dir)
