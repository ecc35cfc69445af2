"""Pages a second on one core, for standard pages of 2200 x 1700 pixels with all masks and keypoints.

Usage: python benchmarks/render.py [--pages N] [--ecg-image-kit FOLDER --kit-python PYTHON]

It needs no data. Time is processor time of one thread, so that other work on the machine does not count. The peer is
ecg-image-kit, by its published 0.6 s a page, and by a run of its own where its folder `codes/ecg-image-generator` and
a Python that has its requirements are given. Memory is the peak of a fresh process that draws pages as `phone`.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from ecg_core.formats import write_record
from ecg_core.pictures import write_mask, write_picture
from ecg_core.plugins.registry import registry
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render import Page, render_page
from ecg_render.targets import column_targets

NUM_RECORDS = 8
PUBLISHED_KIT_S = 0.6
PEER = Path(__file__).parent / "peers" / "ecg_image_kit.py"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=40, help="pages a measurement (default: 40)")
    parser.add_argument("--ecg-image-kit", type=Path, help="its folder codes/ecg-image-generator")
    parser.add_argument("--kit-python", default=sys.executable, help="a Python that has its requirements")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    records = [synthesize_record(seed=seed) for seed in range(NUM_RECORDS)]
    print(f"{'':34}{'ms a page':>10}{'pages/s':>10}{'times the published kit':>26}")
    with TemporaryDirectory() as folder:
        measure("clean, all masks", records, options.pages, everything)
        measure("clean, with column targets", records, options.pages, with_targets)
        measure("clean, picture and mask as PNG", records, options.pages, lambda record: written(record, Path(folder)))
        for preset in ("scan", "phone", "phone-crumpled", "screen"):
            measure(f"{preset}, all masks", records, options.pages, degraded_by(preset))
        report("ecg-image-kit, as published", PUBLISHED_KIT_S)
        if options.ecg_image_kit:
            report("ecg-image-kit, its own run here", kit_page_s(options.ecg_image_kit, options.kit_python, folder))
    print(f"\npeak memory of a process that draws `phone` pages: {peak_memory_mb():.0f} MB")


def everything(record: Record) -> Page:
    """A page and its three masks; keypoints and coordinates come with it."""
    return masked(render_page(record))


def masked(page: Page) -> Page:
    """The page, its masks worked out."""
    assert page.class_mask.any() and page.trace_mask.any() and page.grid_mask.any()
    return page


def with_targets(record: Record) -> None:
    """A page, its masks and the voltage of every column."""
    column_targets(everything(record))


def written(record: Record, folder: Path) -> None:
    """A page whose picture and class mask go to disk."""
    page = render_page(record)
    write_picture(folder / "page.png", page.image)
    write_mask(folder / "page_mask.png", page.class_mask)


def degraded_by(preset: str) -> Callable[[Record], Page]:
    """Draw and degrade, a new seed each time."""
    degrade = registry().load("degradations", preset)
    seeds = itertools.count()
    return lambda record: masked(degrade(render_page(record), next(seeds)))


def measure(name: str, records: Sequence[Record], num_pages: int, draw: Callable[[Record], object]) -> None:
    """Print the mean time of a page, after one to warm up."""
    draw(records[0])
    start_s = time.process_time()
    for record in itertools.islice(itertools.cycle(records), num_pages):
        draw(record)
    report(name, (time.process_time() - start_s) / num_pages)


def report(name: str, page_s: float) -> None:
    """Print a line of the table."""
    print(f"{name:34}{1000 * page_s:10.1f}{1 / page_s:10.1f}{PUBLISHED_KIT_S / page_s:26.1f}", flush=True)


def kit_page_s(kit: Path, python: str, folder: str) -> float:
    """Processor seconds a page of ecg-image-kit's own run."""
    record = Path(folder) / "record.hea"
    write_record(synthesize_record(seed=0), record)
    words = [python, str(PEER), str(kit), str(record), "5"]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1])


def peak_memory_mb() -> float:
    """Of a fresh process that draws a few degraded pages."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_draw_and_weigh)


def _draw_and_weigh() -> float:
    cv2.setNumThreads(1)
    draw = degraded_by("phone")
    for seed in range(5):
        draw(synthesize_record(seed=seed))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
