"""Hook ``tensorboard``: event files in the run folder, where tensorboard is installed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecg_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ecg_core.context import RunContext

FOLDER = "tensorboard"


@hookimpl
def step_end(context: RunContext, step: int, metrics: Mapping[str, float]) -> None:
    """Add the figures of training."""
    _add(context, "train", step, metrics)


@hookimpl
def evaluation_end(context: RunContext, step: int, metrics: Mapping[str, float]) -> None:
    """Add the figures of an evaluation."""
    _add(context, "validation", step, metrics)


@hookimpl
def picture_drawn(context: RunContext, name: str, path: Path, step: int) -> None:
    """Add what the model has drawn."""
    if writer := _writer(context.out_dir):
        import numpy as np
        from PIL import Image

        with Image.open(path) as picture:
            writer.add_image(name, np.asarray(picture.convert("RGB")), step, dataformats="HWC")


@hookimpl
def checkpoint_saved(context: RunContext, path: Path, step: int) -> None:
    """Write out what is held back, so that a killed run keeps it too."""
    if writer := _writer(context.out_dir):
        writer.flush()


def _add(context: RunContext, group: str, step: int, metrics: Mapping[str, float]) -> None:
    if writer := _writer(context.out_dir):
        for name, value in metrics.items():
            writer.add_scalar(f"{group}/{name}", value, step)


@cache
def _writer(out_dir: Path) -> Any:
    """The event file of a run; None without tensorboard."""
    if find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(out_dir / FOLDER))
