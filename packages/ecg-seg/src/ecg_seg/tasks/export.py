"""Task `seg.export`: a run's weights as one file that `seg.predict` and others read."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_core.execution.outputs import within
from ecg_core.training.weights import read_weights, write_weights
from ecg_seg.options import SegNetworkConfig


@attrs.frozen(kw_only=True)
class SegExportConfig:
    """Options of `seg.export`."""

    run: str = option("", help="run folder of seg.train, or one checkpoint of it")
    which: str = option("best", help="of its checkpoints", choices=("best", "latest"))
    name: str = option("segmenter", help="name of the file, without its suffix")


def run(config: SegExportConfig, context: RunContext) -> TaskResult:
    """Write ``<name>.safetensors``.

    Raises:
        CheckpointError: there is no checkpoint, or it is damaged.
        ConfigError: no run is named, or the name of the file leads out of the run folder.
    """
    if not config.run:
        raise ConfigError("run: name the run folder of seg.train whose weights to export")
    out = within(context.out_dir, f"{config.name}.safetensors")
    weights = read_weights(Path(config.run), "latest" if config.which == "latest" else "best")
    write_weights(out, weights.without_other_options(SegNetworkConfig))
    return TaskResult(
        summary={
            "weights": str(out),
            "step": weights.about.get("step"),
            "megabytes": round(out.stat().st_size / 1e6, 2),
        }
    )
