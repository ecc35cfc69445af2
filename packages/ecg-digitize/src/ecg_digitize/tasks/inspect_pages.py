"""Task ``digitize.inspect``: what every stage of the neural digitizer found on a page, on one sheet."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, EcgError
from ecg_core.stems import assign_stems
from ecg_digitize.digitizers.neural.digitizer import NeuralDigitizer
from ecg_digitize.digitizers.neural.inspection_sheet import draw_sheet
from ecg_digitize.digitizers.protocol import ReadingRequest
from ecg_digitize.pages.files import PagePicture, find_page_files, load_pages
from ecg_digitize.reader import DEFAULT_RATE_HZ, layouts_named
from ecg_digitize.record.digitization import build_digitization
from ecg_digitize.tasks.options import PageOptions
from ecg_render.pictures import write_picture

SHEET_SUFFIX = "_stages.png"
NEURAL = "neural"


@attrs.frozen(kw_only=True)
class InspectConfig(PageOptions):
    """Options of `digitize.inspect`."""

    inputs: tuple[str, ...] = option(factory=tuple, help="pages, or folders of them")


def run(config: InspectConfig, context: RunContext) -> TaskResult:
    """Write ``<page>_stages.png`` for every page, also where it could not be read.

    Raises:
        ConfigError: no inputs, or the networks are not there.
        DataError: a folder holds no page.
        PluginError: no such layout, or the engine is not installed.
    """
    if not config.inputs:
        raise ConfigError("inputs: name at least one page or folder of pages")
    digitizer: NeuralDigitizer = config.digitizers.choose(NEURAL).make()
    sheets: dict[str, str] = {}
    failures: list[Failure] = []
    for file, stem in assign_stems(find_page_files(config.inputs)).items():
        try:
            for page in load_pages(file):
                sheet, ending = inspect_page(page, digitizer, config)
                path = context.out_dir / f"{stem}{page.name.removeprefix(file.stem)}{SHEET_SUFFIX}"
                write_picture(path, sheet)
                sheets[str(path)] = ending
        except EcgError as error:
            failures.append(Failure.from_error(str(file), error))
    return TaskResult(summary={"sheets": sheets}, failures=failures)


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
