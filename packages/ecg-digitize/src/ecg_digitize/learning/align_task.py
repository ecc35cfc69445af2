"""Task `digitize.align`: the true course of the traces on pages whose recordings are known, to train stage 2 on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import attrs

from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_core.execution.batch import Batch, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.formats import files_of_record
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
        None,
        help="folder of pages, or in the competition's form: <id>/<id>-0001.png with <id>/<id>.csv",
        in_recipe=False,
    )
    truth: Path | None = option(None, help="folder of their recordings, by default the same", in_recipe=False)
    pairs: Path | None = option(
        None, help="CSV with the columns page,truth where the names do not say it", in_recipe=False
    )

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
    layouts_named(config.layout)  # what is missing is told before the first page is opened
    with Batch(context, recipe_of(config)) as batch:
        items = [
            Item(
                source=str(picture),
                key=stem,
                value=known[picture],
                files=(str(picture), *files_of_record(known[picture].truth)),
            )
            for picture, stem in batch.stems(known).items()
        ]
        warm_up = partial(load_networks, config.neural())
        work = partial(align_page, config=config)
        made = batch.run(work, items, executor=config.executor, unit="pages", warm_up=warm_up, limits=config.limits)
        agreement = {Path(entry.source).name: round(entry.values["agreement"], 2) for entry in made.entries()}
    return made.task_result({"pages": len(agreement), "share of leads that agree": agreement})


def align_page(item: Item, outputs: Outputs, *, config: AlignConfig) -> Iterator[Part]:
    """Align the first page of a file; the part's values have the share of its leads that agree.

    Raises:
        DataError: page or recording cannot be read, or have nothing to do with each other.
    """
    page: KnownPage = item.value
    layouts, settings = layouts_named(config.layout), config.settings()
    image = next(load_pages(page.picture)).image
    found = run_stages(image, layouts, settings, load_networks(config.neural()))
    aligned = align(page.picture.absolute(), found, page.read_truth())
    write_aligned(aligned, outputs.path(f"{item.key}{SUFFIX}"))
    yield Part(values={"agreement": aligned.agreement})
