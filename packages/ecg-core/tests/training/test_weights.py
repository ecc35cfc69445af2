from __future__ import annotations

from pathlib import Path

import attrs
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from ecg_core.config import option  # noqa: E402
from ecg_core.errors import CheckpointError  # noqa: E402
from ecg_core.training.config import OptimConfig  # noqa: E402
from ecg_core.training.weights import Weights, read_weights, write_weights  # noqa: E402

ABOUT = {"task": "toy.fit", "config": {"width": 3}, "metrics": {"loss": 0.25}}


def made(tmp_path: Path) -> Path:
    tensors = {"weight": torch.arange(6.0).reshape(2, 3), "steps": torch.tensor(7)}
    write_weights(tmp_path / "toy.safetensors", Weights(path=tmp_path, tensors=tensors, about=ABOUT))
    return tmp_path / "toy.safetensors"


def test_what_was_written_is_read(tmp_path: Path):
    weights = read_weights(made(tmp_path))
    assert weights.about == ABOUT
    assert weights.config == {"width": 3}
    assert torch.equal(weights.tensors["weight"], torch.arange(6.0).reshape(2, 3))
    assert weights.tensors["steps"].item() == 7


def test_a_run_folder_gives_its_best_and_its_average(train, parts_of, tmp_path: Path):
    train(ema=_average())
    weights = read_weights(tmp_path / "run", "latest")
    assert weights.about["task"] == "toy.fit"
    assert weights.config["optim"]["name"] == "adamw"
    assert all(torch.equal(tensor, parts_of()[f"ema/{name}"]) for name, tensor in weights.tensors.items())


def test_they_go_into_the_network_that_they_belong_to_and_no_other(tmp_path: Path):
    layer = torch.nn.Linear(3, 2, bias=False)
    tensors = {"weight": torch.ones(2, 3)}
    Weights(path=tmp_path, tensors=tensors, about=ABOUT).put_into(layer)
    assert torch.equal(layer.weight, torch.ones(2, 3))
    with pytest.raises(CheckpointError, match="belongs to another network"):
        Weights(path=tmp_path, tensors=tensors, about=ABOUT).put_into(torch.nn.Linear(3, 2))


def test_a_file_that_is_cut_short(tmp_path: Path):
    path = made(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(CheckpointError, match="no safetensors file, or damaged"):
        read_weights(path)


def test_a_file_of_somebody_else(tmp_path: Path):
    save_file({"weight": torch.ones(2)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="does not say what network it belongs to"):
        read_weights(tmp_path / "other.safetensors")


def test_a_file_of_a_later_version(tmp_path: Path):
    save_file({"weight": torch.ones(2)}, tmp_path / "later.safetensors", metadata={"ecg": '{"format": 99}'})
    with pytest.raises(CheckpointError, match="upgrade ecg-core"):
        read_weights(tmp_path / "later.safetensors")


@pytest.mark.parametrize("name", ["none.safetensors", "none"])
def test_what_is_not_there(tmp_path: Path, name: str):
    with pytest.raises(CheckpointError, match=r"there (is no such file|are no weights)"):
        read_weights(tmp_path / name)


def _average():
    from ecg_core.training.config import EmaConfig

    return EmaConfig(decay=0.5)


def test_a_training_begins_with_the_weights_of_another(train, parts_of, tmp_path: Path):
    train("first", epochs=2)
    [first] = [weights.tensors for weights in [read_weights(tmp_path / "first", "latest")]]
    train("second", begin_with=tmp_path / "first", steps=1, optim=OptimConfig(lr=1e-30, weight_decay=0.0))
    for name, tensor in parts_of("second").items():
        part, _, key = name.partition("/")
        if part == "model" and "running" not in key and "tracked" not in key:
            assert torch.equal(tensor, first[key])


def test_weights_of_another_network_are_no_beginning(train, toy, tmp_path: Path):
    train("first", epochs=1)
    with pytest.raises(CheckpointError, match="belongs to another network"):
        train("second", model=toy(norm=False), begin_with=tmp_path / "first")


def test_a_model_says_what_it_makes_of_weights_to_begin_with(train, toy, parts_of, tmp_path: Path):
    class Halved(toy):
        def adopted(self, tensors):
            return {**tensors, "net.4.weight": tensors["net.4.weight"] / 2}

    train("first", epochs=1)
    first = read_weights(tmp_path / "first", "latest").tensors
    still = OptimConfig(lr=1e-30, weight_decay=0.0)
    train("second", model=Halved(), begin_with=tmp_path / "first", steps=1, optim=still)
    assert torch.equal(parts_of("second")["model/net.4.weight"], first["net.4.weight"] / 2)
    assert torch.equal(parts_of("second")["model/net.0.weight"], first["net.0.weight"])


@attrs.frozen(kw_only=True)
class Kept:
    """What a network is made of."""

    width: int = option(2, help="width", minimum=1)
    depth: int = option(1, help="depth")


def test_the_options_of_a_class_are_read_and_the_others_left_where_they_were(tmp_path: Path):
    about = {"task": "toy.fit", "config": {"width": 3, "folder": "/home/me"}}
    weights = Weights(path=tmp_path, tensors={}, about=about)
    assert weights.options(Kept) == Kept(width=3, depth=1)
    assert weights.without_other_options(Kept).about == {"task": "toy.fit", "config": {"width": 3}}


def test_options_of_another_version_are_told(tmp_path: Path):
    weights = Weights(path=tmp_path, tensors={}, about={"task": "toy.fit", "config": {"width": "wide"}})
    with pytest.raises(CheckpointError, match=r"options that are not known here.*: width: must be a whole number"):
        weights.options(Kept)
