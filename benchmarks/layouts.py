"""How often the structure of drawn pages is understood: rows of names in print order, speed, gain, and times.

    nox -s bench -- layouts [--pages 300] [--jobs 2] [--json FILE]
    nox -s bench -- layouts --layouts known --styles random --speeds 25 --gains 10
    nox -s bench -- layouts --data DIR --keep DIR

A third of the pages each is clean, a `scan` and a photo (`phone`). Layouts are drawn from the grammar, in the looks of
all makers; `--layouts known` are all that are installed. The pages print made-up recordings, or those of `--data`, a
folder in any format, which is no part of the repository. A page has one seed: a shorter run reads the first pages of a
longer one.

A maker that names no lead beside its trace (a watch) prints one alone, whatever the layouts.

A page is right, told (refused or doubtful) or silent, see `ecg_digitize.evaluation.structure`. Where neither a pulse
nor words tell speed or gain, any is right, and where no name is printed, any names are; a page without grid and pulse
may be refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_core import Record, synthesize_record
from ecg_core.atomic import atomic_write_text
from ecg_core.config import PluginOptions
from ecg_core.errors import DataError
from ecg_core.execution import map_items
from ecg_core.formats import find_records
from ecg_core.pictures import write_picture
from ecg_core.plugins.registry import registry
from ecg_digitize import digitize
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_digitize.evaluation.structure import (
    PrintedStructure,
    ReadStructure,
    StructureScore,
    score_structure,
    structure_counts,
)
from ecg_render.degradations.chain import CLEAN
from ecg_render.endless import EndlessPages, PageRecipe, RecordFiles
from ecg_render.grammar import RANDOM
from ecg_render.styles import MAKER

AIMS = {CLEAN: 0.97, "scan": 0.95, "phone": 0.90}
"""Share of the pages of each degradation whose structure is to be right."""

KNOWN = "known"
LAYOUTS = (RANDOM,)
STYLES = (MAKER,)
SPEEDS_MM_PER_S = (25.0, 25.0, 25.0, 25.0, 50.0)
GAINS_MM_PER_MV = (10.0, 10.0, 10.0, 10.0, 5.0, 20.0)
"""What is named twice comes twice as often."""

NUM_MADE_UP = 10_000
ROW = "{:28} {:>5} {:>5} {:>5} {:>6} {:>5} {:>6} {:>7} {:>23} {:>25}"


class MadeUpRecords(Sequence[Record]):
    """Recordings of healthy adults at many heart rates, each made when it is asked for."""

    def __len__(self) -> int:
        return NUM_MADE_UP

    def __getitem__(self, index: int) -> Record:  # type: ignore[override]  # slices make no sense
        rate_bpm = float(np.random.default_rng(index).uniform(45.0, 130.0))
        return synthesize_record(seed=index, heart_rate_bpm=rate_bpm, name=f"made up {index}")


@attrs.frozen(kw_only=True)
class Scored:
    """A page and what became of it."""

    index: int
    degradation: str
    layout: str
    printed: str
    score: StructureScore


def main() -> None:
    """Read the pages, then print and write the tables."""
    arguments = parsed()
    known = tuple(dict.fromkeys(entry.name for entry in registry().entries("layouts")))
    layouts = tuple(name for each in arguments.layouts for name in (known if each == KNOWN else (each,)))
    recipe = PageRecipe(
        layouts=layouts,
        styles=tuple(arguments.styles),
        paper_speeds_mm_per_s=tuple(arguments.speeds),
        gains_mm_per_mv=tuple(arguments.gains),
        least_dots_per_inch=arguments.dpi[0],
        most_dots_per_inch=arguments.dpi[-1],
    )
    work = partial(
        score_page,
        records=records_of(arguments.data),
        recipe=recipe,
        degradations=tuple(arguments.degradations),
        seed=arguments.seed,
        networks=arguments.networks,
        keep=arguments.keep,
    )
    indices = arguments.only if arguments.only is not None else range(arguments.pages)
    scored = []
    for done in map_items(work, indices, workers=arguments.jobs):
        if done.error is not None:
            raise done.error
        scored.append(done.value)
        tell(done.value)
    scored.sort(key=lambda each: each.index)
    show(scored, arguments.degradations)
    if arguments.json:
        atomic_write_text(arguments.json, json.dumps(as_plain(scored), indent=1) + "\n")


def parsed() -> argparse.Namespace:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300, help="of all degradations together")
    parser.add_argument("--only", type=int, nargs="+", metavar="PAGE", help="read these pages instead, from 0")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes that draw and read pages")
    parser.add_argument("--layouts", nargs="+", default=LAYOUTS, help=f"to choose from; {KNOWN}: all installed")
    parser.add_argument("--styles", nargs="+", default=STYLES, help="to choose from")
    parser.add_argument("--degradations", nargs="+", default=list(AIMS), help=f"in turn; {CLEAN} leaves pages clean")
    parser.add_argument("--speeds", type=float, nargs="+", default=SPEEDS_MM_PER_S, help="in mm/s, to choose from")
    parser.add_argument("--gains", type=float, nargs="+", default=GAINS_MM_PER_MV, help="in mm/mV, to choose from")
    parser.add_argument("--dpi", type=float, nargs="+", default=(150.0, 250.0), help="least and most resolution")
    parser.add_argument("--data", type=Path, help="folder of recordings to print; made-up ones by default")
    parser.add_argument("--networks", type=Path, help="folder of other networks than the shipped ones")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write pictures of the pages here that are not right")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write pages and counts here, too")
    return parser.parse_args()


def records_of(folder: Path | None) -> Sequence[Record]:
    """The recordings of a folder, or made-up ones."""
    return MadeUpRecords() if folder is None else RecordFiles(find_records(folder))


def score_page(
    index: int,
    *,
    records: Sequence[Record],
    recipe: PageRecipe,
    degradations: Sequence[str],
    seed: int,
    networks: Path | None,
    keep: Path | None,
) -> Scored:
    """Draw a page and read it."""
    degradation = degradations[index % len(degradations)]
    pages = EndlessPages(records, attrs.evolve(recipe, degradations=(degradation,)), seed=seed)
    sample = pages.sample(index)
    printed = PrintedStructure.of_page(sample.flat)
    score = score_structure(printed, read_structure(sample.page.image, networks))
    if keep and score.outcome != "right":
        keep.mkdir(parents=True, exist_ok=True)
        write_picture(keep / f"page-{index}.png", sample.page.image)
    return Scored(
        index=index,
        degradation=degradation,
        layout=sample.flat.layout,
        printed=" / ".join(" ".join(row) for row in printed.rows),
        score=score,
    )


def read_structure(image: np.ndarray, networks: Path | None) -> ReadStructure | None:
    """What is read of a picture; None where it is no page that can be read."""
    options = PluginOptions("digitizers", {"neural": NeuralOptions(networks=networks)})
    try:
        return ReadStructure.of(digitize(image, method="neural", digitizers=options))
    except DataError:
        return None


def tell(scored: Scored) -> None:
    """Say of a page that is not right what is wrong with it, while the others are read."""
    if scored.score.outcome != "right":
        text = f"page {scored.index} ({scored.degradation}), {scored.printed}: {scored.score.outcome}, "
        print(text + "; ".join(scored.score.faults), file=sys.stderr, flush=True)


def show(scored: Sequence[Scored], degradations: Sequence[str]) -> None:
    """Print the counts by degradation and by layout, and what was wrong how often."""
    print(ROW.format("", "aim", *structure_counts([])))
    for name in dict.fromkeys(degradations):
        aim = f"{AIMS[name]:.0%}" if name in AIMS else ""
        show_row(name, [each for each in scored if each.degradation == name], aim)
    layouts = sorted({each.layout for each in scored})
    if 1 < len(layouts) < len(scored):
        for name in layouts:
            show_row(name, [each for each in scored if each.layout == name])
    show_row("all", scored)
    found = Counter(kind_of(fault) for each in scored for fault in each.score.faults)
    print("not as printed: " + (", ".join(f"{kind} {number}" for kind, number in found.most_common()) or "nothing"))


def kind_of(fault: str) -> str:
    """In a word, what a fault is about."""
    kinds = {"rows": "rows", "refused": "refused", "no rows": "rows"}
    words = fault.split()
    return kinds.get(words[0]) or ("speed" if "mm/s" in words else "gain" if "mm/mV" in words else "times")


def show_row(name: str, scored: Sequence[Scored], aim: str = "") -> None:
    """Print the counts of some pages."""
    values = {key: f"{value:.1%}" if key == "share" else value for key, value in counts(scored).items()}
    print(ROW.format(name[:28], aim, *values.values()))


def counts(scored: Sequence[Scored]) -> dict[str, float]:
    """The counts of some pages."""
    return structure_counts([each.score for each in scored])


def as_plain(scored: Sequence[Scored]) -> Mapping[str, Any]:
    """Pages and counts for JSON."""
    degradations = dict.fromkeys(each.degradation for each in scored)
    own = {name: [each for each in scored if each.degradation == name] for name in degradations}
    return {
        "aims": AIMS,
        "all": counts(scored),
        "degradations": {name: counts(pages) for name, pages in own.items()},
        "pages": [attrs.asdict(each) for each in scored],
    }


if __name__ == "__main__":
    main()
