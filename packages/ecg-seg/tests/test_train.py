from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecg_core.config import choose
from ecg_core.context import RunContext, TaskResult
from ecg_core.training.checkpoint import load_weights
from ecg_core.training.config import OptimConfig, ScheduleConfig
from ecg_seg.options import SegNetworkConfig
from ecg_seg.tasks.train import SegTrainConfig, run


def train(
    crop_folder: Path,
    out_dir: Path,
    *,
    resume: bool = False,
    devices: int | None = None,
    workers: int = 0,
    **options: Any,
) -> TaskResult:
    config = SegTrainConfig(
        data=choose("datasets", "seg.crops", {"folders": str(crop_folder), "validation_share": 0.25}),
        batch_size=4,
        workers=workers,
        optim=OptimConfig(lr=3e-3),
        log_every_steps=1,
        **options,
    )
    context = RunContext(task="seg.train", out_dir=out_dir, backend="cpu", devices=devices, resume=resume)
    return run(config, context)


def losses(out_dir: Path) -> list[float]:
    lines = [json.loads(line) for line in (out_dir / "metrics.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if line["event"] == "train"]


def test_it_learns_and_leaves_weights_that_load(crop_folder: Path, tmp_path: Path) -> None:
    result = train(crop_folder, tmp_path, steps=24, model=choose("models", "seg.unet", {"class_weights": [1] * 5}))
    found = losses(tmp_path)
    assert sum(found[-6:]) < 0.7 * sum(found[:6])
    assert 0 <= result.summary["validation_mean_iou"] <= 1
    load_weights(SegNetworkConfig().make(), tmp_path)


def test_interrupted_and_resumed_it_goes_the_same_way(crop_folder: Path, tmp_path: Path) -> None:
    steady = ScheduleConfig(name="constant")  # a cosine would depend on the number of steps
    train(crop_folder, tmp_path / "whole", steps=6, schedule=steady)
    train(crop_folder, tmp_path / "parts", steps=3, schedule=steady)
    train(crop_folder, tmp_path / "parts", steps=6, schedule=steady, resume=True)
    assert losses(tmp_path / "parts") == pytest.approx(losses(tmp_path / "whole"), abs=1e-6)


@pytest.mark.slow
def test_a_resumed_run_may_have_other_workers_and_ends_with_the_same_bits(crop_folder: Path, tmp_path: Path) -> None:
    steady = ScheduleConfig(name="constant")
    train(crop_folder, tmp_path / "whole", steps=4, schedule=steady, workers=0)
    train(crop_folder, tmp_path / "parts", steps=2, schedule=steady, workers=0)
    train(crop_folder, tmp_path / "parts", steps=4, schedule=steady, workers=1, resume=True)
    ended = [(tmp_path / out / "checkpoints/step-0000004/model.safetensors").read_bytes() for out in ("whole", "parts")]
    assert ended[0] == ended[1]


def test_two_processes_resume_as_if_never_stopped(crop_folder: Path, tmp_path: Path) -> None:
    steady = ScheduleConfig(name="constant")
    for out, steps in (("whole", (4,)), ("parts", (2, 4))):
        for number, each in enumerate(steps):
            (tmp_path / out).mkdir(exist_ok=True)
            result = train(
                crop_folder, tmp_path / out, steps=each, schedule=steady, devices=2, resume=bool(number), keep=1
            )
            assert result.summary["replicas"] == 2
    ended = [(tmp_path / out / "checkpoints/step-0000004/model.safetensors").read_bytes() for out in ("whole", "parts")]
    assert ended[0] == ended[1]


@pytest.mark.parametrize("backbone", ["light", "resnet18"])
def test_any_backbone(crop_folder: Path, tmp_path: Path, backbone: str) -> None:
    if backbone != "light":
        pytest.importorskip("timm")
    model = choose("models", "seg.unet", {"backbone": backbone})
    assert train(crop_folder, tmp_path, steps=1, model=model).summary["steps"] == 1
