"""Pages of many makers as pictures: vector PDFs drawn coarsely and degraded, against the reading of their own lines.

    nox -s bench -- rasterised DIR/pages/real DIR/pages/pdf [--jobs 2] [--json FILE]

What the digitizer `vector` reads of a PDF's lines is exact but for the print's own resolution; it is the truth here.
The page is then drawn at 150 and 200 dpi, degraded by `scan` and `phone`, and read as a picture by `neural`. Compared
are the structure, and the competition's SNR lead by lead (see `ecg_core.metrics.snr`: both records begin at the same
instant, and a lead may be moved by 0.2 s at most); a page that is refused counts as zeros. The mean is to be at least
18 dB of scans and 15 dB of photos. It is the competition's, of the ratios; beside it stands the mean of the decibels,
which weighs poor pages more. Pages that `vector` refuses are listed. Those whose lines leave it in doubt, such as a
strip without a name, have a truth that is doubtful, too: they are marked by "?", and figures without them stand below.
The folders are no part of the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from zlib import crc32

import attrs
import numpy as np
import pypdfium2

from ecg_core import Record, competition_snr
from ecg_core.atomic import atomic_write_text
from ecg_core.config import PluginOptions
from ecg_core.errors import DataError
from ecg_core.execution import map_items
from ecg_core.metrics.snr import PageSnr, mean_snr_db
from ecg_core.pictures import write_picture
from ecg_core.plugins.registry import registry
from ecg_digitize import digitize, load_pages
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_digitize.evaluation.structure import PrintedStructure, ReadStructure, score_structure
from ecg_digitize.pages.files import PDF_SUFFIX
from ecg_render import Page
from ecg_render.degradations.chain import CLEAN
from ecg_render.labels import SHEET

AIMS_DB = {"scan": 18.0, "phone": 15.0}
POINTS_PER_INCH = 72.0
PAGE_ROW = "{:42} {:9} {:>4} {:>9} {:>7} {:>8}  {:14} {}"
PAGE_HEAD = ("page", "as", "dpi", "structure", "dB", "verdict", "worst lead", "not as in the lines")
ROW = "{:9} {:>4} {:>6} {:>16} {:>8} {:>5} {:>11} {:>7} {:>7} {:>7} {:>7}"
HEAD = ("as", "dpi", "pages", "structure right", "mean dB", "aim", "mean of dB", "median", "worst", "refused", "silent")


@attrs.frozen
class Source:
    """A page of a PDF."""

    file: Path
    number: int

    def __str__(self) -> str:
        return f"{self.file.name} p{self.number}"


@attrs.frozen(kw_only=True)
class Known:
    """A page whose lines were read: the truth of its pictures."""

    source: Source
    record: Record
    structure: PrintedStructure
    is_doubtful: bool


@attrs.frozen(kw_only=True)
class Scored:
    """How a picture of a page was read; and whether its truth is in doubt."""

    page: str
    is_doubtful: bool
    degradation: str
    dots_per_inch: int
    outcome: str
    faults: tuple[str, ...]
    verdict: str
    snr: PageSnr


def main() -> None:
    """Read the lines, then the pictures, and report."""
    arguments = parsed()
    sources = list(pages_of(arguments.pdfs))
    lines = outcomes(read_lines, sources, jobs=arguments.jobs)
    known = [each for each in lines if isinstance(each, Known)]
    refused = {str(source): each for source, each in zip(sources, lines, strict=True) if isinstance(each, str)}
    for name, why in refused.items():
        print(f"not read by its lines: {name}: {why[:160]}")
    if not known:
        sys.exit("no page of a PDF was read by its lines: there is nothing to compare with")
    work = partial(read_picture, networks=arguments.networks, keep=arguments.keep)
    ways = list(product(known, arguments.degradations, arguments.dpi))
    print(PAGE_ROW.format(*PAGE_HEAD))
    scored = outcomes(work, ways, jobs=arguments.jobs, on_each=show_page)
    show(scored)
    if arguments.json:
        atomic_write_text(arguments.json, json.dumps(as_plain(scored, refused), indent=1) + "\n")


def parsed() -> argparse.Namespace:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pdfs", nargs="+", type=Path, metavar="PATH", help="PDFs, or folders of them")
    parser.add_argument("--degradations", nargs="+", default=list(AIMS_DB), help=f"{CLEAN} leaves the picture clean")
    parser.add_argument("--dpi", type=int, nargs="+", default=[150, 200])
    parser.add_argument("--networks", type=Path, help="folder of other networks than the shipped ones")
    parser.add_argument("--jobs", type=int, default=1, help="processes that read pages")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the pictures here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every page here, too")
    return parser.parse_args()


def pages_of(paths: Sequence[Path]) -> Iterator[Source]:
    """Every page of the PDFs."""
    for path in paths:
        for file in sorted(path.rglob(f"*{PDF_SUFFIX}")) if path.is_dir() else [path]:
            with pypdfium2.PdfDocument(file) as document:
                yield from (Source(file, number) for number in range(1, len(document) + 1))


def outcomes(
    work: Any, items: Sequence[Any], *, jobs: int, on_each: Callable[[Any], None] = lambda _each: None
) -> list[Any]:
    """What becomes of each item, in their order; an error is a fault of the code, and ends the benchmark."""
    found = {}
    for done in map_items(partial(_numbered, work), list(enumerate(items)), workers=jobs):
        if done.error is not None:
            raise done.error
        found[done.item[0]] = done.value
        on_each(done.value)
    return [found[number] for number in range(len(items))]


def _numbered(work: Any, item: tuple[int, Any]) -> Any:
    return work(item[1])


def read_lines(source: Source) -> Known | str:
    """The truth of a page by its lines, or why they cannot be read."""
    page = next(each for each in load_pages(source.file) if each.number == source.number)
    try:
        found = digitize(page, method="vector")
    except DataError as error:
        return str(error)
    if found.verdict == "refused":
        return "; ".join(found.warnings) or "refused"
    structure = ReadStructure.of(found)
    return Known(
        source=source,
        record=found.record,
        structure=PrintedStructure(
            rows=structure.rows or (),
            speed_mm_per_s=structure.speed_mm_per_s,
            gain_mm_per_mv=structure.gain_mm_per_mv,
            starts_s=structure.starts_s,
        ),
        is_doubtful=found.verdict != "good",
    )


def read_picture(way: tuple[Known, str, int], *, networks: Path | None, keep: Path | None) -> Scored:
    """Draw a page, degrade it, read it as a picture, and compare it with its lines."""
    known, degradation, dots_per_inch = way
    image = picture(known.source, degradation, dots_per_inch)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        name = f"{known.source.file.stem}-p{known.source.number}-{degradation}-{dots_per_inch}.png"
        write_picture(keep / name, image)
    options = PluginOptions("digitizers", {"neural": NeuralOptions(networks=networks)})
    truth = known.record
    nothing = attrs.evolve(truth, signal_mv=np.full_like(truth.signal_mv, np.nan))
    try:
        found = digitize(image, method="neural", sampling_rate_hz=truth.sampling_rate_hz, digitizers=options)
        structure = score_structure(known.structure, ReadStructure.of(found))
        verdict, faults = found.verdict, structure.faults
        estimate = nothing if found.verdict == "refused" else found.record
    except DataError as error:
        structure = score_structure(known.structure, None)
        verdict, estimate, faults = "refused", nothing, (str(error)[:100],)
    return Scored(
        page=str(known.source),
        is_doubtful=known.is_doubtful,
        degradation=degradation,
        dots_per_inch=dots_per_inch,
        outcome=structure.outcome,
        faults=faults,
        verdict=verdict,
        snr=competition_snr(truth, estimate),
    )


def picture(source: Source, degradation: str, dots_per_inch: int) -> np.ndarray:
    """A page of a PDF as a picture; how it is degraded follows from its name."""
    with pypdfium2.PdfDocument(source.file) as document:
        drawn = document[source.number - 1].render(scale=dots_per_inch / POINTS_PER_INCH)
        image = np.ascontiguousarray(drawn.to_pil().convert("RGB"))
    if degradation == CLEAN:
        return image
    page = Page.of_picture(image, np.full(image.shape[:2], SHEET, np.uint8), dots_per_inch=dots_per_inch)
    degraded: Page = registry().load("degradations", degradation)(page, crc32(str(source).encode()))
    return degraded.image


def show_page(each: Scored) -> None:
    """Print how a picture was read."""
    lead, worst_db = min(each.snr.lead_db.items(), key=lambda pair: pair[1])
    name = f"{each.page[:40]}{' ?' if each.is_doubtful else ''}"
    values = (each.degradation, each.dots_per_inch, each.outcome, f"{each.snr.db:.1f}", each.verdict)
    print(PAGE_ROW.format(name, *values, f"{lead} {worst_db:.1f}", "; ".join(each.faults)[:100]), flush=True)


def show(scored: Sequence[Scored]) -> None:
    """Print the figures of each degradation and resolution, of both resolutions together, and of sure truths alone."""
    print("\n" + ROW.format(*HEAD))
    for name in dict.fromkeys(each.degradation for each in scored):
        own = [each for each in scored if each.degradation == name]
        for dpi in sorted({each.dots_per_inch for each in own}):
            show_row(name, str(dpi), figures([each for each in own if each.dots_per_inch == dpi]))
        show_row(name, "all", figures(own))
        sure = [each for each in own if not each.is_doubtful]
        if 0 < len(sure) < len(own):
            show_row(name, "sure", figures(sure))


def show_row(degradation: str, dots_per_inch: str, found: dict[str, Any]) -> None:
    """Print the figures of some pictures."""
    aim = f"{AIMS_DB[degradation]:g}" if degradation in AIMS_DB else ""
    decibels = (f"{found[key]:.2f}" for key in ("mean_of_db", "median_db", "worst_db"))
    values = (found["structure right"], f"{found['mean_db']:.2f}", aim, *decibels, found["refused"], found["silent"])
    print(ROW.format(degradation, dots_per_inch, found["pages"], *values))


def figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """How many pictures were understood, and how well they were read."""
    decibels = [each.snr.db for each in scored]
    return {
        "pages": len(scored),
        "structure right": sum(each.outcome == "right" for each in scored),
        "silent": sum(each.outcome == "silent" for each in scored),
        "refused": sum(each.verdict == "refused" for each in scored),
        "mean_db": mean_snr_db(each.snr for each in scored),
        "mean_of_db": float(np.mean(decibels)),
        "median_db": float(np.median(decibels)),
        "worst_db": min(decibels),
    }


def as_plain(scored: Sequence[Scored], refused: dict[str, str]) -> dict[str, Any]:
    """Pictures and figures for JSON."""
    degradations = dict.fromkeys(each.degradation for each in scored)
    sure = [each for each in scored if not each.is_doubtful]
    return {
        "aims_db": AIMS_DB,
        "sure": {
            name: figures([each for each in sure if each.degradation == name])
            for name in degradations
            if any(each.degradation == name for each in sure)
        },
        "degradations": {name: figures([each for each in scored if each.degradation == name]) for name in degradations},
        "pages": [{**attrs.asdict(each), "db": each.snr.db} for each in scored],
        "not read by their lines": refused,
    }


if __name__ == "__main__":
    main()
