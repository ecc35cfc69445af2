"""Task `diffusion.monitor`: report progress and faults of a training."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_core.plots import save_plots

if TYPE_CHECKING:
    from ecg_diffusion.monitoring.diagnosis import Finding
    from ecg_diffusion.monitoring.history import History

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class MonitorConfig:
    """Options of `diffusion.monitor`."""

    run: Path | None = option(None, help="run folder of diffusion.train_vae or diffusion.train, running or done")
    every_s: float = option(
        0.0, help="look again after so long, until the training is done; 0: once", unit="s", minimum=0
    )


def run(config: MonitorConfig, context: RunContext) -> TaskResult:
    """Write ``monitor.txt``, ``monitor.json``, and ``monitor.png`` where matplotlib is installed.

    Faults of the training are the result, not failures of this task.

    Raises:
        ConfigError: no run folder is named.
        DataError: nothing is logged, or the run is of another task.
    """
    from ecg_diffusion.monitoring.history import read_history

    if config.run is None:
        raise ConfigError("run: name the run folder of diffusion.train_vae or diffusion.train")
    while True:
        history = read_history(config.run)
        findings = look(history, context.out_dir)
        if not config.every_s or history.step >= history.total_steps:
            return TaskResult(summary=summary(history, findings))
        time.sleep(config.every_s)


def look(history: History, out_dir: Path) -> Sequence[Finding]:
    """Write and log the state of a training; returns its faults."""
    from ecg_diffusion.monitoring.diagnosis import diagnose
    from ecg_diffusion.monitoring.plots import PLOT, draw
    from ecg_diffusion.monitoring.report import write_report

    findings = diagnose(history)
    log.info("%s", write_report(history, findings, out_dir).rstrip())
    save_plots({PLOT: partial(draw, history)}, out_dir, package="ecg-diffusion")
    return findings


def summary(history: History, findings: Sequence[Finding]) -> dict[str, Any]:
    """Summarise the state of a training for the end of the run."""
    return {
        "step": f"{history.step} of {history.total_steps}",
        history.measure: history.recent(),
        "findings": {each.name: each.seen for each in findings} or "none",
    }
