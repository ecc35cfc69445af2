"""Trained weights for use: one safetensors file that says what network it belongs to, or a run folder.

A file made by `write_weights` holds the tensors, and as text in its header what is needed to build their network
again: task, configuration and figures of the training. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import attrs
import safetensors.torch
import torch
from safetensors import safe_open
from torch import Tensor, nn

from ecg_core.atomic import atomic_path
from ecg_core.config import structure
from ecg_core.errors import CheckpointError, ConfigError, not_written, one_line
from ecg_core.training.checkpoint import SUFFIX, Which, find_checkpoint, read_checkpoint

OptionsT = TypeVar("OptionsT")

ABOUT = "ecg"
"""Key of the header under which the description stands, as JSON."""

DIGEST = "ecg-sha256"
"""Key of the header under which the digest of tensors and description stands; files made before have none."""

FORMAT_VERSION = 1
KEPT = ("task", "plugin", "versions", "step", "seed", "precision", "hardware", "metrics", "signal_contract", "config")
"""What is told of a checkpoint beside its weights."""


@attrs.frozen(kw_only=True, eq=False)
class Weights:
    """Tensors, and what they are.

    Attributes:
        path: where they were read.
        tensors: by name, on the CPU.
        about: task, configuration, figures and versions of the training.
    """

    path: Path
    tensors: Mapping[str, Tensor] = attrs.field(repr=False)
    about: Mapping[str, Any]

    @property
    def config(self) -> Mapping[str, Any]:
        """Configuration of the task that trained them.

        Raises:
            CheckpointError: they do not say it.
        """
        config = self.about.get("config")
        if not isinstance(config, Mapping):
            raise CheckpointError(f"{self.path} is damaged: it does not say with which options it was made")
        return dict(config)

    def options(self, cls: type[OptionsT]) -> OptionsT:
        """Those options of the training that a configuration class has; what is not told of stays at its default.

        With ``model``, made by `ecg_core.config.plugin_option`, among them the network can be built again by the
        plugin that made it.

        Raises:
            CheckpointError: the class, or the plugin that is installed, does not know them.
            PluginError: the weights are of a plugin that is absent, ambiguous or broken.
        """
        try:
            return structure(cls, self._only(cls))
        except ConfigError as error:
            raise CheckpointError(
                f"{self.path} was trained with options that are not known here, by another version perhaps: {error}"
            ) from error

    def without_other_options(self, cls: type) -> Self:
        """The same, telling no other options of the training than those of a class: paths of data stay with the run."""
        return attrs.evolve(self, about={**self.about, "config": self._only(cls)})

    def _only(self, cls: type) -> dict[str, Any]:
        known = attrs.fields_dict(cls)
        return {name: value for name, value in self.config.items() if name in known}

    def require_task(self, task: str, hint: str = "") -> None:
        """Refuse weights of another task.

        Raises:
            CheckpointError: they are; ``hint`` stands at the end of its message.
        """
        if self.about.get("task") != task:
            raise CheckpointError(f"{self.path} holds weights of {self.about.get('task')!r}, not of {task}{hint}")

    def adopted_by(self, model: nn.Module) -> Self:
        """The same as a model takes them over to begin with, see `ecg_core.protocols.Model`: mostly as they are."""
        adopt: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]] = getattr(model, "adopted", dict)
        try:
            return attrs.evolve(self, tensors=adopt(self.tensors))
        except (LookupError, RuntimeError, TypeError, ValueError) as error:
            raise CheckpointError(f"{self.path} belongs to another network: {one_line(error)}") from error

    def put_into(self, model: nn.Module) -> None:
        """Load them into a network.

        Raises:
            CheckpointError: they belong to another one.
        """
        try:
            model.load_state_dict(dict(self.tensors))
        except (RuntimeError, TypeError, ValueError) as error:
            raise CheckpointError(f"{self.path} belongs to another network: {error}") from error


def read_weights(path: Path, which: Which = "best") -> Weights:
    """Weights of a file or of a run.

    Args:
        path: a file made by `write_weights`, a run folder, or one checkpoint of it.
        which: of the checkpoints of a run folder.

    Raises:
        CheckpointError: there is nothing, or it is damaged.
    """
    if path.suffix == SUFFIX:
        return _read_file(path)
    if not path.exists():
        raise CheckpointError(f"{path}: there are no weights; give a run folder or a {SUFFIX} file")
    checkpoint = read_checkpoint(find_checkpoint(path, which))
    about = {name: checkpoint.meta.get(name) for name in KEPT}
    return Weights(path=checkpoint.folder, tensors=checkpoint.weights, about=about)


def write_weights(path: Path, weights: Weights) -> None:
    """Write one file, whole or not at all.

    Raises:
        CheckpointError: it cannot be written.
    """
    text = json.dumps({"format": FORMAT_VERSION, **weights.about})
    header = {ABOUT: text, DIGEST: digest_of(weights.tensors, text)}
    try:
        with atomic_path(path) as aside:
            aside.write_bytes(safetensors.torch.save(dict(weights.tensors), metadata=header))
    except OSError as error:
        raise CheckpointError(not_written(path, error)) from error


def _read_file(path: Path) -> Weights:
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such file") from error
    except Exception as error:
        raise CheckpointError(f"{path} is no safetensors file, or damaged: {error}") from error
    about = _description(path, header)
    if header.get(DIGEST, digest := digest_of(tensors, header[ABOUT])) != digest:
        raise CheckpointError(f"{path} is damaged: its content does not have the digest that it was written with")
    return Weights(path=path, tensors=tensors, about=about)


def digest_of(tensors: Mapping[str, Tensor], text: str = "") -> str:
    """The SHA-256 of a text and of tensors by name, in hexadecimal digits."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _description(path: Path, header: Mapping[str, str]) -> dict[str, Any]:
    try:
        about = dict(json.loads(header[ABOUT]))
        version = about.pop("format")
        missing = [name for name, kind in (("task", str), ("config", dict)) if not isinstance(about.get(name), kind)]
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise CheckpointError(
            f"{path} does not say what network it belongs to; export weights by `ecg run <area>.export`"
        ) from error
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has the format {version}, this ecg-core reads {FORMAT_VERSION}; upgrade ecg-core"
        )
    if missing:
        raise CheckpointError(f"{path} lacks {', '.join(missing)} in its header: it is damaged")
    return about
