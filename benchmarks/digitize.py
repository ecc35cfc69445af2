"""How well, how fast and with how much memory `ecg digitize` reads pages, method by method.

`--data DIR` is a folder with `pages/scans`, `pages/pdf`, `pages/photos` (pictures beside WFDB records of the same name)
and `records/ptbxl_500hz`, `records/cpsc2018`, `records/georgia` (recordings that no shipped network was trained on).
It is no part of the repository. The score is the competition SNR, see `ecg_core.metrics.snr`; a page that is not read
counts as zeros. Rendered pages have a random style and 200 dpi.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import attrs
import numpy as np

from ecg_core import Record, competition_snr, read_record
from ecg_core.errors import EcgError
from ecg_core.execution import map_items
from ecg_core.formats import find_records
from ecg_core.leads import STANDARD_LEADS
from ecg_core.metrics.snr import PageSnr, mean_snr_db, restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.plugins.registry import registry
from ecg_core.protocols import Outcome
from ecg_digitize.batch import ReadingConfig
from ecg_digitize.evaluate import score_page
from ecg_digitize.matching import match_truth
from ecg_digitize.pages import find_page_files
from ecg_render import render_page
from ecg_render.styles import style_by_name

RECORD_FOLDERS = ("ptbxl_500hz", "cpsc2018", "georgia")
SCAN_PAIRS = {"90037": "02132_lr", "90043": "10173_lr", "90054": "17583_lr"}
"""Scans whose names do not say which recording they show."""

HEAD = ("method", "pages", "n", "mean dB", "median", "worst", "worst good", "good", "doubtful", "refused", "s/page")
TABLE = "{:14} {:15} {:>4} {:>8} {:>7} {:>7} {:>10} {:>5} {:>8} {:>7} {:>6}"
REAL = ("scans", "pdf", "photos")


@attrs.frozen
class Score:
    """What became of a page."""

    name: str
    snr: PageSnr
    verdict: str
    seconds: float
    error: str = ""


def held_out_records(folder: Path, count: int) -> list[str]:
    """Records spread evenly over the folders."""
    found = [str(path) for name in RECORD_FOLDERS for path in find_records(folder / name)]
    return [found[index] for index in np.linspace(0, len(found) - 1, min(count, len(found))).round().astype(int)]


def score_rendered(location: str, *, degradation: str, reader: Any) -> Score:
    """Print a record, read it back, and score it."""
    record = read_record(location)
    seed = sum(map(ord, location.rpartition("/")[2]))
    page = render_page(
        record, style=style_by_name("random", np.random.default_rng(seed)), dots_per_inch=200.0, seed=seed
    )
    if degradation != "clean":
        page = registry().load("degradations", degradation)(page, seed)
    truth = restrict_to_layout(record, LAYOUT_3X4_1R)
    start_s = time.perf_counter()
    verdict, error = "refused", ""
    try:
        result = reader(page.image)
        estimate, verdict = result.record, result.verdict
    except EcgError as caught:
        estimate = Record(signal_mv=np.zeros((12, 5000)), sampling_rate_hz=500.0, lead_names=STANDARD_LEADS)
        error = str(caught)
    seconds = time.perf_counter() - start_s
    return Score(record.name, competition_snr(truth, estimate), verdict, seconds, error)


def score_real(item: tuple[Path, Path], *, reader: Any) -> Score:
    """Read a page from its file and score it."""
    start_s = time.perf_counter()
    score = score_page(item, reader=reader, layout=LAYOUT_3X4_1R)
    seconds = time.perf_counter() - start_s
    return Score(score.page.name, score.snr, score.verdict, seconds, str(score.error or ""))


def values(outcomes: Iterable[Outcome]) -> list[Any]:
    """Every value; an error that is no refusal of a page is a fault of the code, and ends the benchmark."""
    found = []
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
        found.append(outcome.value)
    return found


def score_kind(kind: str, args: argparse.Namespace, reader: Any) -> list[Score]:
    """Scores of the real pages of a folder, or of rendered ones."""
    if kind not in REAL:
        work: Any = partial(score_rendered, degradation=kind, reader=reader)
        return values(map_items(work, held_out_records(args.data / "records", args.records), workers=args.workers))
    folder = args.data / "pages" / kind
    files = find_page_files([folder])
    if kind == "scans":
        truths = {file: folder / f"{SCAN_PAIRS[file.stem]}.hea" for file in files}
    else:
        truths = match_truth(files, folder)
    return values(map_items(partial(score_real, reader=reader), truths.items(), workers=args.workers))


def report(method: str, kind: str, scores: Sequence[Score], *, verbose: bool) -> None:
    """One line of figures; every page before it where asked."""
    if verbose:
        for score in sorted(scores, key=lambda score: score.snr.ratio):
            print(f"    {score.name:>22} {score.snr.db:7.2f} {score.verdict:9} {score.error}"[:150])
    decibels = [score.snr.db for score in scores]
    good = [score.snr.db for score in scores if score.verdict == "good"]
    verdicts = Counter(score.verdict for score in scores)
    cells = [method, kind, str(len(scores))]
    cells += [f"{mean_snr_db(score.snr for score in scores):.2f}", f"{median(decibels):.2f}", f"{min(decibels):.2f}"]
    cells += [f"{min(good, default=float('nan')):.2f}"]
    cells += [str(verdicts[verdict]) for verdict in ("good", "doubtful", "refused")]
    cells += [f"{median(score.seconds for score in scores):.2f}"]
    print(TABLE.format(*cells), flush=True)


def readers(args: argparse.Namespace) -> dict[str, Any]:
    """What reads pages, by a name for the table."""
    made = {}
    for method in args.methods:
        for engine in args.engines if method == "neural" else args.engines[:1]:
            config = ReadingConfig(method=method, engine=engine, networks=args.networks, layout=args.layout)
            made[f"{method} {engine}" if method == "neural" else method] = config.reader()
    return made


def main() -> None:
    """Report what is asked for; everything by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--methods", nargs="+", default=["neural", "classical"])
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
            report(name, kind, score_kind(kind, args, reader), verbose=args.verbose)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name}: peak memory of the process so far {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
