"""Pages a second on one core, clean and as a scan, for standard pages of 2200 x 1700 pixels.

Run by `python benchmarks/render_pages.py [--pages N]`; it needs no data. Time is processor time of one thread, so that
other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render import degrade_as_scan, render_page
from ecg_render.tasks.pages import write_png

NUM_RECORDS = 8


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=40, help="pages a measurement (default: 40)")
    num_pages = parser.parse_args().pages
    cv2.setNumThreads(1)
    records = [synthesize_record(seed=seed) for seed in range(NUM_RECORDS)]
    print(f"{'':28}{'ms a page':>10}{'pages/s':>10}")
    with TemporaryDirectory() as folder:
        png = Path(folder) / "page.png"
        report("clean", records, num_pages, render_page)
        report("clean, written as PNG", records, num_pages, lambda record: write_png(png, render_page(record).image))
        report("scan", records, num_pages, lambda record: degrade_as_scan(render_page(record), 0))


def report(name: str, records: Sequence[Record], num_pages: int, draw: Callable[[Record], object]) -> None:
    """Print the mean time of a page, after one to warm up."""
    draw(records[0])
    start_s = time.process_time()
    for record in itertools.islice(itertools.cycle(records), num_pages):
        draw(record)
    page_s = (time.process_time() - start_s) / num_pages
    print(f"{name:28}{1000 * page_s:10.1f}{1 / page_s:10.1f}")


if __name__ == "__main__":
    main()
