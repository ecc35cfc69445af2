"""Stores for the signals of a prepared folder: a file for each, or shards of one array."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import attrs
import numpy as np

from ecg_classify.prepare.files import RECORDS, SEEN, SIGNAL, SUFFIX, read_prepared, unpacked
from ecg_classify.signals import Prepared
from ecg_core.errors import DataError, PluginError

SHARDS = "signals.zarr"


class Store(Protocol):
    """Gives prepared recordings; it is pickled to the processes that make batches."""

    def read(self, name: str, row: int) -> Prepared:
        """The recording of a name, which stands in that row of the index.

        Raises:
            DataError: it is absent or damaged.
        """


@attrs.frozen
class FileStore:
    """A file a recording, as `classify.prepare` writes them."""

    folder: Path

    def read(self, name: str, row: int) -> Prepared:
        """See `Store`."""
        return read_prepared(self.folder / RECORDS / f"{name}{SUFFIX}")


@attrs.frozen
class ShardStore:
    """One array in shards, as `classify.pack` writes it; few files however many recordings."""

    folder: Path

    def read(self, name: str, row: int) -> Prepared:
        """See `Store`."""
        arrays = _open_shards(self.folder / SHARDS)
        try:
            return unpacked(*(np.asarray(each[row]) for each in arrays))
        except Exception as error:  # what a damaged shard raises has no common class
            raise DataError(f"{self.folder / SHARDS}: recording {name} (row {row}) is damaged: {error}") from error


def open_store(folder: Path) -> Store:
    """The store of a prepared folder."""
    return ShardStore(folder) if (folder / SHARDS).exists() else FileStore(folder)


def require_zarr() -> Any:
    """The package zarr.

    Raises:
        PluginError: it is not installed.
    """
    if find_spec("zarr") is None:
        raise PluginError(f"{SHARDS} needs the package zarr: pip install 'ecg-classify[zarr]'")
    import zarr

    return zarr


@cache
def _open_shards(path: Path) -> tuple[Any, ...]:
    """The arrays of some shards, opened once a process: to open one takes as long as a few recordings."""
    try:
        group = require_zarr().open_group(str(path), mode="r")
        return tuple(group[name] for name in (SIGNAL, SEEN))
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"{path}: no shards, or damaged: {error}; make them again by classify.pack") from error
