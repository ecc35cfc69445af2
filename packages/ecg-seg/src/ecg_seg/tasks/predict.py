"""Task `seg.predict`: pictures of pages to masks, with overlays to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import numpy as np

from ecg_core.atomic import atomic_path, atomic_write_text
from ecg_core.backends import open_backend
from ecg_core.config import option, recipe_of
from ecg_core.context import RunContext, TaskResult
from ecg_core.execution.batch import DONE, Batch, BatchConfig, Item, Part
from ecg_core.execution.outputs import Outputs
from ecg_core.pictures import read_picture, write_mask, write_picture
from ecg_core.tiles import Tiling
from ecg_seg.inputs import find_pictures
from ecg_seg.overlay import draw_overlay
from ecg_seg.segmenter import LONG_SIDE_PX, Segmentation, Segmenter
from ecg_seg.weights import DEFAULT

if TYPE_CHECKING:
    from ecg_core.context import Precision

MASK_SUFFIX = "_classes.png"
OVERLAY_SUFFIX = "_overlay.jpg"
PROBABILITIES_SUFFIX = "_probabilities.npz"


@attrs.frozen(kw_only=True)
class SegPredictConfig(BatchConfig):
    """Options of `seg.predict`."""

    input: tuple[str, ...] = option(
        (), help="pictures of pages: PNG, JPEG, TIFF, BMP, WebP, or folders of them", in_recipe=False
    )
    weights: str = option(DEFAULT, help="shipped weights by name, a run folder of seg.train, or a file of seg.export")
    overlay: bool = option(True, help="write <name>_overlay.jpg: the classes in colour over the page")
    probabilities: bool = option(False, help="write <name>_probabilities.npz: uint8, shape (classes, rows, columns)")
    long_side_px: int = option(LONG_SIDE_PX, help="longer pictures are worked on at this size; 0: never", minimum=0)
    tile_px: int = option(512, help="sides of a tile", unit="px", minimum=64)
    overlap_px: int = option(64, help="what neighbouring tiles share", unit="px", minimum=0)


@attrs.frozen(kw_only=True)
class SegmenterSource:
    """What a segmenter is opened from, in every process anew.

    Attributes:
        weights: as of `SegPredictConfig`.
        backend: name of the backend.
        precision: of the network.
        tiling: how pictures are cut up.
        seed: of the backend.
    """

    weights: str
    backend: str
    precision: Precision
    tiling: Tiling
    seed: int


def run(config: SegPredictConfig, context: RunContext) -> TaskResult:
    """Write ``<name>_classes.png``, whose values are the classes, for every picture; see the options for more files.

    A picture that cannot be read is a failure and stops nothing.

    Raises:
        ConfigError: no input, or weights that are not there.
        DataError: a folder holds no picture.
        EcgError: the weights are damaged, or the backend is not here.
    """
    pictures = find_pictures(config.input)
    source = SegmenterSource(
        weights=config.weights,
        backend=context.backend,
        precision=context.precision,
        tiling=Tiling(size_px=config.tile_px, overlap_px=config.overlap_px),
        seed=context.seed,
    )
    names = open_once(source).classes.names  # what is wrong with weights or backend is told before the first picture
    with Batch(context, {"precision": context.precision, **recipe_of(config)}) as batch:
        items = [Item(source=str(picture), key=stem) for picture, stem in batch.stems(pictures).items()]
        work, warm_up = partial(segment_one, source=source, config=config), partial(open_once, source)
        made = batch.run(work, items, executor=config.executor, unit="pages", warm_up=warm_up)
        values = dict(enumerate(names))
        atomic_write_text(batch.table("classes.json"), json.dumps(values, indent=2) + "\n")
    return made.task_result(
        {
            "pages": made.counts[DONE],
            "masks": f"{context.out_dir}/<name>{MASK_SUFFIX}",
            "values": ", ".join(f"{value} {name}" for value, name in values.items()),
        }
    )


@lru_cache(maxsize=1)
def open_once(source: SegmenterSource) -> Segmenter:
    """The segmenter of this process.

    Raises:
        BackendUnavailable: the backend is not here.
        ConfigError, CheckpointError: the weights are not there, or damaged.
    """
    backend = open_backend(source.backend)
    backend.setup(seed=source.seed)
    return Segmenter.load(source.weights, backend=backend, precision=source.precision, tiling=source.tiling)


def segment_one(item: Item, outputs: Outputs, *, source: SegmenterSource, config: SegPredictConfig) -> Iterator[Part]:
    """Write the files of one picture.

    Raises:
        DataError: it cannot be read.
    """
    image = read_picture(Path(item.source))
    seen = open_once(source).segment(image, long_side_px=config.long_side_px)
    if config.overlay:
        write_picture(outputs.path(f"{item.key}{OVERLAY_SUFFIX}"), draw_overlay(image, seen.mask, seen.classes))
    if config.probabilities:
        _write_probabilities(outputs.path(f"{item.key}{PROBABILITIES_SUFFIX}"), seen)
    write_mask(outputs.path(f"{item.key}{MASK_SUFFIX}"), seen.mask)
    yield Part()


def _write_probabilities(path: Path, seen: Segmentation) -> None:
    """Write the probabilities in steps of 1/255, at the size of the picture that the network saw."""
    steps = np.rint(seen.probabilities * 255).astype(np.uint8)
    with atomic_path(path) as aside, aside.open("wb") as file:
        np.savez_compressed(file, probabilities=steps, classes=np.array(seen.classes.names))
