"""Where the work on an item writes: files within the run folder that nobody else's are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePath, PureWindowsPath

from ecg_core.errors import ConfigError, DataError


class Outputs:
    """The files of one item in the run folder.

    Args:
        folder: the run folder.
        owned: names of files that the item wrote earlier and may replace.
        done: outcomes of the parts that need not be worked on, since an earlier run has finished them, by name.
        claim: is told the name of every file before it is written.
        begin: is told the name of every part that is asked for and is not done, since it will be worked on now.
    """

    def __init__(
        self,
        folder: Path,
        *,
        owned: Collection[str],
        done: Mapping[str, str],
        claim: Callable[[str], None],
        begin: Callable[[str], None] = lambda _part: None,
    ) -> None:
        self.folder = folder
        self._owned, self._done, self._claim, self._begin = set(owned), dict(done), claim, begin
        self._new: list[str] = []

    def path(self, name: str) -> Path:
        """Where to write a file; its folder is there afterwards.

        Args:
            name: path within the run folder, with ``/`` between folders.

        Raises:
            ConfigError: the name leads out of the run folder.
            DataError: a file that this item did not write is there.
        """
        path = within(self.folder, name)
        if name not in self._owned:
            refuse_foreign(path)
            self._claim(name)
            self._owned.add(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if name not in self._new:
            self._new.append(name)
        return path

    def is_done(self, part: str) -> bool:
        """Whether an earlier run has finished a part, so that it can be passed over.

        Ask before anything is done for the part: should the work be stopped there, it is known where it was.
        """
        if part not in self._done:
            self._begin(part)
        return part in self._done

    def outcome_of(self, part: str) -> str | None:
        """The outcome of a part that need not be worked on; None of any other."""
        return self._done.get(part)

    def taken(self) -> tuple[str, ...]:
        """Names of the files since the last call: what the part that ends now has written."""
        names, self._new = tuple(self._new), []
        return names


def within(folder: Path, name: str) -> Path:
    """A path within a folder by its name there, on any system; also links on the way must not lead out.

    Raises:
        ConfigError: it lies elsewhere.
    """
    path = folder / name
    if not _is_below(name):
        raise ConfigError(f"{name}: results are written within the run folder {folder}; give a name below it")
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise ConfigError(f"{path}: a link leads out of the run folder {folder}; remove it, or choose another by --out")
    return path


def stays_within(folder: Path, name: str) -> bool:
    """Whether a folder by its name in another one lies below it, links followed."""
    return _is_below(name) and (folder / name).resolve().is_relative_to(folder.resolve())


def _is_below(name: str) -> bool:
    """Whether a name leads down alone, on any system."""
    here, on_windows = PurePath(name), PureWindowsPath(name)
    leads_out = here.anchor or on_windows.is_absolute() or ".." in (*here.parts, *on_windows.parts)
    return bool(here.name) and not leads_out


def refuse_foreign(path: Path) -> None:
    """What a run did not write it does not touch.

    Raises:
        DataError: something is there.
    """
    if path.exists() or path.is_symlink():
        raise DataError(
            f"{path} is there already and was not written by this run; move it away, or choose another folder by --out"
        )
