"""One run at a time in a run folder: a file there says who is at work, and is gone when nobody is.

The operating system holds the lock (``flock``) and drops it with its process, however that ends; the note in the file
is for people, and for machines that share the folder and not their locks.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from ecg_core.atomic import is_alive
from ecg_core.errors import DataError, why_not_written

LOCK_FILE = ".run.lock"
LONGEST_NOTE = 10_000
GRABS = 100
"""How often a lock is tried for that others give back in the same moment."""

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Owner:
    """Who is at work in a run folder.

    Attributes:
        task: what it runs.
        process: its number on its machine.
        host: that machine.
        since: when it began, as text.
    """

    task: str
    process: int
    host: str
    since: str

    @classmethod
    def this_process(cls, task: str) -> Owner:
        return cls(task=task, process=os.getpid(), host=socket.gethostname(), since=time.strftime("%Y-%m-%d %H:%M:%S"))

    @classmethod
    def of_text(cls, text: str) -> Owner | None:
        """Who wrote a note; None for what a kill cut short."""
        try:
            values: dict[str, Any] = json.loads(text)
            return cls(
                task=str(values["task"]),
                process=int(values["process"]),
                host=str(values["host"]),
                since=str(values["since"]),
            )
        except (ValueError, KeyError, TypeError):
            return None

    @property
    def is_here(self) -> bool:
        return self.host == socket.gethostname()

    @property
    def is_parent(self) -> bool:
        """Whether it is the process that started this one to work for it."""
        parent = multiprocessing.parent_process()
        return self.is_here and parent is not None and parent.pid == self.process


@attrs.define
class _Held:
    file: int
    process: int
    times: int = 1


_held: dict[Path, _Held] = {}
"""Folders in which this process is at work: what it does in the course of a run may ask again."""


@contextmanager
def run_lock(folder: Path, task: str) -> Iterator[None]:
    """Within the block no other run is at work in a folder, which is made if need be.

    A process that holds it already enters again, and so does one that the holder started. Where the file system knows
    no locks, the note alone counts.

    Raises:
        DataError: another run is at work there, or the folder cannot be written to.
    """
    path = folder.resolve() / LOCK_FILE
    held = _held.get(path)
    if held is None and (file := _take(path, Owner.this_process(task))) is not None:
        _held[path] = _Held(file, os.getpid())
    elif held is not None:
        held.times += 1
    try:
        yield
    finally:
        _let_go(path)


def is_first_process() -> bool:
    """Whether this is rank 0 of what torchrun started, or the only process: the one that writes to a run folder."""
    return os.environ.get("RANK", "0") == "0"


def _let_go(path: Path) -> None:
    held = _held.get(path)
    if held is None or held.process != os.getpid():  # of the process that started this one
        return
    held.times -= 1
    if held.times == 0:
        del _held[path]
        if os.name == "nt":  # there no open file can be removed
            os.close(held.file)
        with suppress(OSError):  # while it is held, so that it is nobody else's
            path.unlink()
        if os.name != "nt":
            os.close(held.file)


def _take(path: Path, own: Owner) -> int | None:
    """Hold the file; gives None where the process that started this one does."""
    for _ in range(GRABS):
        file = _opened(path)
        try:
            is_free, is_sure = _try_lock(file)
            if is_free and not _is_still(file, path):  # its holder has removed it meanwhile
                os.close(file)
                continue
            owner = Owner.of_text(os.read(file, LONGEST_NOTE).decode(errors="replace"))
            if owner is not None and owner.is_parent:
                os.close(file)
                return None
            _refuse(path, owner, is_free=is_free, is_sure=is_sure)
            _write_note(file, own)
        except OSError as error:
            os.close(file)
            raise _cannot_write(path, error) from error
        except DataError:
            os.close(file)
            raise
        return file
    raise DataError(f"{path.parent}: other runs begin in this folder again and again; choose another by --out")


def _write_note(file: int, owner: Owner) -> None:
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, (json.dumps(attrs.asdict(owner)) + "\n").encode())


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> DataError:
    reason = why_not_written(error) or error.strerror or str(error)
    return DataError(f"the run folder {path.parent} cannot be written to: {reason}. Choose another by --out DIR.")


def _try_lock(file: int) -> tuple[bool, bool]:
    """Whether the lock was free and is held now, and whether that is sure: some systems have no locks."""
    try:
        import fcntl
    except ImportError:
        return True, False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False, True
    except OSError:
        return True, False
    return True, True


def _is_still(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _refuse(path: Path, owner: Owner | None, *, is_free: bool, is_sure: bool) -> None:
    """Raise an error if the owner is or may be at work; tell of one that died without giving its lock back."""
    folder = path.parent
    if owner is None:
        if not is_free:
            raise DataError(f"{folder}: another run begins in this folder just now; choose another by --out")
        return
    who = f"another run of {owner.task} is at work in this folder, process {owner.process} of"
    if not owner.is_here:
        raise DataError(
            f"{folder}: {who} {owner.host} since {owner.since}. Whether it still is cannot be seen from "
            f"{socket.gethostname()}: if it is not, remove {path}; else wait for it, or choose another folder by --out"
        )
    if not is_free or (not is_sure and is_alive(owner.process) and owner.process != os.getpid()):
        raise DataError(
            f"{folder}: {who} this machine since {owner.since}; wait for it, end it (kill {owner.process}), or choose "
            "another folder by --out"
        )
    log.info(
        "%s: taking over from process %d (%s since %s), which is gone", folder, owner.process, owner.task, owner.since
    )
