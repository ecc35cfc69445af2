"""Which pages are scored, and scoring them all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain, product
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import Batch, BatchResult, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.formats import find_records
from ecg_core.layout_text import find_layout
from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec
from ecg_core.plugins.registry import registry
from ecg_digitize.evaluation.score import PageScore, PrintedPage, RealPage
from ecg_digitize.pages.files import find_page_files
from ecg_digitize.pages.truth import match_truth
from ecg_digitize.tasks.options import PageReader, ReadingOptions
from ecg_render.degradations.chain import CLEAN, names_of
from ecg_render.grammar import RANDOM
from ecg_render.looks import MAKERS_OWN, random_look
from ecg_render.styles import MAKER


@attrs.frozen(kw_only=True)
class ScoredPages(ReadingOptions):
    """Which pages are scored: real ones whose recordings are known, and recordings to print."""

    pages: tuple[str, ...] = option(
        (), help="pages, or folders of them; the first page of each file counts", in_recipe=False
    )
    truth: Path | None = option(None, help="folder of the recordings that the pages were printed from", in_recipe=False)
    pairs: Path | None = option(
        None, help="CSV with the columns page,truth where the names do not say it", in_recipe=False
    )
    records: tuple[str, ...] = option(
        (), help="recordings to print and read back, instead of pages or beside them", in_recipe=False
    )
    degradations: tuple[str, ...] = option(
        (CLEAN, "scan", "phone"),
        help="every recording is printed once for each",
        in_recipe=False,
    )
    dots_per_inch: float = option(200.0, help="resolution of the printed pages", unit="dpi", minimum=50)
    style: str = option(
        "random", help=f"style of the printed pages (`ecg list styles`); {MAKER} draws the looks of any maker"
    )
    drawn_layout: str | None = option(
        None,
        help=f"where the leads of printed recordings stand: a name, rows as text, {RANDOM} for any plausible layout, "
        f"{MAKERS_OWN} for one that the maker of the style prints; by default printed_layout",
    )
    limit: int | None = option(None, help="print so many recordings at most", minimum=1, in_recipe=False)
    printed_layout: str = option(
        LAYOUT_3X4_1R.name,
        help="layout that the pages really have, by name or as rows: only what it shows is compared",
    )
    plots: bool = option(True, help="draw what came out; needs ecg-digitize[plots]", in_recipe=False)

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
        layout = find_layout(self.printed_layout)
        pairs = match_truth(find_page_files(self.pages), self.truth, self.pairs)
        return [RealPage(page, truth, layout) for page, truth in pairs.items()]

    def _printed(self) -> list[PrintedPage]:
        if not self.records:
            return []
        layout = self.drawn_layout or self.printed_layout
        random_look(self.style, layout, np.random.default_rng(0), paper=PaperSpec())  # what is missing is told at once
        for name in chain.from_iterable(map(names_of, self.degradations)):
            registry().load("degradations", name)
        locations = [str(location) for root in self.records for location in find_records(root)]
        if not locations:
            raise DataError(f"records: no recording found in {', '.join(self.records)}")
        return [
            PrintedPage(location, degradation, self.dots_per_inch, self.style, layout)
            for degradation, location in product(self.degradations, locations[: self.limit])
        ]


def score_all(config: ScoredPages, batch: Batch) -> tuple[BatchResult, list[PageScore]]:
    """The scores of all pages, in the order of their names, and the batch that made them.

    Args:
        config: which pages, and how they are read.
        batch: of the run folder.

    Raises:
        ConfigError, DataError, PluginError: as of `ScoredPages.items`; and no such layout.
    """
    items = [item.as_item() for item in config.items()]
    work = partial(score_page, reader=config.reader())
    made = batch.run(
        work, items, executor=config.executor, unit="pages", warm_up=config.warm_up(), limits=config.limits
    )
    scores = [PageScore.from_plain(entry.values) for entry in made.entries()]
    return made, sorted(scores, key=lambda score: (score.page, score.group))


def score_page(item: Item, _outputs: Outputs, *, reader: PageReader) -> Iterator[Part]:
    """Score a page; the errors are those of its ``score``."""
    page: RealPage | PrintedPage = item.value
    score = page.score(reader)
    yield Part(outcome=score.verdict, failure=score.error, values=score.to_plain())
