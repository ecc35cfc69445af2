"""Plots of the tasks; they need matplotlib, which comes with ``ecg-diffusion[plots]``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_core.atomic import atomic_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)


def try_to_draw(draw: Callable[[], Figure], path: Path) -> None:
    """Draw, and write it as PNG, whole or not at all; only say so where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        log.info("no %s: it needs matplotlib, pip install 'ecg-diffusion[plots]'", path.name)
        return
    figure = draw()
    with atomic_path(path) as aside:
        figure.savefig(aside, format="png", dpi=110)
