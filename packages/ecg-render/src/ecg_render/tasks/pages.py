"""Task `render.pages`: records of any format to pages with their masks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_core.atomic import atomic_path
from ecg_core.config import option, recipe_of
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.execution.batch import DONE, Batch, BatchConfig, Item, Part
from ecg_core.execution.outputs import Outputs, stays_within
from ecg_core.formats import files_of_record
from ecg_core.layout_text import EXAMPLE, are_rows, find_layout, installed_layouts
from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import PaperSpec
from ecg_core.pictures import write_mask, write_picture
from ecg_core.plugins.registry import registry
from ecg_core.record import Record
from ecg_render.background import Background, read_background
from ecg_render.degradations.chain import names_of
from ecg_render.grammar import RANDOM
from ecg_render.looks import MAKERS_OWN, Look, random_look
from ecg_render.masks import MASK_KINDS, mask_of
from ecg_render.page import Page
from ecg_render.renderer import render_page
from ecg_render.style import PageStyle
from ecg_render.styles import style_by_name
from ecg_render.tasks.inputs import RecordSource, distinct, find_sources
from ecg_render.tasks.metadata import page_entry, trace_arrays, write_metadata
from ecg_render.tasks.seeds import seed_of

ALL = "all"
DRAWN = (("layouts", RANDOM), ("layouts", MAKERS_OWN))
"""Names that stand for no plugin: each page is drawn its own."""

MAX_LOOKS = 200
"""Random layouts that are drawn until the record has all leads of one."""


@attrs.frozen(kw_only=True)
class RenderPagesConfig(BatchConfig):
    """Options of `render.pages`."""

    inputs: tuple[str, ...] = option(
        factory=tuple, help="records: files of any format, or folders with all below them", in_recipe=False
    )
    dots_per_inch: float = option(200.0, minimum=50, maximum=1200, help="resolution", unit="dpi")
    layout: str = option(
        "3x4+1R",
        help=f"where the leads stand (`ecg list layouts`): a name, several with commas to draw from, {ALL}, the rows "
        f"of the page as text, '{EXAMPLE}', with ? for a place that stays bare, {RANDOM} for any plausible page, or "
        f"{MAKERS_OWN} for one that the maker of the style prints, with its speed and gain",
    )
    style: str = option(
        "standard",
        help="look of the page (`ecg list styles`): a name, several with commas to draw from, random, maker for any "
        "maker's, or a maker's YAML file",
    )
    degradation: str | None = option(
        None,
        help="what happens to the printed page (`ecg list degradations`): a name, or several joined by + or commas",
    )
    grid: str | None = option(None, help="picture of the paper to print on, flat and upright; its grid is found")
    grid_pitch_px: float | None = option(None, help="large boxes of that picture, where they are not found", unit="px")
    paper_speed_mm_per_s: float = option(25.0, above=0, help="paper speed", unit="mm/s")
    gain_mm_per_mv: float = option(10.0, above=0, help="gain", unit="mm/mV")
    chest_gain_mm_per_mv: float | None = option(
        None, above=0, help="gain of the chest leads, where it is another", unit="mm/mV"
    )
    duration_s: float | None = option(None, above=0, help="time that a row shows; by default what fits, 10 s at most")
    baseline_jitter_boxes: float | None = option(
        None, minimum=0, maximum=2, help="how far baselines may stray, in large boxes; by default as the style says"
    )
    sampling_rate_hz: float | None = option(None, above=0, help="of CSV files that do not state it", unit="Hz")
    allow_missing_leads: bool = option(False, help="leave the place of a lead empty that a record lacks; else it fails")
    masks: bool | None = option(None, help="write a mask beside each page; by default yes, but not for a single file")
    mask_kind: str = option("classes", help="what the mask tells apart", choices=tuple(MASK_KINDS))
    image_dir: str = option("", help="folder for the pictures, within the run folder")
    mask_dir: str = option("", help="folder for the masks, within the run folder")
    traces: bool = option(False, help="write the traces' coordinates as <id>_traces.npz")
    limit: int | None = option(None, minimum=1, help="print so many records at most", in_recipe=False)
    out_file: Path | None = option(None, help="write the page of a single record here: .png or .jpg", in_recipe=False)


@attrs.frozen(kw_only=True)
class PagePrinter:
    """Prints the page of one record; travels to worker processes.

    Attributes:
        config: options of the task.
        run_seed: of the run.
        background: paper to print on, None to draw it.
    """

    config: RenderPagesConfig
    run_seed: int
    background: Background | None

    def page(self, source: RecordSource) -> tuple[Page, dict[str, Any]]:
        """The page of a record, and what was chosen for it.

        Raises:
            DataError: the record cannot be read or printed, or lacks a lead of the layout.
        """
        config, seed = self.config, partial(seed_of, self.run_seed, source.key)
        record = source.read(sampling_rate_hz=config.sampling_rate_hz)
        style_name = _drawn(config.style, "styles", seed("style name"))
        look = self._look(style_name, _drawn(config.layout, "layouts", seed("layout")), record, seed("style"))
        page = render_page(
            record,
            layout=look.layout,
            paper=look.paper,
            dots_per_inch=config.dots_per_inch,
            style=_jittered(look.style, config),
            background=self.background,
            seed=seed("print"),
        )
        degradations = _degradations(config)
        for name in degradations:
            page = registry().load("degradations", name)(page, seed(name))
        chosen = {"layout": page.layout, "style": style_name, "degradations": degradations}
        return page, {"seed": seed("print"), **chosen}

    def _look(self, style: str, layout: str, record: Record, seed: int) -> Look:
        """A look whose leads the record has, unless it may lack some: where they are drawn, until there is one."""
        config, rng = self.config, np.random.default_rng(seed)
        paper = PaperSpec(
            speed_mm_per_s=config.paper_speed_mm_per_s,
            gain_mm_per_mv=config.gain_mm_per_mv,
            chest_gain_mm_per_mv=config.chest_gain_mm_per_mv,
        )
        for _ in range(MAX_LOOKS if ("layouts", layout) in DRAWN else 1):
            look = random_look(style, layout, rng, paper=paper, row_s=config.duration_s)
            wanted = [lead.removeprefix("-") for lead in look.layout.lead_names if lead != UNKNOWN_LEAD]
            if config.allow_missing_leads or set(wanted) <= set(record.lead_names):
                return look
        record.select(wanted)  # says what is missing
        return look

    def write(self, item: Item, outputs: Outputs) -> Iterator[Part]:
        """Print a record and write its files, each whole or not at all; the part's values are its line of metadata.

        Raises:
            DataError: as `page`.
        """
        page, chosen = self.page(item.value)
        config, key = self.config, item.key
        files = {"image": _below(config.image_dir, f"{key}.png")}
        write_picture(outputs.path(files["image"]), page.image)
        if config.masks is not False:
            files["mask"] = _below(config.mask_dir, f"{key}_mask.png")
            write_mask(outputs.path(files["mask"]), mask_of(page.labels, config.mask_kind))
        if config.traces:
            files["traces"] = f"{key}_traces.npz"
            with atomic_path(outputs.path(files["traces"])) as aside:
                np.savez_compressed(aside, **trace_arrays(page))  # type: ignore[arg-type]
        yield Part(values={"id": key, "source": item.source, "files": files, **chosen, **page_entry(page)})


def run(config: RenderPagesConfig, context: RunContext) -> TaskResult:
    """Write a page, its mask and its line of ``metadata.jsonl`` for every record; those that fail are named.

    A page depends on its record, the run's seed and the options alone, whatever the number of workers.

    Raises:
        ConfigError: no inputs, a name that is not there, or a folder with pages of other options.
        DataError: no record among the inputs, or a background that cannot be used.
        PluginError: no such layout, style or degradation.
    """
    _check_names(config)
    _check_folders(config, context.out_dir)
    background = read_background(config.grid, pitch_px=config.grid_pitch_px) if config.grid else None
    printer = PagePrinter(config=config, run_seed=context.seed, background=background)
    sources, failures = distinct(_sources(config), lambda source: f"{source.key}.png")
    if config.out_file:
        return _print_one(printer, sources, config.out_file)
    return _print_all(printer, sources[: config.limit], failures, context)


def _print_all(
    printer: PagePrinter, sources: list[RecordSource], failures: list[Failure], context: RunContext
) -> TaskResult:
    items = [
        Item(source=each.location, key=each.key, value=each, files=files_of_record(each.location)) for each in sources
    ]
    with Batch(context, {"seed": context.seed, **recipe_of(printer.config)}) as batch:
        try:
            made = batch.run(printer.write, items, executor=printer.config.executor, unit="pages")
        finally:
            write_metadata(batch)
    return made.task_result({"pages": made.counts[DONE]}, failures)


def _print_one(printer: PagePrinter, sources: list[RecordSource], file: Path) -> TaskResult:
    """Write the page of a single record to a file of the user's choice."""
    if len(sources) != 1:
        raise ConfigError(f"{file} is one picture, and the inputs hold {len(sources)} records; give a folder by --out")
    page, _chosen = printer.page(sources[0])
    write_picture(file, page.image)
    written = {"page": str(file)}
    if printer.config.masks:
        mask = file.with_name(f"{file.stem}_mask.png")
        write_mask(mask, mask_of(page.labels, printer.config.mask_kind))
        written["mask"] = str(mask)
    return TaskResult(summary=written)


def _names(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _choices(words: str, kind: str) -> list[str]:
    """The names between commas; the rows of a page that are given as text are one layout."""
    return [words] if kind == "layouts" and are_rows(words) else _names(words)


def _degradations(config: RenderPagesConfig) -> list[str]:
    return [name for word in _names(config.degradation or "") for name in names_of(word)]


def _drawn(words: str, kind: str, seed: int) -> str:
    """One of several names, by the seed."""
    names = _installed(kind) if words == ALL else _choices(words, kind)
    return names[seed % len(names)]


def _installed(kind: str) -> list[str]:
    """Names of all plugins of a kind that can be used."""
    return sorted(installed_layouts() if kind == "layouts" else registry().load_all(kind))


def _check_names(config: RenderPagesConfig) -> None:
    """Find every plugin that is named before any work is done."""
    named = {"layouts": _choices(config.layout, "layouts"), "styles": _names(config.style)}
    for kind, names in named.items():
        if not names:
            raise ConfigError(f"{kind.removesuffix('s')}: name one; `ecg list {kind}` shows what is there")
    for kind, names in (*named.items(), ("degradations", _degradations(config))):
        for name in names:
            if (kind, name) in DRAWN:
                continue
            if name == ALL:
                _installed(kind)  # those that cannot be used are told before any work is done
                continue
            if kind == "layouts":
                find_layout(name)
            elif kind == "styles":
                style_by_name(name, np.random.default_rng(0))
            else:
                registry().load(kind, name)


def _check_folders(config: RenderPagesConfig, run_folder: Path) -> None:
    """Refuse folders outside the run folder before a page is drawn for them."""
    for option_name in ("image_dir", "mask_dir"):
        folder = getattr(config, option_name)
        if folder and not stays_within(run_folder, folder):
            raise ConfigError(
                f"{option_name}: {folder} is not within the run folder {run_folder}; give the name of a folder below "
                "it, or choose another run folder by --out"
            )


def _jittered(style: PageStyle, config: RenderPagesConfig) -> PageStyle:
    if config.baseline_jitter_boxes is None:
        return style
    return attrs.evolve(style, baseline_jitter_boxes=config.baseline_jitter_boxes)


def _below(folder: str, file: str) -> str:
    return f"{folder.strip('/')}/{file}" if folder.strip("/") else file


def _sources(config: RenderPagesConfig) -> list[RecordSource]:
    if not config.inputs:
        raise ConfigError("inputs: name at least one record or folder of records")
    sources = list(find_sources(config.inputs))
    if not sources:
        raise DataError(
            f"{', '.join(config.inputs)}: no record found; `ecg list formats --long` shows what can be read"
        )
    return sources
