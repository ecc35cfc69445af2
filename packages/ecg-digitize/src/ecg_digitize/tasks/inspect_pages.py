"""Task ``digitize.inspect``: what every step of the neural method found on a page, on one sheet."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, EcgError
from ecg_core.pictures import write_picture
from ecg_core.stems import assign_stems
from ecg_digitize.digitizers.neural.digitizer import finish, look
from ecg_digitize.digitizers.neural.inspection_sheet import draw_sheet
from ecg_digitize.digitizers.neural.networks import load_networks
from ecg_digitize.pages.files import find_page_files, load_pages
from ecg_digitize.reader import DEFAULT_RATE_HZ, layouts_named
from ecg_digitize.tasks.pages import PageOptions

SHEET_SUFFIX = "_stages.png"


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
    load_networks(config.network_source())
    sheets: dict[str, str] = {}
    failures: list[Failure] = []
    for file, stem in assign_stems(find_page_files(config.inputs)).items():
        try:
            for page in load_pages(file):
                sheet, ending = inspect_page(page.image, config)
                path = context.out_dir / f"{stem}{page.name.removeprefix(file.stem)}{SHEET_SUFFIX}"
                write_picture(path, sheet)
                sheets[str(path)] = ending
        except EcgError as error:
            failures.append(Failure.from_error(str(file), error))
    return TaskResult(summary={"sheets": sheets}, failures=failures)


def inspect_page(image_rgb: np.ndarray, config: InspectConfig) -> tuple[np.ndarray, str]:
    """The sheet of a page, uint8 RGB, and in a line what became of the page."""
    found: dict[str, Any] = {}
    layouts, known, networks = layouts_named(config.layout), config.known(), config.network_source()
    try:
        seen = look(image_rgb, layouts, known, load_networks(networks), tell=found.__setitem__)
        result = finish(seen, layouts[seen.rows.layout], known, DEFAULT_RATE_HZ, networks)
        ending = "; ".join([f"{result.verdict}", *result.warnings])
    except EcgError as error:
        ending = f"not read: {error}"
    return draw_sheet(image_rgb, found, ending), ending
