"""Trained weights that come with the package, each with its model card beside it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ecg_core.errors import ConfigError
from ecg_core.training.weights import Weights, read_weights

DEFAULT = "five-classes"


def shipped_weights() -> dict[str, Path]:
    """File of each, by name."""
    folder = Path(str(files(__name__)))
    return {path.stem: path for path in sorted(folder.glob("*.safetensors"))}


def load_weights(name_or_path: str) -> Weights:
    """Weights by the name of shipped ones, or by the path of a run folder or file.

    Raises:
        CheckpointError: the run or file is damaged or of another kind.
        ConfigError: it is neither a name nor a path.
    """
    shipped = shipped_weights()
    if name_or_path in shipped:
        return read_weights(shipped[name_or_path])
    path = Path(name_or_path)
    if not path.exists():
        raise ConfigError(
            f"weights: {name_or_path!r} is neither a run folder or file nor shipped; shipped are {', '.join(shipped)}"
        )
    return read_weights(path)
