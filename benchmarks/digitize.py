"""How well, how fast and with how much memory `ecg digitize` reads pages, method by method.

`--data DIR` is a folder with `pages/scans`, `pages/pdf`, `pages/photos` (pictures beside WFDB records of the same name)
and `records/ptbxl_500hz`, `records/cpsc2018`, `records/georgia` (recordings that no shipped network was trained on).
It is no part of the repository. The score is the competition SNR, see `ecg_core.metrics.snr`; a page that is not read
counts as zeros. Rendered pages have a random style and 200 dpi.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Iterable, Sequence
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np

from ecg_core.config import structure
from ecg_core.execution import map_items
from ecg_core.formats import find_records
from ecg_core.protocols import Outcome
from ecg_digitize.evaluation.score import PageScore, PrintedPage, RealPage
from ecg_digitize.evaluation.tables import figures
from ecg_digitize.pages.files import find_page_files
from ecg_digitize.pages.truth import match_truth
from ecg_digitize.tasks.options import ReadingOptions
from ecg_render.degradations.chain import CLEAN

RECORD_FOLDERS = ("ptbxl_500hz", "cpsc2018", "georgia")
SCAN_PAIRS = {"90037": "02132_lr", "90043": "10173_lr", "90054": "17583_lr"}
"""Scans whose names do not say which recording they show."""

HEAD = ("method", "pages", "n", "mean dB", "median", "worst", "worst good", "good", "doubtful", "refused", "s/page")
FIGURES = (
    "number",
    "mean_snr_db",
    "median_snr_db",
    "worst_snr_db",
    "worst_good_snr_db",
    "good",
    "doubtful",
    "refused",
    "median_seconds",
)
TABLE = "{:14} {:15} {:>4} {:>8} {:>7} {:>7} {:>10} {:>5} {:>8} {:>7} {:>6}"
REAL = ("scans", "pdf", "photos")


def held_out_records(folder: Path, count: int) -> list[str]:
    """Records spread evenly over the folders."""
    found = [str(path) for name in RECORD_FOLDERS for path in find_records(folder / name)]
    return [found[index] for index in np.linspace(0, len(found) - 1, min(count, len(found))).round().astype(int)]


def values(outcomes: Iterable[Outcome]) -> list[Any]:
    """Every value; an error that is no refusal of a page is a fault of the code, and ends the benchmark."""
    found = []
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
        found.append(outcome.value)
    return found


def pages_of(kind: str, args: argparse.Namespace) -> list[RealPage | PrintedPage]:
    """The real pages of a folder, or recordings to print."""
    if kind not in REAL:
        degradation = CLEAN if kind == "clean" else kind
        locations = held_out_records(args.data / "records", args.records)
        return [PrintedPage(location, degradation, 200.0) for location in locations]
    folder = args.data / "pages" / kind
    files = find_page_files([folder])
    if kind == "scans":
        return [RealPage(file, folder / f"{SCAN_PAIRS[file.stem]}.hea") for file in files]
    return [RealPage(file, truth) for file, truth in match_truth(files, folder).items()]


def report(method: str, kind: str, scores: Sequence[PageScore], *, verbose: bool) -> None:
    """One line of figures; every page before it where asked."""
    if verbose:
        for score in sorted(scores, key=lambda score: score.snr.ratio):
            print(f"    {score.page:>22} {score.snr.db:7.2f} {score.verdict:9} {score.error or ''}"[:150])
    found = figures(scores)
    print(TABLE.format(method, kind, *(f"{found[name]}" for name in FIGURES)), flush=True)


def readers(args: argparse.Namespace) -> dict[str, Any]:
    """What reads pages, by a name for the table."""
    made = {}
    for method in args.methods:
        for engine in args.engines if method == "neural" else args.engines[:1]:
            neural = {"engine": engine} | ({"networks": str(args.networks)} if args.networks else {})
            options = {"method": method, "layout": args.layout, "digitizers": {"neural": neural}}
            config = structure(ReadingOptions, options)
            made[f"{method} {engine}" if method == "neural" else method] = config.reader()
    return made


def main() -> None:
    """Report what is asked for; everything by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--methods", nargs="+", default=["auto"], help="digitizers, or auto")
    parser.add_argument("--engines", nargs="+", default=["onnx"], help="onnx, torch")
    parser.add_argument("--networks", type=Path, help="folder of other networks than the shipped ones")
    parser.add_argument("--layout", default="auto")
    parser.add_argument(
        "--pages", nargs="+", default=["clean", "scan", "phone", *REAL], help="degradations, or real pages"
    )
    parser.add_argument("--records", type=int, default=40, help="recordings to render")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="every page, too")
    args = parser.parse_args()
    print(TABLE.format(*HEAD))
    for name, reader in readers(args).items():
        for kind in args.pages:
            work = methodcaller("score", reader)
            scores = values(map_items(work, pages_of(kind, args), workers=args.workers))
            report(name, kind, scores, verbose=args.verbose)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name}: peak memory of the process so far {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
