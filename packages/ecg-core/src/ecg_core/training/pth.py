"""A checkpoint as one ``.pth`` file, the form that PyTorch projects hand around, and back.

The file is a dictionary of plain values and tensors with the keys ``epoch``, ``model_state_dict``,
``optimizer_state_dict``, ``loss`` and ``config``. Ours carry the rest of the checkpoint beside these, so that a run can
go on from one. Reading uses PyTorch's restricted unpickler, which makes tensors and plain values and nothing else.
"""

from __future__ import annotations

import json
import logging
import pickle
import warnings
import zipfile
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
    is_step,
    read_checkpoint,
)

SUFFIX = ".pth"
META = "ecg"
"""Key of the rest of the checkpoint, as JSON."""

STATES = {"model": "model_state_dict", "optimizer": "optimizer_state_dict", "ema": "ema_state_dict"}
"""Key of each part."""

MOST_TIMES_ITS_SIZE = 16
"""Tensors that share their memory are saved once and loaded apart: so many times the size of its file is the limit."""

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
        # Given a path, torch would keep its name inside, which is that of the moment.
        with atomic_path(path) as aside, aside.open("wb") as file:
            torch.save(content, file)
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
    states = {part: content[key] for part, key in STATES.items() if _is_state(content.get(key))}
    if content.get(STATES["optimizer"]) and "optimizer" not in states:
        log.warning("%s: the state of the optimizer has another form and is left out; a run cannot go on from it", path)
    _refuse_what_is_not_there(path, states)
    meta = _meta(path, content, task)
    return {part: {name: each.detach().clone() for name, each in state.items()} for part, state in states.items()}, meta


def _load(path: Path) -> dict[str, Any]:
    try:
        _refuse_bombs(path)
        with warnings.catch_warnings(action="ignore"):  # of kinds of tensors and of pickles, which are no user's matter
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such file") from error
    except CheckpointError:
        raise
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} is damaged, or holds more than tensors and plain values, which is never loaded{_found(error)}"
        ) from error
    except Exception as error:
        raise CheckpointError(f"{path} is no {SUFFIX} file, or damaged: {one_line(error)}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds a {type(content).__name__}, not a dictionary with {STATES['model']}")
    return content


def _found(error: pickle.UnpicklingError) -> str:
    """What PyTorch came upon, without its advice to load it nevertheless, as the end of a sentence."""
    words = str(error).partition("WeightsUnpickler error:")[2].split(". Please", 1)[0].strip().partition("\n")[0]
    return f": {words}" if words else ""


def _refuse_bombs(path: Path) -> None:
    """Refuse a file that unpacks to far more than it is; torch packs nothing.

    Raises:
        CheckpointError: it does.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(each.file_size for each in archive.infolist())
    _check_size(path, unpacked, "unpacks to")


def _check_size(path: Path, num_bytes: int, verb: str) -> None:
    size = path.stat().st_size
    if num_bytes > MOST_TIMES_ITS_SIZE * size:
        raise CheckpointError(
            f"{path} {verb} {num_bytes / 1e6:.0f} MB, though it has {size / 1e6:.2f} MB; more than "
            f"{MOST_TIMES_ITS_SIZE} times its size is never loaded"
        )


def _is_state(value: Any) -> bool:
    """Whether something is tensors by name."""
    if not isinstance(value, Mapping) or not value:
        return False
    return all(isinstance(name, str) and isinstance(each, Tensor) for name, each in value.items())


def _refuse_what_is_not_there(path: Path, states: Mapping[str, Mapping[str, Tensor]]) -> None:
    """Refuse tensors that are no plain numbers in memory, or that show a few bytes of the file as very many.

    Raises:
        CheckpointError: there are such ones.
    """
    tensors = {name: each for state in states.values() for name, each in state.items()}
    for name, each in tensors.items():
        if each.layout != torch.strided or each.device.type != "cpu" or each.is_quantized:
            raise CheckpointError(f"{path}: {name} is no plain tensor ({each.layout}, {each.dtype} on {each.device})")
    shown = sum(each.numel() * each.element_size() for state in states.values() for each in state.values())
    _check_size(path, shown, "holds tensors of")


def _meta(path: Path, content: Mapping[str, Any], task: str) -> dict[str, Any]:
    if META in content:
        return _own_meta(path, content[META])
    if not task:
        raise ConfigError(f"task: {path} does not say which task made it; name it, digitize.train_stage2 for instance")
    plain = {name: _as_plain(content.get(name)) for name in ("epoch", "loss")}
    config = _as_plain(content.get("config"))
    return {**plain, "task": task, "config": config if isinstance(config, dict) else {}, "step": 0}


def _own_meta(path: Path, text: Any) -> dict[str, Any]:
    try:
        meta = dict(json.loads(text))
    except (TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: its description {META!r} is damaged: {error}") from error
    if (
        not is_step(meta.get("step"))
        or not isinstance(meta.get("task"), str)
        or not isinstance(meta.get("config"), dict)
    ):
        raise CheckpointError(
            f"{path}: its description {META!r} is damaged: step, task or config are not as they should be"
        )
    return meta


def _as_plain(value: Any) -> Any:
    """A value as JSON has it, with words for what JSON does not have; None for what has no end."""
    try:
        return json.loads(json.dumps(value, default=lambda other: other.item() if _is_number(other) else str(other)))
    except (TypeError, ValueError, RecursionError):
        return None


def _is_number(value: Any) -> bool:
    """Whether a value is a tensor of one number."""
    return isinstance(value, Tensor) and value.numel() == 1 and not value.is_complex()


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
        ConfigError: no file is named, it does not say which task made it, or the run folder holds checkpoints already.
    """
    if not config.file:
        raise ConfigError(f"file: name the {SUFFIX} file to take over")
    parts, meta = read_pth(Path(config.file), task=config.task)
    rest = {name: value for name, value in meta.items() if name not in ("step", "format")}
    folder = CheckpointFolder(context.out_dir / CHECKPOINTS_FOLDER)
    if folder.newest_first():
        raise ConfigError(f"{context.out_dir} holds the checkpoints of a run: choose another folder by --out")
    path = folder.save(meta["step"], parts, rest, best=True)
    return TaskResult(summary={"checkpoint": str(path), "task": meta["task"], "parts": sorted(parts)})
