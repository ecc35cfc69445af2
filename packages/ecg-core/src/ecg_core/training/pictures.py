"""Pictures that a model draws while it learns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ecg_core.pictures import write_png

FOLDER = "pictures"


def write_pictures(model: Any, out_dir: Path, step: int) -> dict[str, Path]:
    """Write what `ecg_core.protocols.Model.pictures` gives as ``pictures/<name>-step-0001000.png``.

    Args:
        model: in evaluation mode; one that draws nothing has no such method.
        out_dir: the run folder.
        step: optimizer steps done.

    Returns:
        The files by name of the picture.
    """
    drawn: Mapping[str, np.ndarray] = getattr(model, "pictures", dict)()
    files = {name: out_dir / FOLDER / f"{name}-step-{step:07d}.png" for name in drawn}
    for name, file in files.items():
        write_png(file, drawn[name])
    return files
