"""The networks of the neural digitizer: the files that an engine opens, shipped ones or those of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from ecg_core.errors import CheckpointError, ConfigError
from ecg_core.plugins.registry import registry
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.markers.classes import why_unfit
from ecg_digitize.digitizers.neural.options import NeuralOptions

STAGE_NETWORKS = ("markers", "grid", "waveform")
"""Names of the networks of the three stages, in order."""

MARKERS = STAGE_NETWORKS[0]
READER = "reader"
"""Spells the words that the markers find."""

NETWORKS = (*STAGE_NETWORKS, READER)
"""Names of all networks. They take uint8 RGB (batch, 3, height, width)."""

SMALLEST = np.zeros((1, 3, 32, 32), np.uint8)
"""A picture that every network takes."""

CALIBRATION_FILE = "confidence.json"
"""Lies beside the networks and makes a probability of what speaks for a lead; digitize.calibrate writes it."""


@cache
def load_networks(options: NeuralOptions) -> Mapping[str, Network]:
    """All `NETWORKS` by name, loaded once a process; errors as of `load_network`.

    A folder without a reader, as earlier versions made them, goes with the shipped one. Where an engine has none at all
    the names and scales are as the markers tell them.
    """
    engine, folder = options.engine.name, options.networks
    found = {name: load_network(name, engine, folder) for name in STAGE_NETWORKS}
    file = f"{READER}{suffix_of(engine)}"
    places = [place for place in (folder, shipped_folder()) if place is not None and (place / file).exists()]
    return {**found, READER: load_network(READER, engine, places[0])} if places else found


def load_network(name: str, engine: str = "onnx", folder: Path | None = None) -> Network:
    """Open a network.

    Args:
        name: one of `NETWORKS`.
        engine: name of the engine that runs it, see ``ecg list engines``.
        folder: folder of its file, ``<name><suffix of the engine>``; by default the shipped ones.

    Raises:
        CheckpointError: the file is damaged, of something else, or of an earlier version that told other things apart.
        ConfigError: there is no such file.
        PluginError: there is no such engine, or what it needs is not installed.
    """
    path = (folder or shipped_folder()) / f"{name}{suffix_of(engine)}"
    if not path.exists():
        raise ConfigError(_missing(name, engine, path, is_shipped=folder is None))
    network: Network = registry().load("engines", engine)(path)
    if name == MARKERS and (fault := why_unfit(network(SMALLEST)[0].shape[1])):
        raise CheckpointError(f"{path}: {fault}")
    return network


def suffix_of(engine: str) -> str:
    """Ending of the files that an engine opens, with the dot.

    Raises:
        PluginError: there is no such engine, or it is broken.
    """
    suffix: str = registry().load_spec("engines", engine).suffix
    return suffix


def shipped_folder() -> Path:
    """The networks that come with the package."""
    return Path(str(files("ecg_digitize.weights")))


def calibration_of(folder: Path | None) -> Path | None:
    """The calibration that lies beside networks, by default beside the shipped ones; None where there is none."""
    path = (folder or shipped_folder()) / CALIBRATION_FILE
    return path if path.exists() else None


def _missing(name: str, engine: str, path: Path, *, is_shipped: bool) -> str:
    """Why a network cannot be opened, and what to do."""
    if not is_shipped:
        return f"{path}: there is no such network; `ecg run digitize.export` makes it from a run"
    others = sorted(each.name for each in path.parent.glob(f"{name}.*") if each.suffix != ".md")
    if others:
        return (
            f"the engine {engine} opens {path.name}, and the network {name!r} comes as {' and '.join(others)} only: "
            "choose another engine (--engine, `ecg list engines`), or make a file for it and name its folder "
            "(--networks FOLDER)"
        )
    return (
        f"this version of ecg-digitize comes without the network {name!r}: train your own by digitize.train_all, "
        "make files of it by digitize.export and name their folder (--networks FOLDER)"
    )
