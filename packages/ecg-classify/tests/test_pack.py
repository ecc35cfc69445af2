from __future__ import annotations

import pickle
from pathlib import Path

import attrs
import numpy as np
import pytest

pytest.importorskip("zarr")

from ecg_classify.data.index import read_index
from ecg_classify.options import RecordingsConfig
from ecg_classify.prepare.store import FileStore, ShardStore, open_store
from ecg_classify.tasks.pack import PackConfig, run
from ecg_core.context import RunContext
from ecg_core.errors import ConfigError, DataError


def pack(folder: Path, out: Path, per_shard: int = 8) -> None:
    out.mkdir(exist_ok=True)
    run(PackConfig(folder=folder, shard_records=per_shard), RunContext(task="classify.pack", out_dir=out))


@pytest.mark.parametrize("per_shard", [1, 8, 100])
def test_shards_hold_what_the_files_hold(prepared_folder: Path, tmp_path: Path, per_shard: int) -> None:
    pack(prepared_folder, tmp_path, per_shard)
    files, shards = open_store(prepared_folder), open_store(tmp_path)
    assert isinstance(files, FileStore)
    assert isinstance(shards, ShardStore)
    entries = read_index(RecordingsConfig(folder=tmp_path), seed=0)
    assert entries == read_index(RecordingsConfig(folder=prepared_folder), seed=0)
    for entry in entries:
        first, second = (store.read(entry.name, entry.row) for store in (files, pickle.loads(pickle.dumps(shards))))
        np.testing.assert_array_equal(first.signal, second.signal)
        np.testing.assert_array_equal(first.seen, second.seen)
    assert not (tmp_path / "records").exists()


def test_a_training_takes_shards_as_it_takes_files(prepared_folder: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from ecg_classify.data.prepared import PreparedData
    from ecg_classify.options import ClassifyDataRequest, PreparedConfig

    pack(prepared_folder, tmp_path)
    of_files, of_shards = (
        PreparedData(PreparedConfig(folder=folder), ClassifyDataRequest(batch_size=4, workers=0, seed=1))
        for folder in (prepared_folder, tmp_path)
    )
    for one, other in zip(of_files.batches("train", epoch=0), of_shards.batches("train", epoch=0), strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_damaged_recording_is_named_and_leaves_nothing(prepared_folder: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(prepared_folder, folder)
    damaged = sorted((folder / "records").iterdir())[3]
    damaged.write_bytes(damaged.read_bytes()[:1000])
    with pytest.raises(DataError, match=damaged.name):
        pack(folder, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_a_missing_shard_row_and_a_wrong_folder_are_told(prepared_folder: Path, tmp_path: Path) -> None:
    pack(prepared_folder, tmp_path)
    with pytest.raises(DataError, match=r"recording r \(row 99\) is damaged"):
        ShardStore(tmp_path).read("r", 99)
    with pytest.raises(ConfigError, match="is the run folder"):
        run(PackConfig(folder=tmp_path), RunContext(task="classify.pack", out_dir=tmp_path))
    with pytest.raises(ConfigError, match="name the folder"):
        run(PackConfig(), attrs.evolve(RunContext(task="classify.pack", out_dir=tmp_path)))
