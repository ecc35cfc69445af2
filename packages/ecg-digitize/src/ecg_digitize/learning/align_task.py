"""Task `digitize.align`: the true course of the traces on pages whose recordings are known, to train stage 2 on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_core.execution import map_items
from ecg_core.progress import progress
from ecg_core.stems import assign_stems
from ecg_digitize.digitizers.neural.networks import load_networks
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_digitize.digitizers.neural.stages import run_stages
from ecg_digitize.learning.aligned import SUFFIX, align, write_aligned
from ecg_digitize.pages.files import load_pages
from ecg_digitize.pages.truth import KnownPage, find_known_pages
from ecg_digitize.reader import layouts_named
from ecg_digitize.tasks.options import PageOptions


@attrs.frozen(kw_only=True)
class AlignConfig(PageOptions):
    """Options of `digitize.align`."""

    pages: Path | None = option(
        None, help="folder of pages, or in the competition's form: <id>/<id>-0001.png with <id>/<id>.csv"
    )
    truth: Path | None = option(None, help="folder of their recordings, by default the same")
    pairs: Path | None = option(None, help="CSV with the columns page,truth where the names do not say it")
    workers: int = option(1, minimum=1, help="processes that work at a time")

    def neural(self) -> NeuralOptions:
        """Options of the neural digitizer, whose stages find the traces."""
        options: NeuralOptions = self.digitizers.choose("neural").options
        return options


def run(config: AlignConfig, context: RunContext) -> TaskResult:
    """Write an aligned page for each page to the run folder; pages that do not agree with their recording fail.

    Raises:
        ConfigError: no folder, or no networks.
        DataError: there is no such folder, nothing in it, or a page without a recording.
    """
    if config.pages is None:
        raise ConfigError("pages: name a folder of pages whose recordings are known")
    known = {page.picture: page for page in find_known_pages(config.pages, config.truth, config.pairs)}
    load_networks(config.neural())
    stems = assign_stems(list(known))
    items = [(known[picture], stem) for picture, stem in stems.items()]
    work = partial(align_page, config=config, out_dir=context.out_dir)
    agreement: dict[str, float] = {}
    failures: list[Failure] = []
    with progress(len(items), "digitize.align", unit="pages") as bar:
        for outcome in map_items(work, items, workers=config.workers):
            name = str(outcome.item[0].picture)
            if outcome.error is not None:
                failures.append(Failure.from_error(name, outcome.error))
            else:
                agreement[Path(name).name] = round(outcome.value, 2)
            bar.advance()
    return TaskResult(summary={"pages": len(agreement), "share of leads that agree": agreement}, failures=failures)


def align_page(item: tuple[KnownPage, str], *, config: AlignConfig, out_dir: Path) -> float:
    """Align the first page of a file; gives the share of its leads that agree.

    Raises:
        DataError: page or recording cannot be read, or have nothing to do with each other.
    """
    page, stem = item
    layouts, settings = layouts_named(config.layout), config.settings()
    image = next(load_pages(page.picture)).image
    found = run_stages(image, layouts, settings, load_networks(config.neural()))
    paper = settings.scale(pulse_mm=found.pulse_mm).paper
    layout = settings.printed(layouts[found.rows.layout], paper)
    aligned = align(page.picture.absolute(), found, page.read_truth(), layout, paper)
    write_aligned(aligned, out_dir / f"{stem}{SUFFIX}")
    return aligned.agreement
