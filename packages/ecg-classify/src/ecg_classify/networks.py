"""Trained classifiers opened for use: ONNX files in ONNX Runtime, others in torch where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ecg_core.errors import ConfigError, PluginError

NAME = "classifier"
ONNX, SAFETENSORS = ".onnx", ".safetensors"

Network = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]]
"""A function of ``signal`` float32 and ``seen`` bool, each (batch, 12, 5000), that gives logits float32 (batch, 5)."""


@cache
def open_classifier(weights: str = "") -> Network:
    """A trained classifier, loaded once a process.

    Args:
        weights: an ONNX or safetensors file of `classify.export`, or a run folder of `classify.train`; empty for the
            shipped ones.

    Raises:
        CheckpointError: it is damaged or of something else.
        ConfigError: there is no such file.
        PluginError: it needs torch, which is not installed.
    """
    path = Path(weights) if weights else Path(str(files("ecg_classify.weights"))) / f"{NAME}{ONNX}"
    if not path.exists():
        raise ConfigError(f"weights: {path} is neither a file of classify.export nor a run folder of classify.train")
    if path.suffix == ONNX:
        return _open_with("ecg_core.onnx", path)
    if find_spec("torch") is None:
        raise PluginError(f"weights: {path} needs torch: pip install 'ecg-classify[torch]'; an {ONNX} file does not")
    return _open_with("ecg_classify.models.inference", path)


def _open_with(module: str, path: Path) -> Network:
    network: Network = import_module(module).open_network(path)
    return network
