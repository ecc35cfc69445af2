"""Task `render.gallery`: contact sheets of every layout, style, maker and degradation, and of pages of the grammar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import DataError, one_line
from ecg_core.formats import read_record
from ecg_core.paper import PaperSpec
from ecg_core.plugins.entry import PluginEntry
from ecg_core.plugins.guard import guarded
from ecg_core.plugins.registry import registry
from ecg_core.progress import progress
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render.grammar.layout import grammar_layout
from ecg_render.looks import MAKERS_OWN, Look, random_look
from ecg_render.page import Page
from ecg_render.renderer import render_page
from ecg_render.styles import style_by_name
from ecg_render.styles.makers import maker_names
from ecg_render.tasks.contact_sheet import (
    GAP_PX,
    Tile,
    contact_sheet,
    fitted,
    letterboxed,
    message,
    resized,
    side_by_side,
    write_sheet,
)
from ecg_render.tasks.page_crop import crop_around
from ecg_render.training_records import lasting_for, with_leads

DETAIL_MM = 28.0
"""Width of a detail; at the defaults its pixels are shown one to one, so that blur, noise and JPEG are seen."""
DETAIL_LEAD = "V1"
STANDARD_STYLE = "standard"
SHAPE_OF_SHEET = 8.5 / 11

KINDS = ("layouts", "grammar", "styles", "makers", "degradations")
AROUND_RGB = (228, 228, 232)
LETTERBOXED = ("grammar", "makers", "degradations")
"""Kinds whose pages are of many shapes."""


@attrs.frozen(kw_only=True)
class GalleryConfig:
    """Options of `render.gallery`."""

    show: tuple[str, ...] = option(
        KINDS,
        choices=KINDS,
        help="what to show; grammar is random layouts, makers is pages in the layouts, speeds and gains of each maker",
    )
    record: str | None = option(None, help="the record to print; a synthetic one by default")
    thumbnail_px: int = option(280, minimum=80, maximum=4000, help="width of a whole page", unit="px")
    columns: int = option(4, minimum=1, help="tiles a row")
    num_random: int = option(24, minimum=1, help="how many random layouts")
    pages_a_maker: int = option(2, minimum=1, help="how many pages of each maker")
    details: bool = option(True, help="a piece of each degraded page beside it")
    dots_per_inch: float = option(200.0, minimum=50, maximum=1200, help="resolution of the pages", unit="dpi")
    image_format: str = option("jpg", choices=("jpg", "png"), help="of the sheets")
    max_kilobytes: float = option(400.0, above=0, help="size of a sheet; JPEG gives up quality to meet it", unit="kB")


@attrs.frozen(eq=False, kw_only=True)
class Printer:
    """Prints the one record in any way that a plugin says.

    Attributes:
        record: what to print.
        dots_per_inch: resolution.
        seed: of pages and degradations.
    """

    record: Record
    dots_per_inch: float
    seed: int

    def in_layout(self, name: str) -> Page:
        layout = registry().load("layouts", name)
        return render_page(self.record, layout=layout, dots_per_inch=self.dots_per_inch, seed=self.seed)

    def in_style(self, name: str) -> Page:
        style = style_by_name(name, np.random.default_rng(self.seed))
        return render_page(self.record, style=style, dots_per_inch=self.dots_per_inch, seed=self.seed)

    def in_random_layout(self, name: str) -> Page:
        layout = grammar_layout(self._rng(name), paper=PaperSpec())
        style = style_by_name(STANDARD_STYLE, self._rng(name))
        return self._page_of(Look(style=style, layout=layout, paper=PaperSpec()))

    def of_maker(self, name: str) -> Page:
        look = random_look(name.split(maxsplit=1)[0], MAKERS_OWN, self._rng(name), paper=PaperSpec())
        return self._page_of(look)

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng((self.seed, *name.encode(errors="backslashreplace")))

    def _page_of(self, look: Look) -> Page:
        """A page of a look; what its layout shows and the record lacks is made up."""
        record = lasting_for(with_leads(self.record, look.layout.lead_names), look.layout)
        return render_page(
            record,
            layout=look.layout,
            paper=look.paper,
            style=look.style,
            dots_per_inch=self.dots_per_inch,
            seed=self.seed,
        )

    def degraded(self, name: str) -> Page:
        degrade = registry().load("degradations", name)
        page: Page = degrade(render_page(self.record, dots_per_inch=self.dots_per_inch, seed=self.seed), self.seed)
        return page


def run(config: GalleryConfig, context: RunContext) -> TaskResult:
    """Write ``gallery-<kind>.jpg`` for each kind; a plugin that fails is named in its tile, the others are drawn.

    Raises:
        DataError: the record cannot be read.
    """
    printer = Printer(record=_record(config), dots_per_inch=config.dots_per_inch, seed=context.seed)
    ways = {
        "layouts": printer.in_layout,
        "grammar": printer.in_random_layout,
        "styles": printer.in_style,
        "makers": printer.of_maker,
        "degradations": printer.degraded,
    }
    summary: dict[str, str] = {}
    failures: list[Failure] = []
    for kind in config.show:
        tiles, failed = draw_tiles(kind, ways[kind], config)
        failures.extend(failed)
        if tiles:
            summary[kind] = _write(context.out_dir, kind, tiles, config)
    return TaskResult(summary=summary, failures=failures)


def draw_tiles(kind: str, draw: Callable[[str], Page], config: GalleryConfig) -> tuple[list[Tile], list[Failure]]:
    """A tile for everything of a kind, and what failed."""
    tiles, failures = [], []
    names = names_of(kind, config)
    with progress(len(names), f"render.gallery {kind}", unit="tiles") as bar:
        for name in names:
            try:
                with guarded():
                    page = draw(name)
                tiles.append(Tile(_picture(page, kind, config), _label(page, name, kind)))
            except Exception as error:  # noqa: BLE001 - whatever a stranger's plugin raises stands in its tile
                failures.append(Failure.from_error(f"{kind} {name}", error))
                tiles.append(_failed_tile(name, error, kind, config))
            bar.advance()
    return tiles, failures


def names_of(kind: str, config: GalleryConfig) -> list[str]:
    """What is shown of a kind: the plugins, or pages by number."""
    if kind == "grammar":
        return [str(number) for number in range(1, config.num_random + 1)]
    if kind == "makers":
        return [f"{maker} {number}" for maker in maker_names() for number in range(1, config.pages_a_maker + 1)]
    return list(dict.fromkeys(_name_to_load(entry) for entry in registry().entries(kind)))


def _label(page: Page, name: str, kind: str) -> str:
    """The name of a tile, with what was drawn where that is left to chance."""
    speed = f"{page.px_per_s / page.px_per_mm:g} mm/s"
    return {"grammar": page.layout, "makers": f"{name}: {page.layout}, {speed}"}.get(kind, name)


def _record(config: GalleryConfig) -> Record:
    if config.record is None:
        return synthesize_record(seed=4)
    if not Path(config.record).exists() and "://" not in config.record:
        raise DataError(f"{config.record}: there is no such record")
    return read_record(config.record)


def _name_to_load(entry: PluginEntry) -> str:
    """The name of a plugin, with that of its distribution where several distributions bring one of the name."""
    return entry.qualified_name if entry.name in registry().conflicts(entry.kind) else entry.name


def _has_detail(kind: str, config: GalleryConfig) -> bool:
    return config.details and kind == "degradations"


def _picture(page: Page, kind: str, config: GalleryConfig) -> np.ndarray:
    height_px = round(config.thumbnail_px * SHAPE_OF_SHEET)
    if kind not in LETTERBOXED:
        return fitted(page.image, config.thumbnail_px)
    whole = letterboxed(page.image, (config.thumbnail_px, height_px), around=AROUND_RGB)
    if not _has_detail(kind, config):
        return whole
    return side_by_side([whole, resized(crop_around(page, _detail_px(page), DETAIL_MM), height_px)])


def _detail_px(page: Page) -> tuple[float, float]:
    """The centre of the name V1 on the page, or the middle of the page where V1 is not named."""
    centres: Mapping[str, tuple[float, float]] = {name.lead: name.centre_px for name in page.lead_names}
    return centres.get(DETAIL_LEAD, (page.width_px / 2, page.height_px / 2))


def _failed_tile(name: str, error: Exception, kind: str, config: GalleryConfig) -> Tile:
    height_px = round(config.thumbnail_px * SHAPE_OF_SHEET)
    width_px = config.thumbnail_px + (GAP_PX + height_px if _has_detail(kind, config) else 0)
    return Tile(message(one_line(error), (width_px, height_px)), f"{name}: failed")


def _write(out_dir: Path, kind: str, tiles: list[Tile], config: GalleryConfig) -> str:
    path = out_dir / f"gallery-{kind}.{config.image_format}"
    size = write_sheet(path, contact_sheet(tiles, config.columns), max_kilobytes=config.max_kilobytes)
    return f"{len(tiles)} on {path} ({size / 1000:.0f} kB)"
