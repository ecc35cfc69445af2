"""Task `render.prepare_all`: raw records to the four data sets of crops, in one command."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import load_config, option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.execution.batch import BatchConfig
from ecg_core.launch import find_task
from ecg_render.tasks import crops, pages

PAGES_FOLDER = "pages"
DATA_SETS = ("grid", "grid-moire-blur-required", "wave-only", "grid-wave-mix")
"""Named configurations of `render.crops`, and folders of what they give."""


@attrs.frozen(kw_only=True)
class PrepareAllConfig(BatchConfig):
    """Options of `render.prepare_all`."""

    inputs: tuple[str, ...] = option(
        factory=tuple, help="records: files, folders with all below them, gs://, s3:// or https:// URLs"
    )
    data_sets: tuple[str, ...] = option(DATA_SETS, help="which of the data sets to make", choices=DATA_SETS)
    layout: str = option("all", help="layouts of the pages, as of render.pages")
    style: str = option("random", help="styles of the pages, as of render.pages")
    dots_per_inch: float = option(200.0, minimum=50, maximum=1200, help="resolution of the pages", unit="dpi")
    sampling_rate_hz: float | None = option(None, above=0, help="of CSV files that do not state it", unit="Hz")
    allow_missing_leads: bool = option(False, help="leave the place of a lead empty that a record lacks; else it fails")
    samples_per_image: int = option(8, help="crops with waveform of each page", minimum=0)
    negatives_per_image: int = option(2, help="crops without waveform of each page", minimum=0)
    crop_px: int = option(512, help="sides of a crop", unit="px", minimum=32)
    limit: int | None = option(None, minimum=1, help="take so many records at most")


def run(config: PrepareAllConfig, context: RunContext) -> TaskResult:
    """Write the pages to ``pages`` and the crops of each data set to a folder of its name.

    Each folder is a run folder of `render.pages` or `render.crops`, and goes on where it stopped. A record or page that
    fails is named, and the others go on.

    Raises:
        ConfigError, DataError, PluginError: as `render.pages` and `render.crops`.
    """
    printed = pages.run(_pages_config(config), _within(context, PAGES_FOLDER, "render.pages"))
    summary = {PAGES_FOLDER: dict(printed.summary)}
    failures: list[Failure] = [*printed.failures]
    for name in config.data_sets:
        made = crops.run(_crops_config(name, config, context.out_dir), _within(context, name, "render.crops"))
        summary[name] = dict(made.summary)
        failures += made.failures
    return TaskResult(summary=summary, failures=failures)


def _within(context: RunContext, name: str, task: str) -> RunContext:
    folder = context.out_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    return attrs.evolve(context, out_dir=folder, task=task)


def _pages_config(config: PrepareAllConfig) -> pages.RenderPagesConfig:
    shared = _names(PrepareAllConfig) & _names(pages.RenderPagesConfig)
    return pages.RenderPagesConfig(**{name: getattr(config, name) for name in shared})


def _crops_config(name: str, config: PrepareAllConfig, out_dir: Path) -> crops.RenderCropsConfig:
    own: crops.RenderCropsConfig = load_config(
        crops.RenderCropsConfig, file=find_task("render.crops").config_path(name), overrides=()
    )
    return attrs.evolve(
        own,
        inputs=(str(out_dir / PAGES_FOLDER),),
        samples_per_image=config.samples_per_image,
        negatives_per_image=config.negatives_per_image,
        width_px=config.crop_px,
        height_px=config.crop_px,
        executor=config.executor,
    )


def _names(config_class: type) -> set[str]:
    return {field.name for field in attrs.fields(config_class)}
