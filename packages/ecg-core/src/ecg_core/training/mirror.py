"""A copy of a run's checkpoints and figures in another place: a bucket, so that a machine may be taken away."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecg_core.errors import ConfigError, one_line
from ecg_core.training.checkpoint import BEST_FILE, CHECKPOINTS_FOLDER, META_FILE
from ecg_core.training.journal import METRICS_FILE

CONFIG_FILE = "config.yaml"

log = logging.getLogger(__name__)


class Mirror:
    """Keeps a folder elsewhere like the run folder.

    Args:
        root: folder or URL that fsspec knows (``gs://bucket/run``, ``s3://…``); empty for no mirror.
        run_folder: what is copied.

    Raises:
        ConfigError: the URL's protocol is unknown, or its driver is not installed.
    """

    def __init__(self, root: str, run_folder: Path) -> None:
        self._root, self._run_folder = root, run_folder
        self._remote: Any = None
        self._base = ""
        if root:
            self._remote, self._base = _open(root)

    def pull(self) -> None:
        """Take back what a run left there, if the run folder holds no checkpoint.

        Raises:
            ConfigError: it cannot be reached.
        """
        if not self._root or any((self._run_folder / CHECKPOINTS_FOLDER).glob("step-*")):
            return
        try:
            found = sorted(self._remote.find(self._base)) if self._remote.exists(self._base) else []
            for path in found:
                self._take(path.removeprefix(self._base).lstrip("/"))
        except Exception as error:  # every driver has errors of its own
            raise self._unreachable(error) from error
        if found:
            log.info("%d files of the run came from %s", len(found), self._root)

    def push(self, *, strict: bool = False) -> None:
        """Copy what is new, and remove the checkpoints that the run has removed.

        Args:
            strict: raise where it fails; else a warning is enough, and the next call tries again.

        Raises:
            ConfigError: it cannot be written to, if ``strict``.
        """
        if not self._root:
            return
        try:
            self._copy_all()
        except Exception as error:  # every driver has errors of its own
            if strict:
                raise self._unreachable(error) from error
            log.warning("%s; the run goes on, and the next checkpoint tries again", self._unreachable(error))

    def _copy_all(self) -> None:
        checkpoints = self._run_folder / CHECKPOINTS_FOLDER
        local = {path.name: path for path in sorted(checkpoints.glob("step-*"))}
        there = self._checkpoints_there()
        whole = {name for name, files in there.items() if META_FILE in files}
        for name in sorted(local.keys() - whole):
            for file in _meta_last(local[name]):
                self._put(file)
        for file in (checkpoints / BEST_FILE, self._run_folder / METRICS_FILE, self._run_folder / CONFIG_FILE):
            if file.exists():
                self._put(file)
        for name in there.keys() - local.keys():
            self._remote.rm(f"{self._base}/{CHECKPOINTS_FOLDER}/{name}", recursive=True)

    def _take(self, name: str) -> None:
        """Fetch one file of the mirror; the configuration file is left out, since the run that asks has its own."""
        if name != CONFIG_FILE:
            target = self._run_folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            self._remote.get_file(f"{self._base}/{name}", str(target))

    def _checkpoints_there(self) -> dict[str, set[str]]:
        """Files of each; one is whole with its description, which is copied last."""
        folder = f"{self._base}/{CHECKPOINTS_FOLDER}"
        self._remote.invalidate_cache()
        found: dict[str, set[str]] = {}
        for path in self._remote.find(folder) if self._remote.exists(folder) else ():
            name, _, file = path.removeprefix(folder).lstrip("/").partition("/")
            if file:
                found.setdefault(name, set()).add(file)
        return found

    def _put(self, file: Path) -> None:
        target = f"{self._base}/{file.relative_to(self._run_folder).as_posix()}"
        self._remote.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._remote.put_file(str(file), target)

    def _unreachable(self, error: Exception) -> ConfigError:
        return ConfigError(f"sync_to: {self._root} could not be reached or written to: {one_line(error)}")


def _open(root: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    try:
        remote, base = url_to_fs(root)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"sync_to: {root} cannot be used: {one_line(error)}") from error
    return remote, base.rstrip("/")


def _meta_last(folder: Path) -> Iterator[Path]:
    yield from (file for file in sorted(folder.iterdir()) if file.name != META_FILE)
    yield folder / META_FILE
