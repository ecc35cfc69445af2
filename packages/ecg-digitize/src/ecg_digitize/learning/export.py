"""Task `digitize.export`: a trained network as safetensors and as ONNX, and the proof that both give the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import torch

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import CheckpointError, ConfigError
from ecg_core.onnx import open_network
from ecg_core.training.onnx_file import write_onnx
from ecg_core.training.onnx_int8 import write_int8
from ecg_core.training.weights import read_weights, write_weights
from ecg_digitize.digitizers.neural.networks import load_network, suffix_of
from ecg_digitize.learning.averaged import mean_of
from ecg_digitize.learning.network_examples import network_examples
from ecg_digitize.learning.torch_engine import NetworkConfig, build_network, of_this_version, stage_of

ENGINES = ("onnx", "torch")
"""The engines whose files are written and compared."""

MOST_DIFFERENCE = 1e-3
"""Between an output of the one engine and of the other, as a share of the largest value."""

NUM_EXAMPLES = 10
"""Inputs that the scales of whole numbers are taken from, and as many others that they are judged by."""

MOST_ROUNDING = 0.1
"""Mean difference that whole numbers may make to an output, as a share of its standard deviation."""

EXAMPLE_SIDES_PX = (128, 192)
PROOF_SIDES_PX = (192, 320)


@attrs.frozen(kw_only=True)
class ExportConfig:
    """Options of `digitize.export`."""

    run: str = option(
        "",
        help="run folder of digitize.train_stage0, _stage1, _stage2, _reader, a checkpoint of it, or a .safetensors",
    )
    which: str = option("best", help="which of the checkpoints of the run", choices=("best", "latest"))
    mean_with: str = option(
        "", help="weights of the same network, such as the run began with: the mean of both is written, often better"
    )
    pages: tuple[str, ...] = option(
        (),
        help="pictures of pages, or folders of them: by what the network is given while they are read its ONNX file is "
        "made to compute in whole numbers (int8), two to three times as fast",
    )


def run(config: ExportConfig, context: RunContext) -> TaskResult:
    """Write ``<network>.safetensors`` and ``<network>.onnx``.

    Weights of an earlier version are made fit for this one, as a training that begins with them does.

    Raises:
        CheckpointError: there is no checkpoint, it is damaged, or the two files do not give the same; ``mean_with`` is
            of another network.
        ConfigError: no run is named.
        DataError: ``pages`` are none, or show the network nothing.
    """
    if not config.run:
        raise ConfigError("run: name the run folder of digitize.train_stage0, _stage1, _stage2 or _reader")
    weights = of_this_version(read_weights(Path(config.run), "latest" if config.which == "latest" else "best"))
    if config.mean_with:
        weights = mean_of(weights, of_this_version(read_weights(Path(config.mean_with))))
    stage = stage_of(weights)
    path = {engine: context.out_dir / f"{stage}{suffix_of(engine)}" for engine in ENGINES}
    write_weights(path["torch"], weights.without_other_options(NetworkConfig))
    write_onnx(
        path["onnx"],
        build_network(weights),
        {"image": torch.zeros(1, 3, *EXAMPLE_SIDES_PX, dtype=torch.uint8)},
        ("logits",),
        free_axes={"image": {0: "batch", 2: "height", 3: "width"}},
    )
    difference = largest_difference(stage, context.out_dir)
    if difference > MOST_DIFFERENCE:
        raise CheckpointError(f"the two files in {context.out_dir} differ by {difference:.1e}; do not use them")
    return TaskResult(
        summary={
            "network": stage,
            "step": weights.about.get("step"),
            "largest difference of onnx and torch": f"{difference:.1e}",
            **(_in_whole_numbers(stage, path["onnx"], config.pages) if config.pages else {}),
            "megabytes": {file.name: round(file.stat().st_size / 1e6, 2) for file in path.values()},
        }
    )


def largest_difference(stage: str, folder: Path) -> float:
    """Largest difference between the outputs of both engines for a picture of noise, as a share of the largest output.

    Args:
        stage: name of the network.
        folder: where its files lie.
    """
    image = np.random.default_rng(0).integers(0, 256, (1, 3, *PROOF_SIDES_PX), np.uint8)
    first, second = (load_network(stage, engine, folder)(image) for engine in ENGINES)
    return max(float(np.abs(one - other).max() / np.abs(other).max()) for one, other in zip(first, second, strict=True))


def _in_whole_numbers(stage: str, path: Path, pages: Sequence[str]) -> dict[str, Any]:
    """Make a network compute in whole numbers; gives what that costs and gains, on inputs kept apart.

    Raises:
        CheckpointError: it costs too much; the file is then as it was.
        DataError: the pages show the network nothing.
    """
    examples = network_examples(stage, pages, 2 * NUM_EXAMPLES)
    whole = path.with_suffix(".int8")
    write_int8(whole, path, examples[::2])
    (plain_s, expected), (whole_s, found) = (_timed_outputs(file, examples[1::2] or examples) for file in (path, whole))
    rounding = float(
        np.mean([np.abs(one - other).mean() / other.std() for one, other in zip(found, expected, strict=True)])
    )
    if rounding > MOST_ROUNDING:
        whole.unlink()
        raise CheckpointError(
            f"in whole numbers {path.name} gives something else: its outputs differ by {rounding:.0%} of their "
            f"spread, {MOST_ROUNDING:.0%} is allowed; leave pages away, or name others, more of them"
        )
    whole.replace(path)
    return {"difference of whole numbers": f"{rounding:.1%}", "times as fast": round(plain_s / whole_s, 1)}


def _timed_outputs(path: Path, images: Sequence[np.ndarray]) -> tuple[float, list[np.ndarray]]:
    """Processor time of a network for some pictures, and its outputs."""
    network = open_network(path)
    start_s = time.process_time()
    outputs = [network(image)[0] for image in images]
    return time.process_time() - start_s, outputs
