from __future__ import annotations

import logging
from pathlib import Path

import fsspec
import pytest

pytest.importorskip("torch")

from ecg_core.errors import ConfigError
from ecg_core.training import mirror
from ecg_core.training.mirror import Mirror


def names(folder: Path) -> list[str]:
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in files if not name.startswith("tensorboard/"))


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_the_copy_is_like_the_run(train, tmp_path: Path, scheme: str):
    train(epochs=4, keep=1, sync_to=f"{scheme}{tmp_path / 'copy'}")
    assert names(tmp_path / "copy") == names(tmp_path / "run")
    for name in names(tmp_path / "run"):
        assert (tmp_path / "copy" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()


def test_a_machine_that_is_gone_costs_nothing(train, tmp_path: Path, parts_of, assert_identical):
    url = f"memory://runs/{tmp_path.name}"
    train(out="whole", epochs=4, schedule=_steady())
    train(out="gone", epochs=2, schedule=_steady(), sync_to=url)
    train(out="fresh", epochs=4, schedule=_steady(), sync_to=url, resume=True)
    assert_identical(parts_of("fresh"), parts_of("whole"))
    lines = [(tmp_path / out / "metrics.jsonl").read_text().count("\n") for out in ("fresh", "whole")]
    assert lines[0] == lines[1]


def test_what_is_on_this_machine_goes_before_the_copy(tmp_path: Path):
    for folder, text in (("copy", "old"), ("run", "new")):
        (tmp_path / folder / "checkpoints" / "step-0000001").mkdir(parents=True)
        (tmp_path / folder / "checkpoints" / "step-0000001" / "checkpoint.json").write_text(text)
    Mirror(str(tmp_path / "copy"), tmp_path / "run").pull()
    assert (tmp_path / "run" / "checkpoints" / "step-0000001" / "checkpoint.json").read_text() == "new"


def test_a_place_that_cannot_be_written_to_is_told_at_the_start(train, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=r"sync_to: .*file/copy could not be reached or written to"):
        train(sync_to=str(tmp_path / "file" / "copy"))


def test_an_unknown_protocol_is_told_at_the_start(train):
    with pytest.raises(ConfigError, match=r"sync_to: nowhere://bucket cannot be used: .*nowhere"):
        train(sync_to="nowhere://bucket")


def test_a_copy_that_fails_later_warns_and_stops_nothing(
    train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    put, failing = Mirror._put, iter([False] * 5 + [True] * 3)

    def sometimes(self: Mirror, file: Path) -> None:
        if next(failing, False):
            raise OSError("the network is down")
        put(self, file)

    monkeypatch.setattr(mirror.Mirror, "_put", sometimes)
    with caplog.at_level(logging.WARNING):
        train(epochs=4, sync_to=str(tmp_path / "copy"))
    assert "the network is down; the run goes on" in caplog.text
    assert names(tmp_path / "copy") == names(tmp_path / "run")


def test_a_checkpoint_that_arrived_in_part_is_copied_again(tmp_path: Path):
    run = tmp_path / "run" / "checkpoints" / "step-0000001"
    run.mkdir(parents=True)
    for name in ("model.safetensors", "checkpoint.json"):
        (run / name).write_text("whole")
    half = tmp_path / "copy" / "checkpoints" / "step-0000001"
    half.mkdir(parents=True)
    (half / "model.safetensors").write_text("who")
    Mirror(str(tmp_path / "copy"), tmp_path / "run").push()
    assert (half / "model.safetensors").read_text() == "whole"
    assert (half / "checkpoint.json").exists()


@pytest.fixture(autouse=True)
def _empty_memory() -> None:
    fsspec.filesystem("memory").store.clear()


def _steady():
    from ecg_core.training.config import ScheduleConfig

    return ScheduleConfig(name="constant")
