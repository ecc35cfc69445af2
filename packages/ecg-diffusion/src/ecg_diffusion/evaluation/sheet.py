"""A picture sheet: samples, each above the training picture that is nearest to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from ecg_core.pictures import write_png
from ecg_diffusion.evaluation.pictures import reduced
from ecg_diffusion.evaluation.results import OfCheckpoint
from ecg_diffusion.images.folders import read_image

SIDE_PX, GAP_PX = 128, 8


def write_sheets(checkpoints: Mapping[str, OfCheckpoint], samples: Mapping[str, Path], images: Path, out: Path) -> None:
    """Write ``nearest-<checkpoint>.png``: two rows by pixels, two by features, the nearest pairs first.

    Args:
        checkpoints: what was found of them.
        samples: folder of class folders of each.
        images: folder of class folders of the training pictures.
        out: folder to write to.
    """
    for name, found in checkpoints.items():
        rows = []
        for likeness in found.likeness.values():
            rows.append(_row(samples[name] / pair.sample for pair in likeness.pairs))
            rows.append(_row(images / pair.nearest for pair in likeness.pairs))
        write_png(out / f"nearest-{name}.png", np.concatenate(rows))


def _row(paths: Iterable[Path]) -> np.ndarray:
    cells = [
        np.pad(reduced(read_image(path), SIDE_PX), ((0, GAP_PX), (0, GAP_PX), (0, 0)), constant_values=255)
        for path in paths
    ]
    return np.concatenate(cells, axis=1)
