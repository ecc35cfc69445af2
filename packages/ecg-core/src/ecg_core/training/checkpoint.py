"""Checkpoints: folders of safetensors with a ``checkpoint.json``, whole or absent, and checked when read.

``checkpoints/step-0000100/`` holds ``model.safetensors``, ``optimizer.safetensors``, ``ema.safetensors`` where an
average is kept, and ``checkpoint.json`` with everything else and the SHA-256 of each file. A folder appears by one
rename when all of it is on the disk, so a run may be killed at any moment. The newest folder is the latest checkpoint;
``checkpoints/best.json`` names the best. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import safetensors.torch
from torch import Tensor, nn

from ecg_core.atomic import atomic_path, atomic_write_text, name_aside, remove_leftovers
from ecg_core.errors import CheckpointError, not_written

FORMAT_VERSION = 1
CHECKPOINTS_FOLDER = "checkpoints"
META_FILE = "checkpoint.json"
BEST_FILE = "best.json"
SUFFIX = ".safetensors"
MOST_STEPS = 10**18 - 1
_FOLDER_NAME = re.compile(r"step-([0-9]{7,18})")
"""Other names in the folder are somebody else's."""

log = logging.getLogger(__name__)

Parts = Mapping[str, Mapping[str, Tensor]]
Which = Literal["best", "latest"]


@attrs.frozen(kw_only=True)
class Checkpoint:
    """A checkpoint that was read and found whole.

    Attributes:
        folder: where it lies.
        meta: the content of ``checkpoint.json``.
        parts: ``model``, ``optimizer``, ``ema`` → tensors by name, on the CPU.
    """

    folder: Path
    meta: dict[str, Any]
    parts: Parts

    @property
    def step(self) -> int:
        return int(self.meta["step"])

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """The weights to use: the running average where there is one, else the model as trained.

        Raises:
            CheckpointError: it has neither.
        """
        found = self.parts.get("ema") or self.parts.get("model")
        if found is None:
            raise CheckpointError(f"{self.folder} holds no weights, only {', '.join(self.parts) or 'nothing'}")
        return found


def write_checkpoint(folder: Path, parts: Parts, meta: Mapping[str, Any]) -> None:
    """Write a checkpoint folder, whole or not at all; ``parts`` must lie on the CPU.

    Raises:
        CheckpointError: the disk is full, or the folder cannot be written to.
    """
    try:
        with atomic_path(folder) as aside:
            aside.mkdir()
            files = {f"{part}{SUFFIX}": _write_tensors(aside / f"{part}{SUFFIX}", parts[part]) for part in parts}
            text = json.dumps({"format": FORMAT_VERSION, **meta, "files": files}, indent=2)
            (aside / META_FILE).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CheckpointError(not_written(folder, error)) from error


def _write_tensors(file: Path, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Write one file; returns how ``checkpoint.json`` lists it."""
    content = safetensors.torch.save(dict(tensors))
    file.write_bytes(content)
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint folder, checking every file against its hash.

    Raises:
        CheckpointError: naming the file that is absent or damaged.
    """
    meta = _read_meta(folder / META_FILE)
    parts = {
        name.removesuffix(SUFFIX): _read_tensors(folder / name, expected["sha256"])
        for name, expected in meta["files"].items()
    }
    return Checkpoint(folder=folder, meta=meta, parts=parts)


def _read_meta(file: Path) -> dict[str, Any]:
    try:
        meta = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{file} is damaged or absent: {error}") from error
    version = meta.get("format") if isinstance(meta, dict) else None
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{file} has the checkpoint format {version}; this ecg-core reads format {FORMAT_VERSION}. "
            "Upgrade ecg-core if the checkpoint is newer."
        )
    files = meta.get("files")
    if not is_step(meta.get("step")) or not isinstance(files, dict) or not all(map(_is_listing, files.items())):
        raise CheckpointError(f"{file} is damaged: its list of files or its step is not as it should be")
    return meta


def is_step(value: object) -> bool:
    """Whether a value from a file is a number of steps."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_STEPS


def _is_listing(entry: tuple[str, Any]) -> bool:
    """Whether a file is listed by its plain name (nothing outside the folder) with a hash."""
    name, expected = entry
    is_plain = Path(name).name == name and "\0" not in name
    return is_plain and isinstance(expected, dict) and isinstance(expected.get("sha256"), str)


def _read_tensors(file: Path, sha256: str) -> dict[str, Tensor]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CheckpointError(f"{file} is damaged: its content does not have the hash noted in {META_FILE}")
    try:
        tensors: dict[str, Tensor] = safetensors.torch.load(content)
    except Exception as error:  # numbers and kinds in its header that nobody wrote so have errors of all classes
        raise CheckpointError(f"{file} is no safetensors file: {error}") from error
    return tensors


def in_order(names: Iterable[str]) -> list[str]:
    """Those of some names that are folders of checkpoints, by their steps: 10,000,000 comes after 9,999,999."""
    steps = {name: int(found[1]) for name in names if (found := _FOLDER_NAME.fullmatch(name))}
    return sorted(steps, key=steps.__getitem__)


class CheckpointFolder:
    """The checkpoints of a run.

    Args:
        folder: ``checkpoints`` in the run folder; made with the first checkpoint.
        keep: number of the latest ones to keep, beside the best.
    """

    def __init__(self, folder: Path, *, keep: int = 2) -> None:
        self._folder, self._keep = folder, keep

    def path(self, step: int) -> Path:
        return self._folder / f"step-{step:07d}"

    def save(self, step: int, parts: Parts, meta: Mapping[str, Any], *, best: bool) -> Path:
        """Write the checkpoint of a step, note it as the best if it is, and remove those no longer wanted."""
        path = self.path(step)
        write_checkpoint(path, parts, {**meta, "step": step})
        if best:
            self.note_best(step)
        self._prune()
        return path

    def note_best(self, step: int | None) -> None:
        """Note which checkpoint is the best; none with None, or if that one is gone."""
        note = self._folder / BEST_FILE
        if step is None or not self.path(step).exists():
            note.unlink(missing_ok=True)
        else:
            atomic_write_text(note, json.dumps({"checkpoint": self.path(step).name}) + "\n")

    def newest_first(self) -> list[Path]:
        """Every checkpoint folder, sound or not."""
        names = in_order(path.name for path in self._folder.glob("step-*"))
        return [self._folder / name for name in reversed(names)]

    def best(self) -> Path | None:
        """The best checkpoint; None if none was ever noted.

        Raises:
            CheckpointError: the note is damaged.
        """
        note = self._folder / BEST_FILE
        if not note.exists():
            return None
        try:
            return self._folder / Path(json.loads(note.read_text(encoding="utf-8"))["checkpoint"]).name
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise CheckpointError(f"{note} is damaged: {error!r}; remove it to use the latest checkpoint") from error

    def sound_newest_first(self) -> Iterator[Checkpoint]:
        """Every checkpoint that is whole, the latest first, with a warning for each that is not.

        Raises:
            CheckpointError: there are checkpoints and all of them are damaged.
        """
        faults = []
        paths = self.newest_first()
        for path in paths:
            try:
                yield read_checkpoint(path)
            except CheckpointError as error:
                faults.append(str(error))
                log.warning("%s; trying the checkpoint before it", error)
        if paths and len(faults) == len(paths):
            raise CheckpointError(f"no checkpoint in {self._folder} is whole: {'; '.join(faults)}")

    def remove_leftovers(self) -> None:
        """Remove what a killed run left half written or half removed."""
        remove_leftovers(self._folder, patience_s=2.0)  # its processes end a moment after it

    def _prune(self) -> None:
        best = self.best()
        for path in self.newest_first()[self._keep :]:
            if path != best:
                aside = path.rename(name_aside(path))
                shutil.rmtree(aside)


def find_checkpoint(path: Path, which: Which = "best") -> Path:
    """The checkpoint folder that a path means: itself, or the best or latest one of a run folder.

    ``best`` is the latest where no evaluation ever chose one.

    Raises:
        CheckpointError: there is none.
    """
    for candidate in _meanings(path):
        if (candidate / META_FILE).exists():
            return candidate
        checkpoints = CheckpointFolder(candidate)
        found = (checkpoints.best() if which == "best" else None) or next(iter(checkpoints.newest_first()), None)
        if found:
            return found
    raise CheckpointError(f"{path} holds no checkpoint: it should be a run folder, or a folder with {META_FILE}")


def _meanings(path: Path) -> Iterator[Path]:
    yield path
    yield path / CHECKPOINTS_FOLDER


def load_weights(model: nn.Module, path: Path, which: Which = "best") -> Checkpoint:
    """Put the weights of a checkpoint into a model: the running average where there is one.

    Args:
        model: of the kind that was trained.
        path: a run folder, or one checkpoint of it.
        which: of the checkpoints of a run folder.

    Returns:
        The checkpoint, for its configuration and figures.

    Raises:
        CheckpointError: there is none, it is damaged, or it belongs to another model.
    """
    checkpoint = read_checkpoint(find_checkpoint(path, which))
    try:
        model.load_state_dict(dict(checkpoint.weights))
    except (RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(f"{checkpoint.folder} belongs to another model: {error}") from error
    return checkpoint
