"""Accuracy of `ecg digitize` on real pages, and on pages rendered from real recordings.

`--data DIR` is a folder with `pages/scans`, `pages/pdf`, `pages/photos` (pictures beside WFDB records of the same name)
and `pool/ptbxl.npz` (12-lead recordings, `delta_uV` of shape (records, 12, 5000) at 500 Hz). It is no part of the
repository. The score is the competition SNR, see `ecg_core.metrics.snr`; a page that is not read counts as zeros.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ecg_core import Record, competition_snr
from ecg_core.errors import EcgError
from ecg_core.execution import map_items
from ecg_core.leads import STANDARD_LEADS
from ecg_core.metrics.snr import PageSnr, mean_snr_db, restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.plugins.registry import registry
from ecg_core.protocols import Outcome
from ecg_digitize import digitize_page
from ecg_digitize.batch import ReadingConfig
from ecg_digitize.evaluate import score_page
from ecg_digitize.matching import match_truth
from ecg_digitize.pages import find_page_files
from ecg_render import render_page

POOL_RATE_HZ = 500.0
SCAN_PAIRS = {"90037": "02132_lr", "90043": "10173_lr", "90054": "17583_lr"}
"""Scans whose names do not say which recording they show."""


def pool_records(file: Path, count: int) -> Iterator[Record]:
    """Records spread evenly over the pool."""
    signals_uv = np.cumsum(np.load(file)["delta_uV"].astype(np.int32), axis=2)
    for index in np.linspace(0, len(signals_uv) - 1, count).round().astype(int):
        yield Record(
            signal_mv=signals_uv[index] / 1000.0,
            sampling_rate_hz=POOL_RATE_HZ,
            lead_names=STANDARD_LEADS,
            name=str(index),
        )


def score_rendered(record: Record, *, dots_per_inch: float, degradation: str | None) -> tuple[str, PageSnr, float]:
    """Print a record, read it back, and score it; with its name and the seconds that reading took."""
    page = render_page(record, dots_per_inch=dots_per_inch)
    if degradation:
        page = registry().load("degradations", degradation)(page, int(record.name))
    truth = restrict_to_layout(record, LAYOUT_3X4_1R)
    start_s = time.perf_counter()
    try:
        estimate = digitize_page(page.image).record
    except EcgError:
        estimate = Record(signal_mv=np.zeros((12, 5000)), sampling_rate_hz=POOL_RATE_HZ, lead_names=STANDARD_LEADS)
    return record.name, competition_snr(truth, estimate), time.perf_counter() - start_s


def values(outcomes: Iterable[Outcome]) -> list[Any]:
    """Every value; an error that is no refusal of a page is a fault of the code, and ends the benchmark."""
    found = []
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
        found.append(outcome.value)
    return found


def report_rendered(args: argparse.Namespace) -> None:
    """Score rendered pages of the pool."""
    work = partial(score_rendered, dots_per_inch=args.dpi, degradation=args.degrade)
    records = pool_records(args.data / "pool" / "ptbxl.npz", args.records)
    results = values(map_items(work, records, workers=args.workers))
    scores = sorted(results, key=lambda result: result[1].ratio)
    if args.verbose:
        for name, snr, _ in scores:
            print(f"    {name:>12} {snr.db:7.2f}")
    title = f"rendered, {args.degrade or 'clean'}, {args.dpi:g} dpi"
    _print_row(title, [snr for _, snr, _ in scores], [seconds for *_, seconds in scores])


def report_real(folder: Path, args: argparse.Namespace) -> None:
    """Score the real pages of a folder."""
    files = find_page_files([folder])
    if folder.name == "scans":
        truths = {file: folder / f"{SCAN_PAIRS[file.stem]}.hea" for file in files}
    else:
        truths = match_truth(files, folder)
    work = partial(score_page, reader=ReadingConfig().reader(), layout=LAYOUT_3X4_1R)
    start_s = time.perf_counter()
    scores = values(map_items(work, truths.items(), workers=args.workers))
    seconds = (time.perf_counter() - start_s) * args.workers / len(files)
    for score in sorted(scores, key=lambda score: score.page):
        reason = f"  {score.error}" if score.error else ""
        print(f"    {score.page.name:>20} {score.snr.db:7.2f} {score.verdict}{reason}"[:160])
    _print_row(folder.name, [score.snr for score in scores], [seconds])


def _print_row(title: str, scores: list[PageSnr], seconds: list[float]) -> None:
    decibels = [score.db for score in scores]
    print(
        f"{title:28} pages {len(scores):4}  mean {mean_snr_db(scores):6.2f} dB  median {median(decibels):6.2f} dB  "
        f"worst {min(decibels):6.2f} dB  {median(seconds):5.2f} s a page"
    )


def main() -> None:
    """Report what is asked for; everything by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=["scans", "pdf", "photos", "rendered"])
    parser.add_argument("--records", type=int, default=50, help="recordings of the pool to render")
    parser.add_argument("--dpi", type=float, default=200.0)
    parser.add_argument("--degrade", help="degradation of the rendered pages, scan for example")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="every rendered page, too")
    args = parser.parse_args()
    chosen = args.only or ["scans", "pdf", "photos", "rendered"]
    for kind in chosen:
        if kind == "rendered":
            report_rendered(args)
        else:
            report_real(args.data / "pages" / kind, args)


if __name__ == "__main__":
    main()
