"""How often the layout of a page is found by itself, and its speed and gain, for everything that ecg-render draws.

Clean pages of random style at 200 dpi, or as a degradation leaves them. `--data DIR` is a folder with recordings in any
format; it is no part of the repository.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import attrs
import numpy as np

from ecg_core import read_record
from ecg_core.config import PluginOptions
from ecg_core.errors import EcgError
from ecg_core.execution import map_items
from ecg_core.formats import find_records
from ecg_core.paper import Layout, PaperSpec, fitting
from ecg_core.plugins.registry import registry
from ecg_digitize import digitize
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_render import render_page
from ecg_render.endless import CLEAN
from ecg_render.styles import style_by_name

SCALES = {"": PaperSpec(), "50 mm/s": PaperSpec(speed_mm_per_s=50.0)}
SCALES |= {f"{gain:g} mm/mV": PaperSpec(gain_mm_per_mv=gain) for gain in (5.0, 20.0)}


@attrs.frozen(kw_only=True)
class Try:
    """A page to print and read."""

    layout: str
    scale: str
    location: str
    seed: int


def outcome(each: Try, *, degradation: str, networks: Path | None) -> str:
    """``right``, or what was wrong with the page that was read."""
    paper = SCALES[each.scale]
    layout: Layout = fitting(registry().load("layouts", each.layout), paper)
    style = style_by_name("random", np.random.default_rng(each.seed))
    if each.scale:
        pulse = attrs.evolve(style.pulse, rows="every", line_mm=max(style.pulse.line_mm, 0.3))
        style = attrs.evolve(style, pulse=pulse)
    record = read_record(each.location)
    page = render_page(record, layout=layout, paper=paper, style=style, dots_per_inch=200.0, seed=each.seed)
    if degradation != CLEAN:
        page = registry().load("degradations", degradation)(page, each.seed)
    try:
        options = PluginOptions("digitizers", {"neural": NeuralOptions(networks=networks)})
        quality = digitize(page.image, method="neural", digitizers=options).quality
    except EcgError as error:
        return f"refused: {str(error)[:60]}"
    found: Layout = registry().load("layouts", quality.layout)
    if [(one.lead, one.row) for one in found.segments] != [(one.lead, one.row) for one in layout.segments]:
        return f"layout {quality.layout}"
    scale = quality.paper
    if (scale.speed_mm_per_s, scale.gain_mm_per_mv) != (paper.speed_mm_per_s, paper.gain_mm_per_mv):
        told = " assumed, with a warning" if "assumed" in (scale.speed_from, scale.gain_from) else ""
        return f"{scale.speed_mm_per_s:g} mm/s, {scale.gain_mm_per_mv:g} mm/mV{told}"
    return "right"


def main() -> None:
    """Report each layout, then each scale on the standard layout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tries", type=int, default=200, help="pages of all layouts together")
    parser.add_argument("--scale-tries", type=int, default=20, help="pages of each scale")
    parser.add_argument("--degradation", default=CLEAN)
    parser.add_argument("--networks", type=Path, help="folder of other networks than the shipped ones")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    locations = [str(location) for location in find_records(args.data)]
    layouts = [entry.name for entry in registry().entries("layouts")]
    rng = np.random.default_rng(0)
    picked = rng.choice(locations, args.tries + args.scale_tries * len(SCALES))
    tries = [
        Try(layout=layouts[number % len(layouts)], scale="", location=str(picked[number]), seed=number)
        for number in range(args.tries)
    ]
    tries += [
        Try(layout="3x4+1R", scale=scale, location=str(picked[args.tries + number]), seed=number)
        for scale in list(SCALES)[1:]
        for number in range(args.scale_tries)
    ]
    work = partial(outcome, degradation=args.degradation, networks=args.networks)
    counts: dict[str, Counter[str]] = {}
    for done in map_items(work, tries, workers=args.workers):
        if done.error is not None:
            raise done.error
        name = done.item.scale or done.item.layout
        counts.setdefault(name, Counter())[done.value] += 1
        if done.value != "right":
            print(f"{name}, seed {done.item.seed}, {done.item.location}: {done.value}", file=sys.stderr, flush=True)
    for name, found in counts.items():
        wrong = {what: number for what, number in found.items() if what != "right"}
        print(f"{name:20} {found['right']:3} of {found.total():3}  {wrong or ''}")
    of_layouts = sum((counts[name] for name in layouts if name in counts), Counter())
    print(f"layouts: {of_layouts['right']} of {of_layouts.total()} ({of_layouts['right'] / of_layouts.total():.1%})")


if __name__ == "__main__":
    main()
