"""Task ``digitize.evaluate``: the competition's SNR of pages whose recordings are known, also lead by lead."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import attrs
import numpy as np

from ecg_core import Record, competition_snr, read_record
from ecg_core.atomic import atomic_write_text
from ecg_core.config import option
from ecg_core.errors import ConfigError, EcgError
from ecg_core.execution import map_items
from ecg_core.leads import STANDARD_LEADS
from ecg_core.metrics.snr import PageSnr, mean_snr_db, restrict_to_layout
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_core.progress import progress
from ecg_core.run import Failure, RunContext, TaskResult
from ecg_digitize.batch import ReadingConfig
from ecg_digitize.matching import match_truth
from ecg_digitize.pages import find_page_files, load_pages

MAX_PAGES_SHOWN = 50


@attrs.frozen(kw_only=True)
class EvaluateConfig(ReadingConfig):
    """Options of `digitize.evaluate`."""

    pages: tuple[str, ...] = option(help="pages, or folders of them; the first page of each file counts")
    truth: Path = option(help="folder of the recordings that the pages were printed from")
    printed_layout: str = option("3x4+1R", help="layout that the pages really have: only what it shows is compared")
    pairs: Path | None = option(None, help="CSV with the columns page,truth where the names do not say it")


@attrs.frozen
class PageScore:
    """Score of one page; ``error`` says why it could not be read, and it then counts as zeros."""

    page: Path
    truth: Path
    snr: PageSnr
    verdict: str
    error: EcgError | None = None


def run(config: EvaluateConfig, context: RunContext) -> TaskResult:
    """Score every page, write ``snr.csv`` and ``snr.json`` to the run folder, and name the pages that were not read.

    Raises:
        ConfigError: no pages named.
        DataError: a page has no recording.
        PluginError: no such layout.
    """
    if not config.pages:
        raise ConfigError("pages: name at least one page or folder of pages")
    pairs = match_truth(find_page_files(config.pages), config.truth, config.pairs)
    layout: Layout = registry().load("layouts", config.printed_layout)
    work = partial(score_page, reader=config.reader(), layout=layout)
    scores: list[PageScore] = []
    failures: list[Failure] = []
    with progress(len(pairs), "digitize.evaluate", unit="pages") as bar:
        for outcome in map_items(work, pairs.items(), workers=config.workers):
            error = outcome.error or outcome.value.error
            if outcome.value:
                scores.append(outcome.value)
            if error:
                failures.append(Failure.from_error(str(outcome.item[0]), error))
            bar.advance()
    scores.sort(key=lambda score: score.page)
    _write_tables(scores, context.out_dir)
    return TaskResult(summary=_summary(scores), failures=failures)


def score_page(item: tuple[Path, Path], *, reader: Any, layout: Layout) -> PageScore:
    """Digitize the first page of a file and compare it with its recording.

    Raises:
        DataError: the recording cannot be read, or shows nothing where the page has its leads.
    """
    page, truth_path = item
    truth = restrict_to_layout(read_record(truth_path), layout)
    try:
        digitization = reader(next(load_pages(page)))
    except EcgError as error:
        return PageScore(page, truth_path, competition_snr(truth, _nothing(truth)), "refused", error)
    return PageScore(page, truth_path, competition_snr(truth, digitization.record), digitization.verdict)


def _nothing(truth: Record) -> Record:
    return attrs.evolve(truth, signal_mv=np.full_like(truth.signal_mv, np.nan))


def _write_tables(scores: Sequence[PageScore], out_dir: Path) -> None:
    rows = [_row(score) for score in scores]
    table = io.StringIO()
    writer = csv.DictWriter(
        table, fieldnames=["page", "truth", "verdict", "snr_db", *STANDARD_LEADS], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    atomic_write_text(out_dir / "snr.csv", table.getvalue())
    atomic_write_text(out_dir / "snr.json", json.dumps({"pages": rows, **_figures(scores)}, indent=2) + "\n")


def _row(score: PageScore) -> dict[str, Any]:
    leads = {lead: round(db, 2) for lead, db in score.snr.lead_db.items() if lead in STANDARD_LEADS}
    head = {"page": score.page.name, "truth": score.truth.name, "verdict": score.verdict}
    return {**head, "snr_db": round(score.snr.db, 2), **leads}


def _figures(scores: Sequence[PageScore]) -> dict[str, float]:
    if not scores:
        return {}
    return {
        "mean_snr_db": round(mean_snr_db(score.snr for score in scores), 2),
        "median_snr_db": round(median(score.snr.db for score in scores), 2),
    }


def _summary(scores: Sequence[PageScore]) -> dict[str, Any]:
    summary: dict[str, Any] = {"pages": len(scores), "not read": sum(score.error is not None for score in scores)}
    if len(scores) <= MAX_PAGES_SHOWN:
        summary["snr_db"] = {score.page.name: _as_text(score) for score in scores}
    return summary | _figures(scores)


def _as_text(score: PageScore) -> str:
    leads = " ".join(f"{lead} {db:.1f}" for lead, db in score.snr.lead_db.items())
    return f"{score.snr.db:.2f} ({score.verdict}; {leads})"
