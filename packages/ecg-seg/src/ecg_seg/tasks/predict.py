"""Task `seg.predict`: pictures of pages to masks, with overlays to look at."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from ecg_core.atomic import atomic_path, atomic_write_text
from ecg_core.backends import open_backend
from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import EcgError
from ecg_core.pictures import read_picture, write_mask, write_picture
from ecg_core.progress import progress
from ecg_core.stems import assign_stems
from ecg_core.tiles import Tiling
from ecg_seg.inputs import find_pictures
from ecg_seg.overlay import draw_overlay
from ecg_seg.segmenter import LONG_SIDE_PX, Segmentation, Segmenter
from ecg_seg.weights import DEFAULT

if TYPE_CHECKING:
    from ecg_core.protocols import Backend

MASK_SUFFIX = "_classes.png"
OVERLAY_SUFFIX = "_overlay.jpg"
PROBABILITIES_SUFFIX = "_probabilities.npz"


@attrs.frozen(kw_only=True)
class SegPredictConfig:
    """Options of `seg.predict`."""

    input: tuple[str, ...] = option((), help="pictures of pages: PNG, JPEG, TIFF, BMP, WebP, or folders of them")
    weights: str = option(DEFAULT, help="shipped weights by name, a run folder of seg.train, or a file of seg.export")
    overlay: bool = option(True, help="write <name>_overlay.jpg: the classes in colour over the page")
    probabilities: bool = option(False, help="write <name>_probabilities.npz: uint8, shape (classes, rows, columns)")
    long_side_px: int = option(LONG_SIDE_PX, help="longer pictures are worked on at this size; 0: never", minimum=0)
    tile_px: int = option(512, help="sides of a tile", unit="px", minimum=64)
    overlap_px: int = option(64, help="what neighbouring tiles share", unit="px", minimum=0)
    overwrite: bool = option(False, help="do pictures again whose mask is there already")


def run(config: SegPredictConfig, context: RunContext) -> TaskResult:
    """Write ``<name>_classes.png``, whose values are the classes, for every picture; see the options for more files.

    A picture whose mask is there already is left alone; one that cannot be read is a failure and stops nothing.

    Raises:
        ConfigError: no input, or weights that are not there.
        DataError: a folder holds no picture.
        EcgError: the weights are damaged, or the backend is not here.
    """
    stems = assign_stems(find_pictures(config.input))
    return open_backend(context.backend).launch(_predict, config, context, stems, devices=1)


def _predict(backend: Backend, config: SegPredictConfig, context: RunContext, stems: dict[Path, str]) -> TaskResult:
    backend.setup(seed=context.seed)
    try:
        segmenter = Segmenter.load(
            config.weights,
            backend=backend,
            precision=context.precision,
            tiling=Tiling(size_px=config.tile_px, overlap_px=config.overlap_px),
        )
        return _predict_all(segmenter, config, context, stems)
    finally:
        backend.close()


def _predict_all(
    segmenter: Segmenter, config: SegPredictConfig, context: RunContext, stems: dict[Path, str]
) -> TaskResult:
    failures: list[Failure] = []
    counts: Counter[str] = Counter()
    with progress(len(stems), context.task, unit="pages") as bar:
        for picture, stem in stems.items():
            if (context.out_dir / f"{stem}{MASK_SUFFIX}").exists() and not config.overwrite:
                counts["already there"] += 1
            else:
                try:
                    _predict_one(segmenter, config, picture, context.out_dir / stem)
                    counts["segmented"] += 1
                except EcgError as error:
                    failures.append(Failure.from_error(str(picture), error))
            bar.advance()
    return TaskResult(summary=_summary(counts, segmenter, context.out_dir), failures=failures)


def _predict_one(segmenter: Segmenter, config: SegPredictConfig, picture: Path, target: Path) -> None:
    image = read_picture(picture)
    seen = segmenter.segment(image, long_side_px=config.long_side_px)
    if config.overlay:
        write_picture(_beside(target, OVERLAY_SUFFIX), draw_overlay(image, seen.mask, seen.classes))
    if config.probabilities:
        _write_probabilities(_beside(target, PROBABILITIES_SUFFIX), seen)
    write_mask(_beside(target, MASK_SUFFIX), seen.mask)


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(target.name + suffix)


def _write_probabilities(path: Path, seen: Segmentation) -> None:
    """Write the probabilities in steps of 1/255, at the size of the picture that the network saw."""
    steps = np.rint(seen.probabilities * 255).astype(np.uint8)
    with atomic_path(path) as aside, aside.open("wb") as file:
        np.savez_compressed(file, probabilities=steps, classes=np.array(seen.classes.names))


def _summary(counts: Counter[str], segmenter: Segmenter, out_dir: Path) -> dict[str, Any]:
    values = dict(enumerate(segmenter.classes.names))
    atomic_write_text(out_dir / "classes.json", json.dumps(values, indent=2) + "\n")
    return {
        "pages": counts["segmented"],
        **({"already there": counts["already there"]} if counts["already there"] else {}),
        "masks": f"{out_dir}/<name>{MASK_SUFFIX}",
        "values": ", ".join(f"{value} {name}" for value, name in values.items()),
    }
