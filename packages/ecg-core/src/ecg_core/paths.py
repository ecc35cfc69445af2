"""Files elsewhere: any URL that fsspec knows (``s3://``, ``gs://``, ``https://`` …) as a file on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ecg_core.errors import DataError

Companions = Callable[[Path], Iterable[str]]
"""A function that takes a local file and gives the names of the files beside it that its reader needs too."""


def is_remote(path: str | Path) -> bool:
    """Whether a path is a URL."""
    return "://" in str(path)


@contextmanager
def local_copy(path: str | Path, companions: Companions | None = None) -> Iterator[Path]:
    """A local path of a file, itself if it is local, else a copy that lasts as long as the block.

    Args:
        path: file or URL.
        companions: says what else has to be fetched, asked of every file that arrives; one that is not there is left
            out, for the reader to complain of.

    Raises:
        DataError: the file cannot be fetched; the message says what to install if the protocol needs more.
    """
    if not is_remote(path):
        yield Path(path)
        return
    with TemporaryDirectory(prefix="ecg-") as folder:
        yield _fetch(str(path), Path(folder), companions)


def list_files(root: str) -> list[str]:
    """Paths or URLs of all files below a local or remote folder, in order, each beginning with ``root``.

    Raises:
        DataError: there is no such folder, or it cannot be listed.
    """
    if is_remote(root):
        return list_remote_files(root)
    if not Path(root).is_dir():
        raise DataError(f"{root}: there is no such folder")
    return [
        f"{root.rstrip('/')}/{path.relative_to(root).as_posix()}"
        for path in sorted(Path(root).rglob("*"))
        if path.is_file()
    ]


def list_remote_files(root: str) -> list[str]:
    """URLs of all files below a remote folder, in order.

    Raises:
        DataError: the folder cannot be listed.
    """
    from fsspec.core import url_to_fs

    try:
        file_system, path = url_to_fs(root)
        return [file_system.unstrip_protocol(found) for found in sorted(file_system.find(path))]
    except Exception as error:
        raise _unreachable(root, error) from error


def remote_name(url: str) -> str:
    """The file name in a URL: ``s3://bucket/a/b.hea`` → ``b.hea``."""
    return _without_query(url).rpartition("/")[2]


def _without_query(url: str) -> str:
    """The first link of a chained URL; web addresses may end in ``?…``, keys of object stores may hold a ``?``."""
    first = url.partition("::")[0]
    return first.partition("?")[0] if first.startswith("http") else first


def _sibling(url: str, name: str) -> str:
    plain = _without_query(url)
    return f"{plain.rpartition('/')[0]}/{name}{url[len(plain) :]}"


def _fetch(url: str, folder: Path, companions: Companions | None) -> Path:
    """Download a file and, one after the other, what it says it needs."""
    name = remote_name(url)
    if not _is_plain(name):
        raise DataError(f"{url}: the URL ends in no file name; give that of one file")
    first = folder / name
    _download(url, first)
    arrived = [first]
    for path in arrived:
        for needed in companions(path) if companions else ():
            target = folder / needed
            if _is_plain(needed) and not target.exists() and _exists(_sibling(url, needed)):
                _download(_sibling(url, needed), target)
                arrived.append(target)
    return first


def _is_plain(name: str) -> bool:
    return bool(name) and Path(name).name == name and name != ".."


def _exists(url: str) -> bool:
    from fsspec.core import url_to_fs

    file_system, path = url_to_fs(url)
    return bool(file_system.exists(path))


def _download(url: str, target: Path) -> None:
    from fsspec.core import url_to_fs

    try:
        file_system, path = url_to_fs(url)
        file_system.get_file(path, str(target))
    except Exception as error:
        raise _unreachable(url, error) from error


def _unreachable(url: str, error: Exception) -> DataError:
    """fsspec's own message already names the package to install for a protocol whose driver is missing."""
    if isinstance(error, FileNotFoundError):
        return DataError(f"{url}: there is no such file, or no right to read it")
    return DataError(f"{url}: could not be reached: {type(error).__name__}: {error}")
