"""Task `seg.evaluate`: figures of a segmenter on pages rendered from records, or on pictures with masks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ecg_core.atomic import atomic_write_text
from ecg_core.backends import open_backend
from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.formats import find_records
from ecg_core.progress import progress
from ecg_render import EndlessPages, PageRecipe, RecordFiles
from ecg_seg.evaluation import Tally, confusion_table, figures_table
from ecg_seg.pages import PageTruth, PicturesWithMasks, RenderedPages
from ecg_seg.segmenter import LONG_SIDE_PX, Segmenter
from ecg_seg.weights import DEFAULT

if TYPE_CHECKING:
    from ecg_core.protocols import Backend

FIGURES_FILE, TABLE_FILE = "evaluation.json", "evaluation.txt"

Results = dict[str, dict[str, Any]]


@attrs.frozen(kw_only=True)
class SegEvaluateConfig:
    """Options of `seg.evaluate`."""

    weights: str = option(DEFAULT, help="shipped weights by name, a run folder of seg.train, or a file of seg.export")
    records: tuple[str, ...] = option((), help="records to draw pages of: files, or folders with all below them")
    degradations: tuple[str, ...] = option(
        ("none", "scan", "phone"), help="each measured apart; none leaves the page clean"
    )
    num_pages: int = option(20, help="pages of each degradation", minimum=1)
    pages: PageRecipe = option(
        factory=lambda: PageRecipe(layouts=("3x4+1R",), styles=("standard",)),
        help="what the pages vary over, but for their degradations",
    )
    folders: tuple[str, ...] = option(
        (), help="folders with <id>.png and <id>_mask.png, as render.pages makes them, each measured apart"
    )
    long_side_px: int = option(LONG_SIDE_PX, help="longer pictures are worked on at this size; 0: never", minimum=0)


def run(config: SegEvaluateConfig, context: RunContext) -> TaskResult:
    """Write ``evaluation.json`` and ``evaluation.txt``: IoU, Dice, precision and recall of every class, and confusions.

    Raises:
        ConfigError: nothing to measure on, or weights that are not there.
        DataError: no record or picture is found.
        EcgError: the weights are damaged, or the backend is not here.
    """
    if not config.records and not config.folders:
        raise ConfigError("records: name records to render pages of, or folders of pictures with masks by folders=[…]")
    return open_backend(context.backend).launch(_evaluate, config, context, devices=1)


def _evaluate(backend: Backend, config: SegEvaluateConfig, context: RunContext) -> TaskResult:
    backend.setup(seed=context.seed)
    try:
        segmenter = Segmenter.load(config.weights, backend=backend, precision=context.precision)
        return _evaluate_all(segmenter, config, context)
    finally:
        backend.close()


def _evaluate_all(segmenter: Segmenter, config: SegEvaluateConfig, context: RunContext) -> TaskResult:
    kinds = _kinds_of_pages(config, segmenter.classes.kind, context.seed)
    names = segmenter.classes.names
    failures: list[Failure] = []
    results: Results = {}
    with progress(sum(map(len, kinds.values())), context.task, unit="pages") as bar:
        for kind, pages in kinds.items():
            tally = Tally.empty(len(names))
            for number in range(len(pages)):
                try:
                    tally.add(segmenter, pages[number], long_side_px=config.long_side_px)
                except DataError as error:
                    failures.append(Failure(f"{kind}, page {number}", str(error)))
                bar.advance()
            results[kind] = tally.figures(names)
    _write(results, names, context.out_dir)
    return TaskResult(summary=_summary(results, context.out_dir), failures=failures)


def _kinds_of_pages(config: SegEvaluateConfig, kind: str, seed: int) -> dict[str, Sequence[PageTruth]]:
    """The kinds of pages that are measured, each apart, by name."""
    kinds: dict[str, Sequence[PageTruth]] = {}
    if config.records:
        locations = [str(location) for root in config.records for location in find_records(root)]
        if not locations:
            raise DataError(f"records: no record found in {', '.join(config.records)}")
        for degradation in config.degradations:
            recipe = attrs.evolve(config.pages, degradations=(degradation,))
            pages = EndlessPages(RecordFiles(tuple(locations)), recipe, seed=seed)
            kinds[degradation] = RenderedPages(pages, config.num_pages, kind)
    return kinds | {folder: PicturesWithMasks.within(Path(folder)) for folder in config.folders}


def _summary(results: Results, out_dir: Path) -> dict[str, Any]:
    shown = {
        kind: {
            "mean IoU": result["mean_iou"],
            **{f"IoU {name}": figures["iou"] for name, figures in result["classes"].items()},
        }
        for kind, result in results.items()
    }
    return {**shown, "figures": str(out_dir / FIGURES_FILE)}


def _write(results: Results, names: Sequence[str], out_dir: Path) -> None:
    parts = [figures_table(results, names)]
    parts += [f"{kind}\n{confusion_table(result, names)}" for kind, result in results.items()]
    atomic_write_text(out_dir / TABLE_FILE, "\n\n".join(parts) + "\n")
    atomic_write_text(out_dir / FIGURES_FILE, json.dumps(results, indent=2) + "\n")
