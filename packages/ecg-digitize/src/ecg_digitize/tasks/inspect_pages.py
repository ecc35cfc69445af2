"""Task ``digitize.inspect``: what every stage of the neural digitizer found on a page, on one sheet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, EcgError
from ecg_core.execution.batch import Batch, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.pictures import write_picture
from ecg_digitize.digitizers.neural.digitizer import NeuralDigitizer
from ecg_digitize.digitizers.neural.inspection_sheet import draw_sheet
from ecg_digitize.digitizers.protocol import ReadingRequest
from ecg_digitize.pages.files import PagePicture, find_page_files, load_pages
from ecg_digitize.pages.selection import PageSelection
from ecg_digitize.reader import DEFAULT_RATE_HZ, layouts_named
from ecg_digitize.record.digitization import build_digitization
from ecg_digitize.tasks.options import PAGES_HELP, PageOptions

SHEET_SUFFIX = "_stages.png"
NEURAL = "neural"


@attrs.frozen(kw_only=True)
class InspectConfig(PageOptions):
    """Options of `digitize.inspect`."""

    inputs: tuple[str, ...] = option(factory=tuple, help="pages, or folders of them", in_recipe=False)
    pages: str | int | None = option(None, help=PAGES_HELP)


def run(config: InspectConfig, context: RunContext) -> TaskResult:
    """Write ``<page>_stages.png`` for every page, also where it could not be read.

    Raises:
        ConfigError: no inputs, ``pages`` names no pages, rows that name no leads, or the networks are not there.
        DataError: a folder holds no page.
        PluginError: no such layout, or the engine is not installed.
    """
    if not config.inputs:
        raise ConfigError("inputs: name at least one page or folder of pages")
    PageSelection.parse(config.pages)
    files = find_page_files(config.inputs)
    layouts_named(config.layout)  # what is missing is told before the first page is opened
    with Batch(context, recipe_of(config)) as batch:
        items = [Item(source=str(file), key=stem) for file, stem in batch.stems(files).items()]
        made = batch.run(
            partial(inspect_file, config=config),
            items,
            executor=config.executor,
            unit="files",
            warm_up=config.digitizers.choose(NEURAL).make,
            limits=config.limits,
        )
        sheets = {str(context.out_dir / name): entry.outcome for entry in made.entries() for name in entry.outputs}
    return made.task_result({"sheets": sheets})


def inspect_file(item: Item, outputs: Outputs, *, config: InspectConfig) -> Iterator[Part]:
    """Write the sheets of the pages of a file.

    Raises:
        DataError: the file cannot be opened, breaks off, or has none of the pages.
    """
    digitizer: NeuralDigitizer = config.digitizers.choose(NEURAL).make()
    path = Path(item.source)
    for page in load_pages(path, PageSelection.parse(config.pages)):
        sheet, ending = inspect_page(page, digitizer, config)
        page_suffix = page.name.removeprefix(path.stem)
        write_picture(outputs.path(f"{item.key}{page_suffix}{SHEET_SUFFIX}"), sheet)
        yield Part(name=f"page {page.number}" if page_suffix else "", outcome=ending)


def inspect_page(page: PagePicture, digitizer: NeuralDigitizer, config: InspectConfig) -> tuple[np.ndarray, str]:
    """The sheet of a page, uint8 RGB, and in a line what became of the page."""
    found: dict[str, Any] = {}
    request = ReadingRequest(
        layouts=layouts_named(config.layout), settings=config.settings(), sampling_rate_hz=DEFAULT_RATE_HZ
    )
    try:
        reading = digitizer.read(page, request, on_step=found.__setitem__)
        result = build_digitization(page, reading, method=NEURAL, sampling_rate_hz=DEFAULT_RATE_HZ)
        ending = "; ".join([f"{result.verdict}", *result.warnings])
    except EcgError as error:
        ending = f"not read: {error}"
    return draw_sheet(page.image, found, ending), ending
