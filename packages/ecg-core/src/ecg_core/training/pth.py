"""A checkpoint as one ``.pth`` file, the form that PyTorch projects hand around, and back.

The file is a dictionary of plain values and tensors with the keys ``epoch``, ``model_state_dict``,
``optimizer_state_dict``, ``loss`` and ``config``. Ours carry the rest of the checkpoint beside these, so that a run can
go on from one. Reading uses PyTorch's restricted unpickler, which makes tensors and plain values and nothing else.
"""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import torch
from torch import Tensor

from ecg_core.atomic import atomic_path
from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import CheckpointError, ConfigError, not_written, one_line
from ecg_core.execution.outputs import within
from ecg_core.training.checkpoint import (
    CHECKPOINTS_FOLDER,
    Checkpoint,
    CheckpointFolder,
    Parts,
    find_checkpoint,
    read_checkpoint,
)

SUFFIX = ".pth"
META = "ecg"
"""Key of the rest of the checkpoint, as JSON."""

STATES = {"model": "model_state_dict", "optimizer": "optimizer_state_dict", "ema": "ema_state_dict"}
"""Key of each part."""

log = logging.getLogger(__name__)


def write_pth(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint as one file, whole or not at all.

    Raises:
        CheckpointError: it cannot be written.
    """
    content = {
        "epoch": checkpoint.meta.get("epoch"),
        "loss": checkpoint.meta.get("loss"),
        "config": checkpoint.meta.get("config"),
        **{STATES.get(part, part): dict(tensors) for part, tensors in checkpoint.parts.items()},
        META: json.dumps({name: value for name, value in checkpoint.meta.items() if name != "files"}),
    }
    try:
        with atomic_path(path) as aside:
            torch.save(content, aside)
    except OSError as error:
        raise CheckpointError(not_written(path, error)) from error
    except RuntimeError as error:  # what torch makes of a disk that is full
        raise CheckpointError(f"{path} cannot be written, is the disk full? {one_line(error)}") from error


def read_pth(path: Path, *, task: str = "") -> tuple[Parts, dict[str, Any]]:
    """Parts and description of a checkpoint in a file; nothing in it is executed.

    Args:
        path: the file.
        task: that trained it, where the file, made elsewhere, does not say.

    Raises:
        CheckpointError: it is none, is damaged, or holds something else than tensors and plain values.
        ConfigError: the file does not say which task made it, and neither does `task`.
    """
    content = _load(path)
    model = content.get(STATES["model"])
    if not _is_state(model):
        found = ", ".join(map(str, content)) or "nothing"
        raise CheckpointError(f"{path}: {STATES['model']} should hold tensors by name; the file has {found}")
    parts = {part: content[key] for part, key in STATES.items() if _is_state(content.get(key))}
    if content.get(STATES["optimizer"]) and "optimizer" not in parts:
        log.warning("%s: the state of the optimizer has another form and is left out; a run cannot go on from it", path)
    return parts, _meta(path, content, task)


def _load(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such file") from error
    except pickle.UnpicklingError as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{path} is damaged, or holds more than tensors and plain values, which is never loaded: {reason}"
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path} is no {SUFFIX} file, or damaged: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds a {type(content).__name__}, not a dictionary with {STATES['model']}")
    return content


def _is_state(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(each, Tensor) for each in value.values())


def _meta(path: Path, content: Mapping[str, Any], task: str) -> dict[str, Any]:
    if META in content:
        try:
            meta = dict(json.loads(content[META]))
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"{path}: its description {META!r} is damaged: {error}") from error
        return meta
    if not task:
        raise ConfigError(f"task: {path} does not say which task made it; name it, digitize.train_stage2 for instance")
    plain = {name: content.get(name) for name in ("epoch", "loss")}
    config = content.get("config")
    return {**plain, "task": task, "config": dict(config) if isinstance(config, Mapping) else {}, "step": 0}


@attrs.frozen(kw_only=True)
class ToPthConfig:
    """Options of `training.to_pth`."""

    run: str = option("", help="run folder, or one checkpoint of it")
    which: str = option("best", help="of its checkpoints", choices=("best", "latest"))
    name: str = option("checkpoint", help="name of the file, without its suffix")


@attrs.frozen(kw_only=True)
class FromPthConfig:
    """Options of `training.from_pth`."""

    file: str = option("", help=f"the {SUFFIX} file")
    task: str = option("", help="task that trained it, where the file does not say")


def export_pth(config: ToPthConfig, context: RunContext) -> TaskResult:
    """Task `training.to_pth`: a checkpoint as one file.

    Raises:
        CheckpointError: there is none, or it is damaged.
        ConfigError: no run is named, or the name of the file leads out of the run folder.
    """
    if not config.run:
        raise ConfigError("run: name the run folder whose checkpoint to write as one file")
    path = within(context.out_dir, f"{config.name}{SUFFIX}")
    checkpoint = read_checkpoint(find_checkpoint(Path(config.run), "latest" if config.which == "latest" else "best"))
    write_pth(path, checkpoint)
    return TaskResult(summary={"file": str(path), "step": checkpoint.step})


def import_pth(config: FromPthConfig, context: RunContext) -> TaskResult:
    """Task `training.from_pth`: a file as a checkpoint in the run folder, for `--resume` and for every export.

    Raises:
        CheckpointError: the file is damaged, or holds something else than tensors and plain values.
        ConfigError: no file is named, or it does not say which task made it.
    """
    if not config.file:
        raise ConfigError(f"file: name the {SUFFIX} file to take over")
    parts, meta = read_pth(Path(config.file), task=config.task)
    rest = {name: value for name, value in meta.items() if name not in ("step", "format")}
    folder = CheckpointFolder(context.out_dir / CHECKPOINTS_FOLDER)
    path = folder.save(int(meta["step"]), parts, rest, best=True)
    return TaskResult(summary={"checkpoint": str(path), "task": meta["task"], "parts": sorted(parts)})
