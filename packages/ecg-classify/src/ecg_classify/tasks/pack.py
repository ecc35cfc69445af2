"""Task `classify.pack`: the files of a prepared folder as shards of one array."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ecg_classify.data.index import Entry, read_index
from ecg_classify.options import RecordingsConfig
from ecg_classify.prepare import files
from ecg_classify.prepare.store import SHARDS, FileStore, require_zarr
from ecg_core.atomic import atomic_path
from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_core.progress import progress

TABLES = (files.INDEX, files.LABELS, files.TARGETS, files.LABEL_MAP, files.SPLITS, files.FAILURES)


@attrs.frozen(kw_only=True)
class PackConfig:
    """Options of `classify.pack`."""

    folder: Path | None = option(None, help="what classify.prepare made")
    shard_records: int = option(256, help="recordings in a shard; 256 take about 25 MB", minimum=1)


def run(config: PackConfig, context: RunContext) -> TaskResult:
    """Write ``signals.zarr``, and the tables beside it as they are: a prepared folder with few files.

    Raises:
        ConfigError: no folder is named, or it is the run folder.
        DataError: it was not made by `classify.prepare`, or a recording of it is damaged.
        PluginError: zarr is not installed.
    """
    if config.folder is None:
        raise ConfigError("folder: name the folder that classify.prepare made")
    if config.folder.resolve() == context.out_dir.resolve():
        raise ConfigError(f"folder: {config.folder} is the run folder; name another one by --out")
    zarr = require_zarr()
    entries = read_index(RecordingsConfig(folder=config.folder), seed=context.seed)
    with atomic_path(context.out_dir / SHARDS) as aside:
        _write(zarr.open_group(str(aside), mode="w"), entries, FileStore(config.folder), config.shard_records, context)
    for name in TABLES:
        if (config.folder / name).exists():
            shutil.copyfile(config.folder / name, context.out_dir / name)
    size = sum(path.stat().st_size for path in (context.out_dir / SHARDS).rglob("*") if path.is_file())
    return TaskResult(summary={"recordings": len(entries), "megabytes": round(size / 1e6, 1)})


def _write(group: Any, entries: Sequence[Entry], store: FileStore, per_shard: int, context: RunContext) -> None:
    """A shard at a time, so that no more than one is in memory."""
    first = files.packed(store.read(entries[0].name, entries[0].row))
    arrays = {name: _array(group, name, len(entries), one, per_shard) for name, one in first.items()}
    with progress(len(entries), context.task, unit="records") as bar:
        for start in range(0, len(entries), per_shard):
            here = slice(start, start + per_shard)
            some = [files.packed(store.read(entry.name, entry.row)) for entry in entries[here]]
            for name, array in arrays.items():
                array[start : start + len(some)] = np.stack([each[name] for each in some])
            bar.advance(len(some))


def _array(group: Any, name: str, count: int, one: np.ndarray, per_shard: int) -> Any:
    """An array of so many recordings such as this one, a recording a chunk."""
    shards = (min(per_shard, count), *one.shape)
    return group.create_array(
        name, shape=(count, *one.shape), dtype=one.dtype.name, chunks=(1, *one.shape), shards=shards
    )
