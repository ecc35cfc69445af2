"""What runs the shipped networks: ONNX Runtime, which comes with the package, or torch where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import attrs
import numpy as np

from ecg_core.errors import ConfigError, PluginError

Network = Callable[[np.ndarray], tuple[np.ndarray, ...]]
"""Takes uint8 (batch, 3, height, width), sides a multiple of what the network asks for, to its outputs in float32."""

SUFFIXES = {"onnx": ".onnx", "torch": ".safetensors"}
ENGINES = tuple(SUFFIXES)
OPENERS = {"onnx": "ecg_core.onnx", "torch": "ecg_digitize.learning.torch_engine"}
"""Modules with ``open_network``, imported on use."""

NETWORKS = ("markers", "grid", "waveform")
"""Of the three stages, in order."""


@attrs.frozen
class NetworkSource:
    """Where the networks come from, and what runs them.

    Attributes:
        engine: of `ENGINES`.
        folder: of ``<name>.onnx`` and ``<name>.safetensors``; None for the shipped ones.
    """

    engine: str = "onnx"
    folder: Path | None = None


@cache
def load_networks(source: NetworkSource) -> Mapping[str, Network]:
    """All `NETWORKS` by name, loaded once a process; errors as of `load_network`."""
    return {name: load_network(name, source.engine, source.folder) for name in NETWORKS}


def load_network(name: str, engine: str = "onnx", folder: Path | None = None) -> Network:
    """One of the networks.

    Args:
        name: of `NETWORKS`.
        engine: of `ENGINES`.
        folder: of ``<name>.onnx`` and ``<name>.safetensors``; by default the shipped ones.

    Raises:
        CheckpointError: the file is damaged or of something else.
        ConfigError: there is no such engine, or no such file.
        PluginError: what the engine needs is not installed.
    """
    if engine not in SUFFIXES:
        raise ConfigError(f"engine {engine}: no such engine; there are {', '.join(ENGINES)}")
    path = (folder or Path(str(files("ecg_digitize.weights")))) / f"{name}{SUFFIXES[engine]}"
    if not path.exists() and folder is None:
        raise ConfigError(
            f"this version of ecg-digitize comes without the network {name!r}: train your own by digitize.train_all, "
            "make files of it by digitize.export and name their folder (--networks FOLDER)"
        )
    if not path.exists():
        raise ConfigError(f"{path}: there is no such network; `ecg run digitize.export` makes it from a run")
    if engine == "torch" and find_spec("torch") is None:
        raise PluginError("the engine torch needs torch: pip install 'ecg-digitize[torch]'; the engine onnx does not")
    network: Network = import_module(OPENERS[engine]).open_network(path)
    return network
