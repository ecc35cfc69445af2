"""Reading and writing records in any format that an installed distribution registers."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, overload

from ecg_core.errors import DataError, EcgError
from ecg_core.plugins.guard import guarded

if TYPE_CHECKING:
    from ecg_core.plugins.spec import FormatSpec
    from ecg_core.protocols import Format
    from ecg_core.record import Record

HEADER_SUFFIX = ".hea"

log = logging.getLogger(__name__)


def read_record(path: str | Path, *, format: str | None = None, **options: Any) -> Record:
    """Read one record, in millivolts.

    Args:
        path: a file, or a URL that fsspec knows; files beside it that belong to it (the ``.dat`` of a ``.hea``) are
            found, and fetched, by themselves.
        format: name of a format; by default the suffix decides.
        options: passed to the format's ``read``: ``sampling_rate_hz`` for CSV without one, for example.

    Raises:
        DataError: the file is missing, damaged or of an unknown kind; the message names it.
        PluginError: the format is not installed, or broken.
    """
    from ecg_core.paths import local_copy

    reader = _open_format(path, format, writes=False)
    with local_copy(path, getattr(reader, "companions", None)) as local_path, guarded(doing="read"):
        return reader.read(local_path, **options)


def write_record(record: Record, path: str | Path, *, format: str | None = None) -> list[Path]:
    """Write one record, whole or not at all.

    Args:
        record: what to write.
        path: a local file; missing folders are made. WFDB and MATLAB records are two files, of which the header
            replaces that of any other record with the same stem.
        format: name of a format, ``ecg-core:wfdb`` say; by default the suffix decides, which any plugin may claim.

    Returns:
        The files that were written.

    Raises:
        DataError: the suffix is unknown, or the format cannot hold the record.
        PluginError: the format is not installed, or broken.
    """
    from ecg_core.paths import is_remote

    if is_remote(path):
        raise DataError(f"{path}: records are written to local files; write it here, then copy it there")
    writer = _open_format(path, format, writes=True)
    with guarded(doing="write"):
        return writer.write(record, Path(path))


def files_of_record(path: str | Path) -> tuple[str, ...]:
    """The files that a record is read from: the one named, and those beside it that its format asks for.

    Of a URL, of a damaged file and of one of an unknown kind it is the one named alone: reading it tells what is wrong.
    """
    from ecg_core.paths import is_remote

    if is_remote(path):
        return (str(path),)
    try:
        companions = getattr(_open_format(path, None, writes=False), "companions", None)
        with guarded(doing="companions"):
            beside = companions(Path(path)) if companions else ()
    except (EcgError, OSError):
        beside = ()
    return (str(path), *(str(Path(path).with_name(name)) for name in beside))


@overload
def find_records(root: Path, *, suffixes: Collection[str] | None = None) -> list[Path]: ...
@overload
def find_records(root: str, *, suffixes: Collection[str] | None = None) -> list[Path] | list[str]: ...


def find_records(root: str | Path, *, suffixes: Collection[str] | None = None) -> list[Path] | list[str]:
    """Every record below a folder, one entry each, in order.

    Files of one folder with one stem are one record: its WFDB header if there is one, else the first by name.

    Args:
        root: a folder, a single file, or the URL of a remote folder.
        suffixes: look for these only, ``{".hea"}`` say; by default all known ones, but in folders none of formats that
            are read only where they are named.

    Returns:
        Paths that `read_record` takes; URLs for a remote root. Hidden files are left out.

    Raises:
        DataError: the folder does not exist or cannot be listed.
    """
    from ecg_core.paths import is_remote, list_remote_files

    is_file = not is_remote(root) and Path(root).is_file()
    wanted = tuple(suffixes or _suffixes(in_folders=not is_file))
    if is_remote(root):
        urls = {PurePath(url): url for url in list_remote_files(str(root))}
        return [urls[path] for path in _one_per_stem(urls, wanted)]
    folder = Path(root)
    if not folder.exists():
        raise DataError(f"{root}: there is no such folder")
    return _one_per_stem([folder] if is_file else folder.rglob("*"), wanted)


def _one_per_stem(files: Any, suffixes: tuple[str, ...]) -> list[Any]:
    """The first file of each folder and stem, headers first."""
    known = (path for path in files if path.suffix.lower() in suffixes and not path.name.startswith("."))
    in_order = sorted(known, key=lambda path: (path.suffix.lower() != HEADER_SUFFIX, path))
    chosen: dict[PurePath, Any] = {}
    for path in in_order:
        chosen.setdefault(path.with_suffix(""), path)
    return sorted(chosen.values())


def _suffixes(*, in_folders: bool) -> list[str]:
    """Suffixes of all formats, or of those alone whose files are taken for records of a folder."""
    return [suffix for _, spec in _known_formats() if spec.in_folders or not in_folders for suffix in spec.suffixes]


def _known_formats() -> Iterator[tuple[str, FormatSpec]]:
    """Qualified name and spec of every format that can be asked; a broken one never hides the others."""
    from ecg_core.plugins.registry import registry
    from ecg_core.plugins.spec import FormatSpec

    for entry in registry().entries("formats"):
        status = registry().status(entry)
        if isinstance(status.spec, FormatSpec):
            yield entry.qualified_name, status.spec
        elif status.error is not None:
            registry().leave_out(status.error)


def _open_format(path: str | Path, name: str | None, *, writes: bool) -> Format:
    """An instance of the format that is named, or whose suffix ``path`` has."""
    from ecg_core.plugins.registry import registry

    with guarded():
        reader: Format = registry().load("formats", name or _format_of(path, writes=writes))()
    return reader


def _format_of(path: str | Path, *, writes: bool) -> str:
    """Name of the one format for a path's suffix.

    Raises:
        DataError: no format, or more than one, has that suffix.
    """
    from ecg_core.paths import is_remote, remote_name

    suffix = PurePath(remote_name(str(path)) if is_remote(path) else path).suffix.lower()
    usable = [(name, spec) for name, spec in _known_formats() if spec.writes or not writes]
    matches = [name for name, spec in usable if suffix in spec.suffixes]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise DataError(f"{path}: {' and '.join(matches)} all claim {suffix}; say which by its name as the format")
    known = ", ".join(sorted({suffix for _, spec in usable for suffix in spec.suffixes}))
    raise DataError(
        f"{path}: no installed format {'writes' if writes else 'reads'} {suffix or 'files without a suffix'}; "
        f"known are {known}. Give the format's name if the suffix misleads."
    )
