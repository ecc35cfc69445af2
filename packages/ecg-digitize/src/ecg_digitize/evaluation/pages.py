"""Which pages are scored, and scoring them all."""

from __future__ import annotations

from functools import partial
from itertools import product
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.context import Failure
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution import map_items
from ecg_core.formats import find_records
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_core.progress import progress
from ecg_digitize.evaluation.score import PageScore, PrintedPage, RealPage
from ecg_digitize.pages.files import find_page_files
from ecg_digitize.pages.truth import match_truth
from ecg_digitize.tasks.options import PageReader, ReadingOptions
from ecg_render.endless import CLEAN
from ecg_render.styles import style_by_name


@attrs.frozen(kw_only=True)
class ScoredPages(ReadingOptions):
    """Which pages are scored: real ones whose recordings are known, and recordings to print."""

    pages: tuple[str, ...] = option((), help="pages, or folders of them; the first page of each file counts")
    truth: Path | None = option(None, help="folder of the recordings that the pages were printed from")
    pairs: Path | None = option(None, help="CSV with the columns page,truth where the names do not say it")
    records: tuple[str, ...] = option((), help="recordings to print and read back, instead of pages or beside them")
    degradations: tuple[str, ...] = option((CLEAN, "scan", "phone"), help="every recording is printed once for each")
    dots_per_inch: float = option(200.0, help="resolution of the printed pages", unit="dpi", minimum=50)
    style: str = option("random", help="style of the printed pages")
    limit: int | None = option(None, help="print so many recordings at most", minimum=1)
    printed_layout: str = option("3x4+1R", help="layout that the pages really have: only what it shows is compared")
    workers: int = option(1, minimum=1, help="processes that work at a time")
    plots: bool = option(True, help="draw what came out; needs ecg-digitize[plots]")

    def items(self) -> list[RealPage | PrintedPage]:
        """Every page.

        Raises:
            ConfigError: none is named, or pages without recordings.
            DataError: a page has no recording.
            PluginError: no such style or degradation.
        """
        found: list[RealPage | PrintedPage] = [*self._real(), *self._printed()]
        if not found:
            raise ConfigError("pages, records: name at least one page with its truth, or one recording to print")
        return found

    def _real(self) -> list[RealPage]:
        if not self.pages:
            return []
        if self.truth is None:
            raise ConfigError("truth: name the folder of the recordings that the pages were printed from")
        pairs = match_truth(find_page_files(self.pages), self.truth, self.pairs)
        return [RealPage(page, truth) for page, truth in pairs.items()]

    def _printed(self) -> list[PrintedPage]:
        if not self.records:
            return []
        style_by_name(self.style, np.random.default_rng(0))  # what is missing is told before the first page
        for name in self.degradations:
            if name != CLEAN:
                registry().load("degradations", name)
        locations = [str(location) for root in self.records for location in find_records(root)]
        if not locations:
            raise DataError(f"records: no recording found in {', '.join(self.records)}")
        return [
            PrintedPage(location, degradation, self.dots_per_inch, self.style)
            for degradation, location in product(self.degradations, locations[: self.limit])
        ]


def score_all(config: ScoredPages, task: str) -> tuple[list[PageScore], list[Failure]]:
    """The score of every page, in the order of their names, and what could not be read.

    Args:
        config: which pages, and how they are read.
        task: name that is shown beside the progress.

    Raises:
        ConfigError, DataError, PluginError: as of `ScoredPages.items`; and no such layout.
    """
    items = config.items()
    layout: Layout = registry().load("layouts", config.printed_layout)
    work = partial(score_page, reader=config.reader(), layout=layout)
    scores: list[PageScore] = []
    failures: list[Failure] = []
    with progress(len(items), task, unit="pages") as bar:
        for outcome in map_items(work, items, workers=config.workers):
            error = outcome.error or outcome.value.error
            if outcome.value:
                scores.append(outcome.value)
            if error:
                failures.append(Failure.from_error(str(outcome.item), error))
            bar.advance()
    return sorted(scores, key=lambda score: (score.page, score.group)), failures


def score_page(item: RealPage | PrintedPage, *, reader: PageReader, layout: Layout) -> PageScore:
    """Score a page; the errors are those of its ``score``."""
    return item.score(reader, layout)
