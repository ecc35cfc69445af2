"""A copy of a run's checkpoints and figures in another place: a bucket, so that a machine may be taken away.

The place holds a marker beside the copies, which says whose they are and which files were put there. Nothing else that
lies there is touched, and a place that another run copies to is refused.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar
from uuid import uuid4

from ecg_core.atomic import atomic_path, atomic_write_text, name_aside
from ecg_core.errors import ConfigError, EcgError, one_line
from ecg_core.execution.outputs import within
from ecg_core.training.checkpoint import BEST_FILE, CHECKPOINTS_FOLDER, META_FILE, in_order
from ecg_core.training.journal import METRICS_FILE
from ecg_core.training.mirror_marker import MARKER_FILE, Marker
from ecg_core.training.run_id import note_run_id, run_id

CONFIG_FILE = "config.yaml"
BEST = f"{CHECKPOINTS_FOLDER}/{BEST_FILE}"
_OF_A_CHECKPOINT = re.compile(rf"{CHECKPOINTS_FOLDER}/(step-[0-9]{{7,18}})/[A-Za-z0-9_][A-Za-z0-9_.-]*")

ValueT = TypeVar("ValueT")

log = logging.getLogger(__name__)


class MirrorRefused(ConfigError):
    """A place may not be copied to, or not be read from."""


class Mirror:
    """Keeps a folder elsewhere like the run folder.

    Args:
        root: folder or URL that fsspec knows (``gs://bucket/run``, ``s3://…``); empty for no mirror.
        run_folder: what is copied.

    Raises:
        ConfigError: the URL's protocol is unknown, its driver is not installed, or it is the run folder itself.
    """

    def __init__(self, root: str, run_folder: Path) -> None:
        self._root, self._run_folder = root, run_folder
        self._checkpoints = run_folder / CHECKPOINTS_FOLDER
        self._remote: Any = None
        self._base = ""
        self._local: Path | None = None
        self._writer, self._has_claimed = uuid4().hex, False
        if root:
            self._remote, self._base = _open(root)
            self._local = _as_local(self._remote, self._base)
            if self._local is not None and self._local.resolve() == run_folder.resolve():
                raise ConfigError(f"sync_to: {root} is the run folder itself; name another place, or none")

    def pull(self) -> None:
        """Take back what a run left there, if the run folder holds no checkpoint.

        Raises:
            ConfigError: it cannot be reached, or holds names that lead out of it.
        """
        if not self._root or any(self._steps_here()):
            return
        names = self._explained(self._take_all)
        if names:
            log.info("%d files of the run came from %s", len(names), self._root)

    def claim(self, *, strict: bool) -> None:
        """Make the place this run's own, before anything is written there.

        Args:
            strict: raise also where it cannot be reached; else a warning is enough.

        Raises:
            ConfigError: another run copies to it, it holds what this run did not put there, or, if ``strict``, it
                cannot be reached.
        """
        if not self._root:
            return
        try:
            self._explained(self._claimed)
        except MirrorRefused:
            raise
        except ConfigError as error:
            self._raise_or_warn(error, strict=strict)

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
            self._explained(self._copy_all)
        except ConfigError as error:
            self._raise_or_warn(error, strict=strict)

    @staticmethod
    def _raise_or_warn(error: ConfigError, *, strict: bool) -> None:
        if strict:
            raise error
        log.warning("%s; the run goes on, and the next checkpoint tries again", str(error).rstrip("."))

    def _explained(self, function: Callable[[], ValueT]) -> ValueT:
        try:
            return function()
        except EcgError:
            raise
        except Exception as error:  # every driver has errors of its own
            raise ConfigError(f"sync_to: {self._root} could not be reached or written to: {one_line(error)}") from error

    # Taking back

    def _take_all(self) -> list[str]:
        """Fetch what the marker lists, all that a run writes where an older release left no marker."""
        there = self._names_below("")
        marker = self._marker()
        names = [name for name in there if _is_ours(name) and (marker is None or name in marker.files)]
        whole = {name.rpartition("/")[0] for name in names if name.endswith(f"/{META_FILE}")}
        names = [name for name in names if name in (BEST, METRICS_FILE) or name.rpartition("/")[0] in whole]
        if not names:
            return names
        aside = name_aside(within(self._run_folder, f"{CHECKPOINTS_FOLDER}/all"))
        try:
            for name in names:
                self._fetch(name, aside / name)
            self._put_in_place(aside, names)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        if marker is not None:
            note_run_id(self._checkpoints, marker.run)
        return names

    def _fetch(self, name: str, target: Path) -> None:
        self._refuse_links(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._remote.get_file(self._url(name), str(target))

    def _put_in_place(self, folder: Path, names: Iterable[str]) -> None:
        """Move what has arrived into the run folder, the latest checkpoint last: with one there nothing is fetched."""
        steps = {PurePosixPath(name).parts[1] for name in names if _OF_A_CHECKPOINT.fullmatch(name)}
        ordered = [METRICS_FILE, BEST, *(f"{CHECKPOINTS_FOLDER}/{step}" for step in in_order(steps))]
        for name in ordered:
            if (folder / name).exists():
                with atomic_path(within(self._run_folder, name)) as aside:
                    (folder / name).rename(aside)

    # Whose it is

    def _claimed(self) -> Marker:
        """The marker of this run; it is written where there is none and nothing in the way.

        Raises:
            MirrorRefused: the place is another's.
        """
        run, found = run_id(self._checkpoints), self._marker()
        if found is not None and found.run != run:
            raise MirrorRefused(
                f"sync_to: {self._root} holds the copy of another run ({found.run}, this one is {run}); choose a place "
                "of its own for each run"
            )
        if found is not None and self._has_claimed and found.writer != self._writer:
            raise MirrorRefused(
                f"sync_to: a process elsewhere has gone on with this run and copies to {self._root} now; end one of "
                "the two"
            )
        marker = Marker(run=run, writer=self._writer, files=self._adopted() if found is None else found.files)
        if marker != found:
            self._write(marker)
        self._has_claimed = True
        return marker

    def _adopted(self) -> frozenset[str]:
        """What is taken for this run's in a place without a marker, where an older release may have copied it.

        A checkpoint is ours if its description is that of one in the run folder, byte for byte, since it holds the
        hashes of all its files; then so are the figures beside it. So is a first copy that was cut off.

        Raises:
            MirrorRefused: there are copies, and none of them is of this run.
        """
        there = [name for name in self._names_of_runs() if _is_ours(name)]
        if not there:
            return frozenset()
        same = {step for step in self._steps_here() if self._is_there(step)}
        if not same and all(map(self._is_begun, there)):
            return frozenset(there)
        if not same:
            raise MirrorRefused(
                f"sync_to: {self._root} holds {', '.join(there[:3])}{' …' if there[3:] else ''}, which this run did "
                "not put there; choose an empty place. If they are this run's, copied by an older release, --resume in "
                "an empty run folder takes them over"
            )
        ours = frozenset(name for name in there if (step := _step_in(name)) is None or step in same)
        if left := sorted(set(there) - ours):
            log.warning(
                "%s holds checkpoints that are not in the run folder; they stay as they are: %s", self._root, left
            )
        return ours

    def _marker(self) -> Marker | None:
        self._refuse_links(MARKER_FILE)
        self._remote.invalidate_cache()
        if not self._remote.exists(self._url(MARKER_FILE)):
            return None
        marker = Marker.of_text(self._remote.cat_file(self._url(MARKER_FILE)))
        if marker is None:
            log.warning("%s is damaged, and counts for nothing", self._url(MARKER_FILE))
            return None
        return marker.with_files(filter(_is_ours, marker.files))  # a marker can be made by anybody

    def _write(self, marker: Marker) -> None:
        if self._local is not None:
            self._refuse_links(MARKER_FILE)
            atomic_write_text(self._local / MARKER_FILE, marker.as_text())
            return
        self._remote.makedirs(self._base, exist_ok=True)
        self._remote.pipe_file(self._url(MARKER_FILE), marker.as_text().encode())

    # Copying

    def _copy_all(self) -> None:
        marker = self._claimed()
        there = set(self._names_of_runs())
        foreign = {step for step in map(_step_in, there) if step} - {
            step for step in map(_step_in, marker.files) if step
        }
        steps = self._steps_here()
        new = [step for step in steps if step not in foreign and not self._is_there(step)]
        tops = [name for name in (BEST, METRICS_FILE, CONFIG_FILE) if (self._run_folder / name).exists()]
        files = [*(name for step in new for name in self._files_of(step)), *tops]
        in_the_way = sorted(there & set(tops) - marker.files)
        gone = {name for name in marker.files if (step := _step_in(name)) is not None and step not in steps}

        about_to = marker.with_files(marker.files | (set(files) - set(in_the_way)))
        self._write(about_to)
        for name in files:
            if name not in in_the_way:
                self._put(self._run_folder / name)
        for name in gone & there:
            self._remove(name)
        if gone:
            self._write(about_to.with_files(about_to.files - gone))
        if blocked := [*in_the_way, *sorted(foreign & set(steps))]:
            raise MirrorRefused(
                f"sync_to: {self._root} holds {', '.join(blocked)}, which this run did not put there, so that its own "
                "were not copied; move them away"
            )

    def _put(self, file: Path) -> None:
        name = file.relative_to(self._run_folder).as_posix()
        self._refuse_links(name)
        target = self._url(name)
        self._remote.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._remote.put_file(str(file), target)

    def _remove(self, name: str) -> None:
        """Remove a file that was put there, and its folder with the last of them."""
        self._refuse_links(name)
        self._remote.rm_file(self._url(name))
        folder = self._url(name).rpartition("/")[0]
        with suppress(OSError, NotImplementedError):  # others lie in it, or there are no folders in this kind of place
            if self._local is not None or not self._remote.find(folder):
                self._remote.rmdir(folder)

    # What is here and there

    def _steps_here(self) -> list[str]:
        found = in_order(path.name for path in self._checkpoints.glob("step-*"))
        return [name for name in found if (self._checkpoints / name / META_FILE).is_file()]

    def _files_of(self, step: str) -> Iterator[str]:
        """The files of a checkpoint, its description last: with it the copy is whole."""
        names = sorted(path.name for path in (self._checkpoints / step).iterdir() if path.name != META_FILE)
        yield from (f"{CHECKPOINTS_FOLDER}/{step}/{name}" for name in [*names, META_FILE])

    def _is_there(self, step: str) -> bool:
        """Whether a checkpoint has a whole copy there, by its description."""
        name = f"{CHECKPOINTS_FOLDER}/{step}/{META_FILE}"
        self._refuse_links(name)
        if not self._remote.exists(self._url(name)):
            return False
        return bool(self._remote.cat_file(self._url(name)) == (self._run_folder / name).read_bytes())

    def _is_begun(self, name: str) -> bool:
        """Whether a file there is the beginning of the one in the run folder: a copy that was cut off."""
        file = self._run_folder / name
        return file.is_file() and file.read_bytes().startswith(self._remote.cat_file(self._url(name)))

    def _names_of_runs(self) -> list[str]:
        """Names there that a run may write: files of checkpoints, figures, configuration."""
        tops = [name for name in (METRICS_FILE, CONFIG_FILE) if self._remote.exists(self._url(name))]
        return [*tops, *filter(_is_ours, self._names_below(CHECKPOINTS_FOLDER))]

    def _names_below(self, folder: str) -> list[str]:
        """Names of all files below a folder there, within the place.

        Raises:
            MirrorRefused: one leads out of it.
        """
        self._remote.invalidate_cache()
        self._refuse_links(folder)
        place = self._url(folder)
        paths = self._remote.find(place) if self._remote.exists(place) else ()
        names = sorted(str(path).removeprefix(self._base).removeprefix("/") for path in paths)
        for name in names:
            if not _stays_within(name):
                raise MirrorRefused(
                    f"sync_to: {self._root} holds the name {name!r}, which leads out of it; nothing is taken from it. "
                    "Choose another place, or remove that name"
                )
        return names

    def _url(self, name: str) -> str:
        return f"{self._base}/{name}" if name else self._base or "/"

    def _refuse_links(self, name: str) -> None:
        """In a folder of this machine what is a link may lead anywhere: nothing is read or written through it."""
        if self._local is None or not name:
            return
        for depth in range(1, len(PurePosixPath(name).parts) + 1):
            path = self._local.joinpath(*PurePosixPath(name).parts[:depth])
            if path.is_symlink():
                raise MirrorRefused(
                    f"sync_to: {path} is a link, which may lead anywhere; put the folder or file itself there"
                )


def _open(root: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    try:
        remote, base = url_to_fs(root)
    except Exception as error:  # every driver has errors of its own
        raise ConfigError(f"sync_to: {root} cannot be used: {one_line(error)}") from error
    return remote, str(base).rstrip("/")


def _as_local(remote: Any, base: str) -> Path | None:
    """The folder of this machine that a place is, if it is one."""
    from fsspec.implementations.local import LocalFileSystem

    return Path(base) if isinstance(remote, LocalFileSystem) else None


def _is_ours(name: str) -> bool:
    """Whether a run writes files of that name; none of them leads anywhere else."""
    return name in (BEST, METRICS_FILE, CONFIG_FILE) or _OF_A_CHECKPOINT.fullmatch(name) is not None


def _step_in(name: str) -> str | None:
    """The folder of the checkpoint that a file is of: ``step-0000100``."""
    found = _OF_A_CHECKPOINT.fullmatch(name)
    return found[1] if found else None


def _stays_within(name: str) -> bool:
    """Whether a name lies below the folder that it is a name in, on any system."""
    path = PureWindowsPath(name)
    is_absolute = path.anchor or any(PureWindowsPath(part).is_absolute() for part in name.split("/"))
    return bool(name) and not is_absolute and ".." not in path.parts
