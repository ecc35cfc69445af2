from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import attrs
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_classify.data.index import Entry, read_index  # noqa: E402
from ecg_classify.data.prepared import PreparedData, draw_weights  # noqa: E402
from ecg_classify.options import ClassifyDataRequest, PreparedConfig, RecordingsConfig  # noqa: E402
from ecg_core.errors import ConfigError, DataError  # noqa: E402


def data(folder: Path, *, batch_size: int) -> PreparedData:
    request = ClassifyDataRequest(batch_size=batch_size, workers=0, seed=1)
    return PreparedData(PreparedConfig(folder=folder), request)


def test_batches_have_the_shapes_that_are_said(prepared_folder: Path) -> None:
    made = data(prepared_folder, batch_size=4)
    batches = list(made.batches("train", epoch=0))
    assert len(batches) == made.steps_per_epoch == len(made.entries("train")) // 4
    for batch in batches:
        assert batch["signal"].shape == batch["seen"].shape == (4, 12, 5000)
        assert (batch["signal"].dtype, batch["seen"].dtype) == (torch.float32, torch.bool)
        np.testing.assert_allclose(batch["target"].sum(dim=1), 1)


def test_an_epoch_goes_on_exactly_where_it_stopped_and_no_two_are_alike(prepared_folder: Path) -> None:
    made = data(prepared_folder, batch_size=4)
    whole = list(made.batches("train", epoch=3))
    [last] = list(made.batches("train", epoch=3, start_step=len(whole) - 1))
    assert torch.equal(last["signal"], whole[-1]["signal"])
    [other] = list(made.batches("train", epoch=4, start_step=len(whole) - 1))
    assert not torch.equal(last["signal"], other["signal"])


def test_shares_together_are_the_whole(prepared_folder: Path) -> None:
    made = data(prepared_folder, batch_size=4)
    for split in ("train", "validation"):
        [whole, *_] = made.batches(split, epoch=0)
        parts = [next(iter(made.share(rank, 2).batches(split, epoch=0))) for rank in (0, 1)]
        for name in whole:
            assert torch.equal(torch.cat([part[name] for part in parts]), whole[name])


def test_every_recording_of_validation_comes_once_as_it_is(prepared_folder: Path) -> None:
    made = data(prepared_folder, batch_size=3)
    batches = list(made.batches("validation", epoch=5))
    names = json.loads((prepared_folder / "splits.json").read_text())["validation"]
    assert sum(float(batch["counts"].sum()) for batch in batches) == len(names)
    assert [entry.name for entry in made.entries("validation")] == names
    last = batches[-1]
    assert not last["signal"][last["counts"] == 0].any()


@pytest.mark.parametrize("folds", [3, 5])
def test_folds_test_every_recording_once_and_part_no_patient(prepared_folder: Path, folds: int) -> None:
    tested: Counter[str] = Counter()
    for fold in range(folds):
        entries = read_index(RecordingsConfig(folder=prepared_folder, folds=folds, fold=fold), seed=7)
        tested.update(entry.name for entry in entries if entry.split == "test")
        split_of = {(entry.group, entry.split) for entry in entries}
        assert len(split_of) == len({entry.group for entry in entries}) == 10
        assert {entry.split for entry in entries} == {"train", "validation", "test"}
    assert set(tested.values()) == {1}
    assert len(tested) == 20


def test_balance_draws_classes_alike_or_as_they_are(prepared_folder: Path) -> None:
    entry = read_index(RecordingsConfig(folder=prepared_folder), seed=0)[0]
    entries = [attrs.evolve(entry, classes=("NORM",))] * 90 + [attrs.evolve(entry, classes=("AF",))] * 10
    np.testing.assert_allclose(draw_weights(entries, 0.0), 0.01)
    np.testing.assert_allclose(draw_weights(entries, 1.0)[90:].sum(), 0.5)
    assert 0.2 < draw_weights(entries, 0.5)[90:].sum() < 0.3


def test_a_recording_of_two_classes_is_half_of_each() -> None:
    entry = Entry(name="x", row=0, classes=("MI", "AF"), split="train", group="x")
    assert entry.target == [0.5, 0.5, 0, 0, 0]


def test_what_is_wrong_is_said(prepared_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.folder: name the folder"):
        read_index(RecordingsConfig(), seed=0)
    with pytest.raises(DataError, match=r"classify\.prepare --out"):
        read_index(RecordingsConfig(folder=tmp_path), seed=0)
    with pytest.raises(ConfigError, match="folds go from 0 to 4, found 5"):
        read_index(RecordingsConfig(folder=prepared_folder, folds=5, fold=5), seed=0)
    (tmp_path / "index.csv").write_text("name,classes,split,patient_id\nr,FLU,train,\n")
    with pytest.raises(DataError, match="r is 'FLU'; classes are MI, AF"):
        read_index(RecordingsConfig(folder=tmp_path), seed=0)
