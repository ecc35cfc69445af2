from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("tensorboard")

from ecg_core.context import RunContext
from ecg_core.plugins.events import fire
from ecg_core.plugins.hooks import make_manager
from ecg_core.training import tensorboard_hook


@pytest.fixture
def manager():
    manager = make_manager()
    manager.register(tensorboard_hook)
    manager.check_pending()
    yield manager
    tensorboard_hook._writer.cache_clear()


def test_figures_become_scalars_by_group(manager, tmp_path: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    context = RunContext(task="toy.fit", out_dir=tmp_path)
    for step, loss in ((10, 2.0), (20, 1.5)):
        fire("step_end", manager=manager, context=context, step=step, metrics={"loss": loss, "lr": 0.1})
    fire("evaluation_end", manager=manager, context=context, step=20, metrics={"loss": 1.75})
    fire("checkpoint_saved", manager=manager, context=context, path=tmp_path, step=20)

    found = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert sorted(found.Tags()["scalars"]) == ["train/loss", "train/lr", "validation/loss"]
    assert [(each.step, each.value) for each in found.Scalars("train/loss")] == [(10, 2.0), (20, 1.5)]
    assert [(each.step, each.value) for each in found.Scalars("validation/loss")] == [(20, 1.75)]


def test_a_picture_is_shown(manager, tmp_path: Path):
    from PIL import Image
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    Image.new("RGB", (7, 5)).save(tmp_path / "samples.png")
    context, path = RunContext(task="toy.fit", out_dir=tmp_path), tmp_path / "samples.png"
    fire("picture_drawn", manager=manager, context=context, name="samples", path=path, step=30)
    fire("checkpoint_saved", manager=manager, context=context, path=tmp_path, step=30)

    found = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(each.step, each.width, each.height) for each in found.Images("samples")] == [(30, 7, 5)]


def test_without_tensorboard_nothing_is_written(manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tensorboard_hook, "find_spec", lambda _name: None)
    context = RunContext(task="toy.fit", out_dir=tmp_path)
    fire("step_end", manager=manager, context=context, step=1, metrics={"loss": 1.0})
    assert list(tmp_path.iterdir()) == []
