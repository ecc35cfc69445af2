from __future__ import annotations

import logging
import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core.config import to_plain  # noqa: E402
from ecg_core.context import RunContext  # noqa: E402
from ecg_core.errors import CheckpointError  # noqa: E402
from ecg_core.launch import find_task  # noqa: E402
from ecg_core.networks.unet import PageUNet  # noqa: E402
from ecg_core.training.onnx_file import write_onnx  # noqa: E402
from ecg_core.training.weights import Weights, read_weights, write_weights  # noqa: E402
from ecg_digitize.digitizers.neural.markers.classes import CLASSES, EARLIER_CLASSES  # noqa: E402
from ecg_digitize.digitizers.neural.networks import load_network  # noqa: E402
from ecg_digitize.learning.export import ExportConfig, run  # noqa: E402
from ecg_digitize.learning.markers import MarkerNet  # noqa: E402
from ecg_digitize.learning.options import PageUNetConfig, StageModelRequest  # noqa: E402

EARLIER = EARLIER_CLASSES[14]
TASK = "digitize.train_stage0"


@pytest.fixture(scope="module")
def earlier_net() -> PageUNet:
    """A marker network as an earlier version had it."""
    torch.manual_seed(0)
    return PageUNet("light", len(EARLIER)).eval()


@pytest.fixture
def earlier_file(earlier_net: PageUNet, tmp_path: Path) -> Path:
    model = find_task(TASK).config_class().model
    about = {"task": TASK, "config": {"model": {"name": model.name, **to_plain(model.options)}}, "step": 3}
    path = tmp_path / "markers.safetensors"
    write_weights(path, Weights(path=path, tensors=earlier_net.state_dict(), about=about))
    return path


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.randint(256, (2, 3, 64, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def net() -> MarkerNet:
    torch.manual_seed(1)
    return MarkerNet(PageUNetConfig(), StageModelRequest(stage="markers")).eval()


def test_every_class_that_there_was_reads_as_before(earlier_net: PageUNet, pictures: torch.Tensor) -> None:
    today = net()
    today.load_state_dict(today.adopted(earlier_net.state_dict()))
    with torch.inference_mode():
        before, now = earlier_net(pictures), today(pictures)
    for name in set(EARLIER) - {"II"}:
        torch.testing.assert_close(now[:, CLASSES.index(name)], before[:, EARLIER.index(name)])
    first, second = (place for place, name in enumerate(EARLIER) if name == "II")
    joined = (before[:, first] + before[:, second]) / 2 + math.log(2)
    torch.testing.assert_close(now[:, CLASSES.index("II")], joined)


def test_classes_that_are_new_are_claimed_nowhere(earlier_net: PageUNet, pictures: torch.Tensor) -> None:
    today = net()
    today.load_state_dict(today.adopted(earlier_net.state_dict()))
    with torch.inference_mode():
        now = today(pictures)
    anew = [place for place, name in enumerate(CLASSES) if name not in EARLIER]
    assert len(anew) == len(CLASSES) - 13
    assert (now[:, anew] < now.max(dim=1, keepdim=True).values - 3).all()


def test_the_log_says_what_is_begun_anew(earlier_net: PageUNet, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        net().adopted(earlier_net.state_dict())
    [told] = [record.getMessage() for record in caplog.records]
    assert "begun anew: V3R, V4R, V7, V8, V9, pulse, separator, 12.5 mm/s" in told
    assert "aVR" not in told


def test_weights_of_today_and_unknown_ones_stay_as_they_are() -> None:
    own = net().state_dict()
    assert net().adopted(own) is own
    unknown = {"network.head.0.bias": torch.zeros(12), "network.head.0.weight": torch.zeros(12, 24, 3, 3)}
    assert net().adopted(unknown) is unknown


def test_an_export_makes_weights_of_an_earlier_version_fit(earlier_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    run(ExportConfig(run=str(earlier_file)), RunContext(task="digitize.export", out_dir=out))
    picture = np.zeros((1, 3, 64, 64), np.uint8)
    for engine in ("onnx", "torch"):
        assert load_network("markers", engine, out)(picture)[0].shape[1] == len(CLASSES)
    assert len(read_weights(out / "markers.safetensors").tensors["network.head.0.bias"]) == 4 * len(CLASSES)


def test_networks_of_an_earlier_version_are_refused(earlier_net: PageUNet, earlier_file: Path) -> None:
    folder = earlier_file.parent
    write_onnx(
        folder / "markers.onnx",
        earlier_net,
        {"image": torch.zeros(1, 3, 64, 64, dtype=torch.uint8)},
        ("logits",),
        free_axes={"image": {0: "batch", 2: "height", 3: "width"}},
    )
    with pytest.raises(CheckpointError, match=r"markers.onnx: .* 14 classes apart \(an earlier .* 26 are needed"):
        load_network("markers", "onnx", folder)
    with pytest.raises(CheckpointError, match=r"(?s)belongs to another network.*digitize\.export --set run=FILE"):
        load_network("markers", "torch", folder)


def test_a_training_begins_with_them(earlier_file: Path, records: Path, tmp_path: Path) -> None:
    from ecg_core.config import structure
    from ecg_digitize.learning.train import TrainStage0Config, run_stage0

    pages = {"degradations": ["none"], "least_dots_per_inch": 60, "most_dots_per_inch": 65}
    data = {"records": [str(records)], "size_px": 64, "views_per_page": 2, "pages": pages, "validation_batches": 1}
    plain = {"begin_with": str(earlier_file), "data": data, "steps": 1, "batch_size": 2, "workers": 0}
    config = structure(TrainStage0Config, plain)
    summary = run_stage0(config, RunContext(task=TASK, out_dir=tmp_path / "run", backend="cpu")).summary
    assert summary["steps"] == 1
