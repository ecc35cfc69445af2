"""Plots of results, for those who have matplotlib: packages that draw bring it by their extra ``plots``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_core.atomic import atomic_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)

DOTS_PER_INCH = 110


def save_plots(
    plots: Mapping[str, Callable[[], Figure]], out: Path | Callable[[str], Path], *, package: str
) -> list[Path]:
    """Draw figures and write them as PNG, each whole or not at all.

    Args:
        plots: what draws each, by the name of its file.
        out: the folder of the files, or what says where the file of a name is written.
        package: whose extra ``plots`` brings matplotlib.

    Returns:
        The files; none where matplotlib is not installed, which is only told.
    """
    if find_spec("matplotlib") is None:
        log.info("no %s: it needs matplotlib, pip install '%s[plots]'", ", ".join(plots), package)
        return []
    files = []
    for name, draw in plots.items():
        figure, file = draw(), out / name if isinstance(out, Path) else out(name)
        with atomic_path(file) as aside:
            figure.savefig(aside, format="png", dpi=DOTS_PER_INCH)
        files.append(file)
    return files
