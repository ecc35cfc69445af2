"""Task `classify.export`: a run's weights as safetensors and as ONNX, and the proof that both give the same."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import torch

from ecg_classify.classifier import Classifier
from ecg_classify.data.index import read_index
from ecg_classify.evaluation.temperature import best_temperature
from ecg_classify.models.inference import build_classifier, network_of
from ecg_classify.networks import NAME, ONNX, SAFETENSORS, open_classifier
from ecg_classify.options import ClassifyNetworkConfig, RecordingsConfig
from ecg_classify.signals import NUM_SAMPLES
from ecg_classify.tasks.evaluate import predict_entries
from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import CheckpointError, ConfigError, DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.training.onnx_file import write_onnx
from ecg_core.training.weights import Weights, read_weights, write_weights

LARGEST_DIFFERENCE = 1e-3
"""A logit of the two files may differ by so much."""

TEMPERATURE = "temperature"
"""Buffer of a model that divides its logits by it."""


@attrs.frozen(kw_only=True)
class ClassifyExportConfig:
    """Options of `classify.export`."""

    run: str = option("", help="run folder of classify.train, or one checkpoint of it")
    which: str = option("best", help="of its checkpoints", choices=("best", "latest"))
    data: RecordingsConfig = option(
        factory=RecordingsConfig, help="the recordings of the training, to fit the confidence to their validation split"
    )
    batch_size: int = option(32, help="recordings that are worked on at a time", minimum=1)


def run(config: ClassifyExportConfig, context: RunContext) -> TaskResult:
    """Write ``classifier.safetensors`` and ``classifier.onnx``.

    Where recordings are named, the network's temperature is fitted to their validation split first.

    Raises:
        CheckpointError: there is no checkpoint, it is damaged, or the two files do not give the same.
        ConfigError: no run is named, or its model has no temperature.
        DataError: there are no recordings to fit it to.
    """
    if not config.run:
        raise ConfigError("run: name the run folder of classify.train whose weights to export")
    weights = read_weights(Path(config.run), "latest" if config.which == "latest" else "best")
    weights = weights.without_other_options(ClassifyNetworkConfig)
    if config.data.folder is not None:
        weights = _calibrated(weights, config, context)
    files = [context.out_dir / f"{NAME}{suffix}" for suffix in (SAFETENSORS, ONNX)]
    write_weights(files[0], weights)
    shape, axes = (1, len(STANDARD_LEADS), NUM_SAMPLES), {0: "batch", 2: "samples"}
    write_onnx(
        files[1],
        build_classifier(weights),
        {"signal": torch.zeros(shape), "seen": torch.ones(shape, dtype=torch.bool)},
        ("logits",),
        free_axes={"signal": axes, "seen": axes, "logits": {0: "batch"}},
    )
    difference = largest_difference(*files)
    if difference > LARGEST_DIFFERENCE:
        raise CheckpointError(f"the two files in {context.out_dir} differ by {difference:.1e}; do not use them")
    return TaskResult(
        summary={
            "step": weights.about.get("step"),
            **(
                {"temperature": round(float(weights.tensors[TEMPERATURE]), 3)} if TEMPERATURE in weights.tensors else {}
            ),
            "largest difference of onnx and torch": f"{difference:.1e}",
            "megabytes": {path.name: round(path.stat().st_size / 1e6, 2) for path in files},
        }
    )


def _calibrated(weights: Weights, config: ClassifyExportConfig, context: RunContext) -> Weights:
    """The same with the temperature with which the recordings of the validation split are likeliest."""
    if TEMPERATURE not in weights.tensors:
        raise ConfigError(
            f"{weights.path}: its model {weights.config.get('model')!r} has no buffer {TEMPERATURE!r} that divides its "
            "logits, so its confidence cannot be fitted; leave out data.folder"
        )
    entries = [each for each in read_index(config.data, seed=context.seed) if each.split == "validation"]
    claims, failures = predict_entries(
        Classifier(network_of(weights)), entries, config.data.prepared_folder(), context, batch_size=config.batch_size
    )
    if failures or not entries:
        reason = failures[0].reason if failures else "no recording is in the split validation"
        raise DataError(f"{config.data.folder}: the confidence cannot be fitted: {reason}")
    temperature = best_temperature(claims.probabilities, claims.targets) * weights.tensors[TEMPERATURE]
    return attrs.evolve(weights, tensors={**weights.tensors, TEMPERATURE: temperature.reshape(())})


def largest_difference(*files: Path) -> float:
    """Largest difference between the logits that two files give for noise."""
    rng = np.random.default_rng(0)
    shape = (3, len(STANDARD_LEADS), NUM_SAMPLES)
    signal, seen = rng.standard_normal(shape, np.float32), rng.random(shape) > 0.1
    first, second = (open_classifier(str(path))(signal, seen)[0] for path in files)
    return float(np.abs(first - second).max())
