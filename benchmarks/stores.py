"""Prepared recordings as files and as shards: room, number of files, and how fast a training reads them.

Usage: python benchmarks/stores.py --prepared FOLDER [--reads 2000] [--repeats 5]

`FOLDER` is what `classify.prepare` made; it is packed by `classify.pack` in a folder that is gone afterwards. Both are
read in the same random order, each recording to the arrays that a training takes, in turns.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from ecg_classify.data.index import Entry, read_index
from ecg_classify.options import RecordingsConfig
from ecg_classify.prepare.files import RECORDS
from ecg_classify.prepare.store import SHARDS, FileStore, ShardStore, Store
from ecg_classify.tasks.pack import PackConfig, run
from ecg_core.context import RunContext


def main() -> None:
    """Pack, read both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--reads", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    entries = read_index(RecordingsConfig(folder=arguments.prepared), seed=0)
    rng = np.random.default_rng(0)
    order = [entries[number] for number in rng.integers(0, len(entries), arguments.reads)]
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder)
        start = time.perf_counter()
        run(PackConfig(folder=arguments.prepared), RunContext(task="classify.pack", out_dir=packed))
        print(f"packed {len(entries)} recordings in {time.perf_counter() - start:.1f} s")
        stores: dict[str, tuple[Store, Path]] = {
            "files": (FileStore(arguments.prepared), arguments.prepared / RECORDS),
            "shards": (ShardStore(packed), packed / SHARDS),
        }
        rates: dict[str, list[float]] = {name: [] for name in stores}
        for _ in range(arguments.repeats):
            for name, (store, _) in stores.items():
                rates[name].append(len(order) / seconds_to_read(store, order))
        print(f"{'':8}{'files':>8}{'MB':>9}{'reads/s':>10}")
        for name, (_, place) in stores.items():
            sizes = [path.stat().st_size for path in place.rglob("*") if path.is_file()]
            print(f"{name:8}{len(sizes):8}{sum(sizes) / 1e6:9.1f}{np.median(rates[name]):10.0f}")
    ratios = [shards / files for files, shards in zip(rates["files"], rates["shards"], strict=True)]
    print(f"shards to files {np.median(ratios):.2f}")


def seconds_to_read(store: Store, order: list[Entry]) -> float:
    """How long it takes to read some recordings one after the other."""
    start = time.perf_counter()
    for entry in order:
        store.read(entry.name, entry.row)
    return time.perf_counter() - start


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
