"""Task `render.compare`: pieces of real and rendered pages side by side, to see what gives the rendered ones away."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import cached_property
from html import escape
from pathlib import Path

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.paper import PaperSpec
from ecg_core.pictures import read_picture
from ecg_core.progress import progress
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render.degradations.chain import degrade_by_name
from ecg_render.looks import random_look
from ecg_render.page import Page
from ecg_render.renderer import render_page
from ecg_render.tasks.contact_sheet import Tile, contact_sheet, letterboxed, resized, side_by_side, write_sheet
from ecg_render.tasks.grid_scale import GridScale, estimate_scale, grid_strength
from ecg_render.tasks.inputs import RecordSource, find_sources
from ecg_render.tasks.page_crop import local_px_per_mm, square
from ecg_render.training_records import lasting_for, with_leads

log = logging.getLogger(__name__)

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
PLACES_TRIED = 4
"""Number of random places of which the one with the clearest grid is shown, on real and on rendered pages alike."""

MIDDLES = ((0.15, 0.35), (0.85, 0.85))
"""Bounds of a piece's middle, across and down, as shares of the picture: traces stand there, and not the empty
top of the page or the table."""

STANDARD = "standard"
DOUBTFUL = 0.02
"""Confidence of an estimated scale below which the caption doubts it."""


@attrs.frozen(kw_only=True)
class CompareConfig:
    """Options of `render.compare`."""

    real: tuple[str, ...] = option(
        factory=tuple,
        help="pictures of real pages, files or folders; publish none of what comes out without the right to them",
    )
    real_px_per_mm: float | None = option(
        None, above=0, help="scale of the real pictures; estimated from their grid by default", unit="px/mm"
    )
    records: tuple[str, ...] = option(factory=tuple, help="records to print; synthetic ones by default")
    layout: str = option(
        "3x4+1R",
        help="where the leads stand: a name of `ecg list layouts`, the rows as text, random for any plausible "
        "page, or maker for one that the maker of the style prints",
    )
    style: str | None = option(
        None, help="how the page is printed: a name of `ecg list styles`, random, maker, or a maker's YAML file"
    )
    degradation: str | None = option(
        "phone", help="what happens to the page, see `ecg list degradations`; several joined by +"
    )
    dots_per_inch: float = option(200.0, minimum=50, maximum=1200, help="resolution of the rendered pages", unit="dpi")
    num_pairs: int = option(12, minimum=1, help="how many pairs")
    pairs_per_sheet: int = option(4, minimum=1, help="how many on a sheet")
    crop_mm: float = option(45.0, above=0, help="side of a piece on the paper", unit="mm")
    crop_px: int = option(400, minimum=40, maximum=4000, help="side of a piece on the sheet", unit="px")


@attrs.frozen(eq=False, kw_only=True)
class View:
    """A picture of a page, and the piece of it that is shown.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        centre_px: middle of the piece, x and y.
        px_per_mm: pixels a millimetre of paper around there.
        caption: what it is.
    """

    image: np.ndarray
    centre_px: tuple[float, float]
    px_per_mm: float
    caption: str

    def tile(self, config: CompareConfig) -> Tile:
        """The piece beside the whole picture."""
        piece = square(self.image, self.centre_px, max(2, round(config.crop_mm * self.px_per_mm)))
        whole = letterboxed(self.image, (config.crop_px, config.crop_px))
        return Tile(side_by_side([whole, resized(piece, config.crop_px)]), self.caption)


@attrs.frozen(eq=False, kw_only=True, slots=False)
class Renderer:
    """Prints page after page as the options say; every page has a seed of its own."""

    config: CompareConfig
    seed: int

    @cached_property
    def record_sources(self) -> list[RecordSource]:
        sources = list(find_sources(self.config.records))
        if self.config.records and not sources:
            raise DataError(f"records: no record found in {', '.join(self.config.records)}")
        return sources

    def page(self, number: int) -> Page:
        """The page of one pair, named after its record."""
        seed = self.seed + number
        config, record = self.config, self._record(number, seed)
        look = random_look(config.style or STANDARD, config.layout, np.random.default_rng(seed), paper=PaperSpec())
        page = render_page(
            lasting_for(with_leads(record, look.layout.lead_names), look.layout),
            layout=look.layout,
            paper=look.paper,
            style=look.style,
            dots_per_inch=config.dots_per_inch,
            seed=seed,
        )
        return degrade_by_name(page, config.degradation, seed) if config.degradation else page

    def _record(self, number: int, seed: int) -> Record:
        if not self.record_sources:
            return synthesize_record(seed=seed, name=f"synthetic {seed}")
        return self.record_sources[number % len(self.record_sources)].read()


def run(config: CompareConfig, context: RunContext) -> TaskResult:
    """Write ``compare-<number>.png``, real pieces left and rendered ones right, and ``index.html`` that shows them all.

    Raises:
        ConfigError: no real pictures named.
        DataError: no picture or no record found where they should be, or no pair could be made.
        PluginError: no such layout, style or degradation.
    """
    pictures = find_pictures(config.real)
    renderer = Renderer(config=config, seed=context.seed)
    order = np.random.default_rng(context.seed).permutation(len(pictures))
    tiles: list[Tile] = []
    failures: list[Failure] = []
    with progress(config.num_pairs, "render.compare", unit="pairs") as bar:
        for number in range(config.num_pairs):
            picture = pictures[order[number % len(pictures)]]
            rng = np.random.default_rng([context.seed, number])
            try:
                tiles += [
                    real_view(picture, config, rng).tile(config),
                    rendered_view(renderer, number, rng).tile(config),
                ]
            except DataError as error:
                failures.append(Failure.from_error(str(picture), error))
            bar.advance()
    sheets = _write_sheets(tiles, config.pairs_per_sheet, context.out_dir)
    summary = {"pairs": len(tiles) // 2, "sheets": len(sheets), "to look at": str(context.out_dir / "index.html")}
    return TaskResult(summary=summary, failures=failures)


def find_pictures(real: Iterable[str]) -> list[Path]:
    """The pictures among files and folders, folders searched with all below them.

    Raises:
        ConfigError: nothing is named.
        DataError: what is named does not exist, or holds no picture.
    """
    found: list[Path] = []
    for path in map(Path, real):
        if not path.exists():
            raise DataError(f"{path}: there is no such file or folder")
        inside = (each for each in sorted(path.rglob("*")) if each.suffix.lower() in PICTURE_SUFFIXES)
        found.extend(inside if path.is_dir() else [path])
    if not real:
        raise ConfigError("real: name at least one picture of a real page, or a folder of them")
    if not found:
        raise DataError(f"{', '.join(real)}: no picture found ({', '.join(PICTURE_SUFFIXES)})")
    return found


def real_view(path: Path, config: CompareConfig, rng: np.random.Generator) -> View:
    """A random piece of a real picture.

    Raises:
        DataError: it cannot be read, or shows no grid and no scale is given.
    """
    image = read_picture(path)
    if config.real_px_per_mm is not None:
        px_per_mm, origin = config.real_px_per_mm, "given"
    else:
        scale = estimate_scale(image)
        if scale is None:
            raise DataError(f"{path}: no grid that repeats; give its scale by real_px_per_mm, or leave it out")
        px_per_mm, origin = scale.px_per_mm, _origin(scale)
    centre_px = _clearest_place(image, px_per_mm, config.crop_mm, rng)
    caption = f"REAL {path.name}, {px_per_mm:.1f} px/mm {origin}"
    return View(image=image, centre_px=centre_px, px_per_mm=px_per_mm, caption=caption)


def rendered_view(renderer: Renderer, number: int, rng: np.random.Generator) -> View:
    """A random piece of a rendered page."""
    config, page = renderer.config, renderer.page(number)
    middle_px = (page.width_px / 2, page.height_px / 2)
    centre_px = _clearest_place(page.image, local_px_per_mm(page, middle_px), config.crop_mm, rng)
    px_per_mm = local_px_per_mm(page, centre_px)
    how = ", ".join(filter(None, (config.style, config.degradation or "clean")))
    caption = f"RENDERED {page.name}, {how}, seed {renderer.seed + number}, {px_per_mm:.1f} px/mm"
    return View(image=page.image, centre_px=centre_px, px_per_mm=px_per_mm, caption=caption)


def _origin(scale: GridScale) -> str:
    return "estimated" if scale.confidence >= DOUBTFUL else "estimated, doubtful: give real_px_per_mm"


def _clearest_place(
    image: np.ndarray, px_per_mm: float, crop_mm: float, rng: np.random.Generator
) -> tuple[float, float]:
    """The one of some random places where the grid is clearest, so that it lies on the paper rather than beside it."""
    height, width = image.shape[:2]
    shares = rng.uniform(*MIDDLES, (PLACES_TRIED, 2))
    places = [(float(x * width), float(y * height)) for x, y in shares]
    side_px = round(crop_mm * px_per_mm)
    return max(places, key=lambda place: grid_strength(square(image, place, side_px), px_per_mm))


def _write_sheets(tiles: Sequence[Tile], pairs_per_sheet: int, out_dir: Path) -> list[Path]:
    paths = []
    for number, first in enumerate(range(0, len(tiles), 2 * pairs_per_sheet), start=1):
        path = out_dir / f"compare-{number}.png"
        write_sheet(path, contact_sheet(tiles[first : first + 2 * pairs_per_sheet], 2))
        paths.append(path)
    atomic_write_text(out_dir / "index.html", _index(paths, tiles, pairs_per_sheet))
    return paths


def _index(paths: Sequence[Path], tiles: Sequence[Tile], pairs_per_sheet: int) -> str:
    parts = ["<!doctype html><meta charset='utf-8'><title>Real and rendered</title>", "<h1>Real and rendered</h1>"]
    parts.append("<p>Do not publish real pictures without the right to.</p>")
    for number, path in enumerate(paths):
        shown = tiles[2 * number * pairs_per_sheet :][: 2 * pairs_per_sheet]
        captions = "".join(f"<li>{escape(tile.label)}</li>" for tile in shown)
        parts.append(f"<h2>{path.name}</h2><img src='{path.name}' alt='{path.stem}'><ol>{captions}</ol>")
    return "\n".join(parts) + "\n"
