from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import attrs
import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core.config import to_plain  # noqa: E402
from ecg_core.context import RunContext  # noqa: E402
from ecg_core.errors import CheckpointError, ConfigError, DataError, PluginNotFound  # noqa: E402
from ecg_core.launch import find_task  # noqa: E402
from ecg_core.training.weights import Weights, read_weights, write_weights  # noqa: E402
from ecg_digitize.digitizers.neural.networks import load_network  # noqa: E402
from ecg_digitize.learning import export  # noqa: E402
from ecg_digitize.learning.export import ExportConfig, largest_difference, run  # noqa: E402
from ecg_digitize.learning.network_examples import network_examples  # noqa: E402
from ecg_digitize.learning.options import StageModelRequest  # noqa: E402
from ecg_digitize.learning.torch_engine import build_network  # noqa: E402
from ecg_digitize.learning.train import STAGE_OF_TASK  # noqa: E402
from ecg_render import Page  # noqa: E402


def trained(task: str, folder: Path) -> Path:
    """A file of weights as after a training that got nowhere."""
    model = find_task(task).config_class().model
    torch.manual_seed(0)
    net = model.make(StageModelRequest(stage=STAGE_OF_TASK[task]))
    plain = {"name": model.name, **to_plain(model.options)}
    about = {"task": task, "config": {"model": plain, "data": {"records": ["secret"]}}, "step": 3}
    path = folder / "run.safetensors"
    write_weights(path, Weights(path=path, tensors=net.state_dict(), about=about))
    return path


@pytest.mark.parametrize("task", STAGE_OF_TASK)
def test_both_engines_give_the_same_for_pictures_of_any_size_and_number(task: str, tmp_path: Path) -> None:
    summary = run(ExportConfig(run=str(trained(task, tmp_path))), RunContext(task="export", out_dir=tmp_path)).summary
    name = STAGE_OF_TASK[task]
    assert summary["network"] == name
    networks = [load_network(name, engine, tmp_path) for engine in ("onnx", "torch")]
    images = np.random.default_rng(1).integers(0, 256, (2, 3, 96, 160), np.uint8)
    for one, other in zip(*(network(images) for network in networks), strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-3 * np.abs(other).max())
    assert "secret" not in (tmp_path / f"{name}.safetensors").read_bytes().decode("latin1")


def test_weights_say_of_which_network_they_are(tmp_path: Path) -> None:
    weights = read_weights(trained("digitize.train_stage1", tmp_path))
    nameless = attrs.evolve(weights, about={**weights.about, "config": {}})
    with pytest.raises(CheckpointError, match="does not say of which network it is"):
        build_network(nameless)
    other = {"model": {"name": "digitize.waveform"}}
    with pytest.raises(ConfigError, match=r"digitize\.waveform is made for the stage waveform.*the stage grid"):
        build_network(attrs.evolve(weights, about={**weights.about, "config": other}))
    absent = {"model": {"name": "acme.absent"}}
    with pytest.raises(PluginNotFound, match=r"acme\.absent"):
        build_network(attrs.evolve(weights, about={**weights.about, "config": absent}))


def test_a_difference_is_seen(tmp_path: Path) -> None:
    task = "digitize.train_stage1"
    run(ExportConfig(run=str(trained(task, tmp_path))), RunContext(task="export", out_dir=tmp_path))
    path = tmp_path / "grid.safetensors"
    weights = read_weights(path)
    moved = {name: tensor * 1.1 if tensor.is_floating_point() else tensor for name, tensor in weights.tensors.items()}
    write_weights(path, attrs.evolve(weights, tensors=moved))
    assert largest_difference("grid", tmp_path) > 1e-2


def test_weights_of_another_task_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    write_weights(path, Weights(path=path, tensors={}, about={"task": "seg.train", "config": {}}))
    with pytest.raises(CheckpointError, match=r"made by 'seg.train', not by one of digitize.train_stage0"):
        run(ExportConfig(run=str(path)), RunContext(task="export", out_dir=tmp_path))


def moved_by(path: Path, by: float) -> Path:
    """The same weights with every number so much larger."""
    weights = read_weights(path)
    tensors = {name: tensor + by if tensor.is_floating_point() else tensor for name, tensor in weights.tensors.items()}
    moved = path.with_name(f"moved-{path.name}")
    write_weights(moved, attrs.evolve(weights, tensors=tensors))
    return moved


def test_the_mean_of_a_run_and_of_what_it_began_with_is_written(tmp_path: Path) -> None:
    began = trained("digitize.train_stage1", tmp_path)
    ended = moved_by(began, 0.5)
    run(ExportConfig(run=str(ended), mean_with=str(began)), RunContext(task="export", out_dir=tmp_path))
    first, written = read_weights(began), read_weights(tmp_path / "grid.safetensors")
    for name, tensor in first.tensors.items():
        step = 0.25 if tensor.is_floating_point() else 0
        torch.testing.assert_close(written.tensors[name], tensor + step)
    assert written.about["averaged_with"] == began.name
    assert largest_difference("grid", tmp_path) < 1e-3


def test_a_mean_is_taken_of_one_network_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = trained("digitize.train_stage1", tmp_path), trained("digitize.train_stage2", tmp_path / "other")
    with pytest.raises(CheckpointError, match="are of different networks"):
        run(ExportConfig(run=str(one), mean_with=str(other)), RunContext(task="export", out_dir=tmp_path))


def test_a_run_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="run: name the run folder"):
        run(ExportConfig(), RunContext(task="export", out_dir=tmp_path))


@pytest.fixture
def picture(page: Page, tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), page.image[..., ::-1])
    return path


def test_whole_numbers_are_taken_from_what_pages_show_the_network(tmp_path: Path, picture: Path) -> None:
    weights = str(files("ecg_digitize.weights") / "grid.safetensors")
    summary = run(ExportConfig(run=weights, pages=(str(picture),)), RunContext(task="export", out_dir=tmp_path)).summary
    assert 0 < float(summary["difference of whole numbers"].rstrip("%")) < 10
    assert (tmp_path / "grid.onnx").stat().st_size < 0.4 * (tmp_path / "grid.safetensors").stat().st_size
    assert not (tmp_path / "grid.int8").exists()


def test_whole_numbers_that_cost_too_much_are_refused(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_ROUNDING", 0.001)
    weights = str(files("ecg_digitize.weights") / "grid.safetensors")
    with pytest.raises(CheckpointError, match=r"in whole numbers grid.onnx gives something else: .* 0% is allowed"):
        run(ExportConfig(run=weights, pages=(str(picture),)), RunContext(task="export", out_dir=tmp_path))
    assert largest_difference("grid", tmp_path) < 1e-3
    assert not (tmp_path / "grid.int8").exists()


def test_examples_are_as_many_as_are_wanted_of_all_that_a_network_was_given(picture: Path) -> None:
    rows = network_examples("waveform", [str(picture)], 100)
    assert len(rows) == 4
    few = network_examples("waveform", [str(picture)], 2)
    assert [np.array_equal(few[0], rows[0]), np.array_equal(few[1], rows[-1])] == [True, True]


def test_pages_that_show_a_network_nothing_are_told(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "white.png"), np.full((400, 600, 3), 255, np.uint8))
    with pytest.raises(DataError, match="none of the pages shows anything to the network waveform"):
        network_examples("waveform", [str(tmp_path)], 4)


def test_a_network_that_is_not_there_says_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"grid.onnx: there is no such network; .*digitize.export"):
        load_network("grid", "onnx", tmp_path)
    with pytest.raises(ConfigError, match=r"comes without the network 'nose'.*--networks FOLDER"):
        load_network("nose")
    with pytest.raises(PluginNotFound, match=r"brings the engine 'magic'.*Installed: .*onnx, torch"):
        load_network("grid", "magic", tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "grid.onnx").write_bytes(b"nonsense")
    with pytest.raises(CheckpointError, match=r"grid.onnx is no ONNX file, or damaged"):
        load_network("grid", "onnx", tmp_path)
