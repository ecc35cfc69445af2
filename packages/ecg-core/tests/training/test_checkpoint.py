from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from ecg_core.errors import CheckpointError  # noqa: E402
from ecg_core.training.checkpoint import (  # noqa: E402
    CheckpointFolder,
    find_checkpoint,
    load_weights,
    read_checkpoint,
    write_checkpoint,
)


def parts(value: float = 1.0):
    return {
        "model": {"weight": torch.full((2, 3), value), "count": torch.tensor(7)},
        "optimizer": {"weight/step": torch.tensor(3.0), "weight/exp_avg": torch.zeros(2, 3, dtype=torch.bfloat16)},
    }


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def test_what_was_written_is_read(tmp_path: Path):
    write_checkpoint(tmp_path / "step", parts(), {"step": 5, "config": {"optim": {"lr": 0.1}}})
    found = read_checkpoint(tmp_path / "step")
    assert found.step == 5
    assert found.meta["config"] == {"optim": {"lr": 0.1}}
    for part, tensors in parts().items():
        for name, tensor in tensors.items():
            assert torch.equal(found.parts[part][name], tensor)
            assert found.parts[part][name].dtype == tensor.dtype
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step"]


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str):
    write_checkpoint(tmp_path / "step", parts(), {"step": 5})
    damage(tmp_path / "step" / name)
    with pytest.raises(CheckpointError, match=f"{name} is damaged"):
        read_checkpoint(tmp_path / "step")


def test_a_missing_file_is_named(tmp_path: Path):
    write_checkpoint(tmp_path / "step", parts(), {"step": 5})
    (tmp_path / "step" / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors cannot be read"):
        read_checkpoint(tmp_path / "step")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is damaged or absent"),
        ("[]", "format None"),
        ('{"format": 99}', "format 99"),
        ('{"format": 1, "step": 3}', "list of files"),
        ('{"format": 1, "step": 3, "files": {"model.safetensors": {}}}', "list of files"),
        ('{"format": 1, "step": 3, "files": {"../model.safetensors": {"sha256": "0"}}}', "list of files"),
    ],
)
def test_a_bad_listing_is_refused(tmp_path: Path, text: str, complaint: str):
    (tmp_path / "checkpoint.json").write_text(text)
    with pytest.raises(CheckpointError, match=complaint):
        read_checkpoint(tmp_path)


def test_a_file_that_is_no_safetensors_is_refused_even_with_its_hash(tmp_path: Path):
    import hashlib

    content = b"cos\nsystem\n(S'true'\ntR."  # a pickle that would run a command
    (tmp_path / "model.safetensors").write_bytes(content)
    files = {"model.safetensors": {"sha256": hashlib.sha256(content).hexdigest()}}
    (tmp_path / "checkpoint.json").write_text(json.dumps({"format": 1, "step": 0, "files": files}))
    with pytest.raises(CheckpointError, match="no safetensors file"):
        read_checkpoint(tmp_path)


def test_the_latest_ones_and_the_best_are_kept(tmp_path: Path):
    folder = CheckpointFolder(tmp_path, keep=2)
    for step in range(6):
        folder.save(step, parts(step), {}, best=step == 1)
    assert [path.name for path in folder.newest_first()] == ["step-0000005", "step-0000004", "step-0000001"]
    assert folder.best() == folder.path(1)
    assert find_checkpoint(tmp_path) == folder.path(1)
    assert find_checkpoint(tmp_path, "latest") == folder.path(5)


def test_after_ten_million_steps_the_latest_is_still_the_latest(tmp_path: Path):
    folder = CheckpointFolder(tmp_path, keep=2)
    for step in (9_999_998, 9_999_999, 10_000_000, 10_000_001):
        folder.save(step, parts(step), {}, best=False)
    assert [path.name for path in folder.newest_first()] == ["step-10000001", "step-10000000"]
    assert find_checkpoint(tmp_path, "latest") == folder.path(10_000_001)


def test_folders_of_others_among_the_checkpoints_are_left_alone(tmp_path: Path):
    for name in ("step-best", "step-1", "step-0000001-mine", "precious_model"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "checkpoint.json").write_text("mine")
    folder = CheckpointFolder(tmp_path, keep=1)
    for step in range(4):
        folder.save(step, parts(step), {}, best=False)
    assert [path.name for path in folder.newest_first()] == ["step-0000003"]
    assert sum(path.read_text() == "mine" for path in tmp_path.glob("*/checkpoint.json")) == 4


def test_a_checkpoint_made_again_takes_the_place_of_the_old(tmp_path: Path):
    folder = CheckpointFolder(tmp_path)
    for value in (1.0, 2.0):
        folder.save(3, parts(value), {}, best=False)
    assert float(read_checkpoint(folder.path(3)).parts["model"]["weight"][0, 0]) == 2.0


def test_damaged_ones_are_passed_over_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    folder = CheckpointFolder(tmp_path, keep=3)
    for step in range(3):
        folder.save(step, parts(step), {}, best=False)
    damage(folder.path(2) / "model.safetensors")
    (folder.path(1) / "checkpoint.json").unlink()
    with caplog.at_level(logging.WARNING):
        assert next(folder.sound_newest_first()).step == 0
    assert "step-0000002/model.safetensors is damaged" in caplog.text
    assert "step-0000001/checkpoint.json" in caplog.text
    damage(folder.path(0) / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"no checkpoint in .* is whole"):
        next(folder.sound_newest_first())


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, parts(), {}, best=False)
    (tmp_path / ".0123456789ab.tmp").mkdir()
    (tmp_path / ".0123456789ab.tmp" / "model.safetensors").write_bytes(b"half")
    (tmp_path / ".ba9876543210.tmp.json").write_text("{")
    folder.remove_leftovers()
    assert [path.name for path in tmp_path.iterdir()] == ["step-0000001"]


def test_weights_are_loaded_from_run_folder_or_checkpoint(tmp_path: Path):
    model = torch.nn.Linear(3, 2)
    trained = {name: torch.full_like(value, 2.0) for name, value in model.state_dict().items()}
    averaged = {name: torch.full_like(value, 3.0) for name, value in model.state_dict().items()}
    folder = CheckpointFolder(tmp_path / "checkpoints")
    folder.save(1, {"model": trained}, {"metrics": {"snr": 20}}, best=True)
    folder.save(2, {"model": trained, "ema": averaged}, {}, best=False)
    assert load_weights(model, tmp_path).meta["metrics"] == {"snr": 20}
    assert model.bias.tolist() == [2, 2]
    load_weights(model, tmp_path, "latest")
    assert model.bias.tolist() == [3, 3]  # the running average where there is one
    load_weights(model, folder.path(1))
    assert model.bias.tolist() == [2, 2]


def test_weights_of_another_model_are_refused(tmp_path: Path):
    CheckpointFolder(tmp_path).save(1, {"model": {"other": torch.ones(1)}}, {}, best=False)
    with pytest.raises(CheckpointError, match="belongs to another model"):
        load_weights(torch.nn.Linear(3, 2), tmp_path)


def test_a_folder_without_checkpoints_is_explained(tmp_path: Path):
    with pytest.raises(CheckpointError, match="holds no checkpoint"):
        find_checkpoint(tmp_path)


def test_a_full_disk_is_explained_and_leaves_the_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, parts(), {}, best=False)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CheckpointError, match=r"cannot be written.*No space left"):
        folder.save(2, parts(), {}, best=False)
    assert [path.name for path in tmp_path.iterdir()] == ["step-0000001"]
