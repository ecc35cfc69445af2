"""Whatever stands in a checkpoint or a file of weights, what a user is told is a CheckpointError."""

from __future__ import annotations

import copy
import hashlib
import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from ecg_core.context import RunContext  # noqa: E402
from ecg_core.errors import CheckpointError, ConfigError, EcgError  # noqa: E402
from ecg_core.training.checkpoint import find_checkpoint, read_checkpoint  # noqa: E402
from ecg_core.training.pth import FromPthConfig, ToPthConfig, export_pth, import_pth  # noqa: E402
from ecg_core.training.run_state import SavedRun  # noqa: E402
from ecg_core.training.weights import Weights, read_weights, write_weights  # noqa: E402

ODD: tuple[Any, ...] = (None, -1, 10**30, "text", [], {"a": {"b": []}}, float("inf"))


def mutations(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every tree with one entry left out, or an odd value in its place."""
    for name in tree if isinstance(tree, dict) else ():
        without = {other: value for other, value in tree.items() if other != name}
        yield (*path, name, "left out"), without
        for odd in ODD:
            yield (*path, name, repr(odd)), {**tree, name: odd}
        for where, changed in mutations(tree[name], (*path, name)):
            yield where, {**tree, name: changed}


def hashed(folder: Path, meta: dict[str, Any]) -> None:
    (folder / "checkpoint.json").write_text(json.dumps(meta))


def test_no_change_of_a_description_leaks_another_error(train, tmp_path: Path) -> None:
    train(epochs=1)
    latest = find_checkpoint(tmp_path / "run", "latest")
    meta = json.loads((latest / "checkpoint.json").read_text())
    meta["config"] = {"optim": {"lr": 0.1}}
    refused = 0
    for _where, changed in mutations(meta):
        hashed(latest, changed)
        for use in (lambda: read_weights(latest).config, lambda: SavedRun.of(read_checkpoint(latest))):
            try:
                use()
            except EcgError:
                refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("training",), None),
        (("training", "state"), {}),
        (("training", "state", "step"), "many"),
        (("training", "state", "surprise"), 1),
        (("training", "counters"), {}),
        (("training", "rate", "stalled"), None),
        (("training", "monitor", "best"), "good"),
        (("training", "journal_bytes"), -1),
        (("config",), None),
        (("task",), None),
    ],
)
def test_a_run_whose_description_is_damaged_is_not_resumed(
    train, tmp_path: Path, where: tuple[str, ...], value: Any
) -> None:
    train(epochs=1)
    for folder in (tmp_path / "run" / "checkpoints").glob("step-*"):
        meta = json.loads((folder / "checkpoint.json").read_text())
        entry = meta
        for name in where[:-1]:
            entry = entry[name]
        entry[where[-1]] = copy.deepcopy(value)
        hashed(folder, meta)
    if where[-1] == "surprise":
        train(epochs=2, resume=True)  # a later release may say more
        return
    with pytest.raises((CheckpointError, ConfigError)):
        train(epochs=2, resume=True)


def test_a_checkpoint_without_weights_is_told(tmp_path: Path) -> None:
    from ecg_core.training.checkpoint import write_checkpoint

    write_checkpoint(tmp_path / "step-0000001", {"optimizer": {"a": torch.ones(1)}}, {"step": 1, "config": {}})
    with pytest.raises(CheckpointError, match="holds no weights, only optimizer"):
        read_weights(tmp_path / "step-0000001")


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{",
        b'{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[1e400],"data_offsets":[0,4]}}',
        b"[" * 100_000,
    ],
)
def test_a_header_that_nobody_wrote_is_told(tmp_path: Path, header: bytes) -> None:
    content = struct.pack("<Q", len(header)) + header + bytes(4)
    (tmp_path / "odd.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError):
        read_weights(tmp_path / "odd.safetensors")
    folder = tmp_path / "step-0000001"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(content)
    files = {"model.safetensors": {"sha256": hashlib.sha256(content).hexdigest()}}
    hashed(folder, {"format": 1, "step": 1, "files": files})
    with pytest.raises(CheckpointError):
        read_checkpoint(folder)


@pytest.mark.parametrize(
    "about",
    ["[1]", '["format"]', '[["format", 1]]', "1", '"text"', '{"format": 1, "task": 1, "config": []}', "[" * 9999],
)
def test_a_description_that_is_none_is_told(tmp_path: Path, about: str) -> None:
    save_file({"weight": torch.ones(2)}, tmp_path / "odd.safetensors", metadata={"ecg": about})
    with pytest.raises(CheckpointError):
        read_weights(tmp_path / "odd.safetensors")


def exported(tmp_path: Path) -> Path:
    path = tmp_path / "toy.safetensors"
    about = {"task": "toy.fit", "config": {"width": 3}}
    write_weights(path, Weights(path=path, tensors={"weight": torch.arange(64.0), "n": torch.tensor(7)}, about=about))
    return path


def test_a_single_bit_that_is_another_is_found(tmp_path: Path) -> None:
    path = exported(tmp_path)
    content = path.read_bytes()
    for place in (len(content) - 1, len(content) - 100, content.index(b"width")):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="does not have the digest that it was written with"):
            read_weights(path)


def test_weights_without_a_digest_are_read_as_ever(tmp_path: Path) -> None:
    about = json.dumps({"format": 1, "task": "toy.fit", "config": {}})
    save_file({"weight": torch.ones(2)}, tmp_path / "earlier.safetensors", metadata={"ecg": about})
    assert read_weights(tmp_path / "earlier.safetensors").about == {"task": "toy.fit", "config": {}}


def taken_over(file: Path, out: Path, task: str = "toy.fit") -> dict[str, Any]:
    out.mkdir(exist_ok=True)
    return dict(import_pth(FromPthConfig(file=str(file), task=task), RunContext(task="x", out_dir=out)).summary)


def test_no_pth_file_leaks_another_error(train, tmp_path: Path) -> None:
    train(epochs=1)
    export_pth(ToPthConfig(run=str(tmp_path / "run")), RunContext(task="x", out_dir=tmp_path))
    whole = torch.load(tmp_path / "checkpoint.pth", weights_only=True)
    odd = [None, 1, "text", [], {}, torch.ones(1), {"a": 1}, {1: torch.ones(1)}, {"a": torch.ones(1).to_sparse()}]
    odd += [{"a": torch.empty(3, device="meta")}, {"a": torch.ones(1).expand(10**12)}, '{"step": 1}', '["step"]']
    refused = 0
    for name in whole:
        for value in odd:
            torch.save({**whole, name: value}, tmp_path / "odd.pth")
            out = tmp_path / f"out-{refused}-{name}-{len(list(tmp_path.iterdir()))}"
            try:
                taken_over(tmp_path / "odd.pth", out)
            except EcgError:
                refused += 1
    assert refused > 20


@pytest.mark.parametrize("size", [0, 1, 100, 1000])
def test_a_pth_file_that_is_cut_short(train, tmp_path: Path, size: int) -> None:
    train(epochs=1)
    export_pth(ToPthConfig(run=str(tmp_path / "run")), RunContext(task="x", out_dir=tmp_path))
    file = tmp_path / "checkpoint.pth"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(CheckpointError, match=r"checkpoint\.pth"):
        taken_over(file, tmp_path / "out")


def test_tensors_that_share_their_memory_are_taken_over_apart(tmp_path: Path) -> None:
    shared = torch.arange(6.0)
    torch.save({"model_state_dict": {"a": shared, "b": shared, "c": shared[:3]}}, tmp_path / "shared.pth")
    taken_over(tmp_path / "shared.pth", tmp_path / "out")
    tensors = read_weights(tmp_path / "out").tensors
    assert {name: tensor.tolist() for name, tensor in tensors.items()} == {
        "a": [0, 1, 2, 3, 4, 5],
        "b": [0, 1, 2, 3, 4, 5],
        "c": [0, 1, 2],
    }


def test_a_file_that_unpacks_to_far_more_than_it_is_is_never_loaded(tmp_path: Path) -> None:
    torch.save({"model_state_dict": {"a": torch.zeros(3_000_000)}}, tmp_path / "plain.pth")
    with (
        zipfile.ZipFile(tmp_path / "plain.pth") as plain,
        zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in plain.namelist():
            bomb.writestr(name, plain.read(name))
    with pytest.raises(CheckpointError, match="unpacks to 12 MB, though it has"):
        taken_over(tmp_path / "bomb.pth", tmp_path / "out")
    torch.save({"model_state_dict": {"a": torch.zeros(1).expand(10**9)}}, tmp_path / "wide.pth")
    with pytest.raises(CheckpointError, match="holds tensors of 4000 MB"):
        taken_over(tmp_path / "wide.pth", tmp_path / "out")


def test_a_run_folder_with_checkpoints_takes_no_others(train, tmp_path: Path) -> None:
    train(epochs=1)
    export_pth(ToPthConfig(run=str(tmp_path / "run")), RunContext(task="x", out_dir=tmp_path))
    before = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    with pytest.raises(ConfigError, match="holds the checkpoints of a run: choose another folder"):
        taken_over(tmp_path / "checkpoint.pth", tmp_path / "run")
    assert {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()} == before
