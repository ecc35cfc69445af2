"""From recordings to classes by the commands of the guide, with ten recordings and one epoch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from ecg_core import synthesize_record, write_record

pytest.importorskip("torch")
pytest.importorskip("onnx")

CODES = ("426783006", "164889003", "164909002", "164865005", "270492004")


def test_the_commands_of_the_guide_leave_what_they_promise(ecg: Callable[..., Any], tmp_path: Path):
    for number in range(10):
        heart = attrs.evolve(synthesize_record(seed=number), metadata={"Dx": CODES[number % 5]})
        write_record(heart, tmp_path / f"data/heart{number}.hea")
    small = ["--set", "model.width=8", "--set", "batch_size=4", "--set", "workers=0", "--backend", "cpu"]
    steps = [
        ["classify.prepare", "--set", "records=[data]", "--out", "prepared"],
        ["classify.train", "--set", "data.folder=prepared", "--set", "epochs=1", *small, "--out", "run"],
        ["classify.evaluate", "--set", "weights=run", "--set", "data.folder=prepared", "--set", "split=all"],
        ["classify.export", "--set", "run=run", "--out", "weights"],
    ]
    steps[2] += ["--set", "bootstrap_rounds=10", "--out", "figures"]
    for step in steps:
        ran = ecg("run", *step)
        assert ran.code == 0, ran.err
    for made in (
        *("prepared/index.csv", "prepared/splits.json", "prepared/label_map.json", "prepared/labels.npy"),
        *("run/metrics.jsonl", "run/config.yaml", "run/checkpoints/best.json"),
        *("figures/evaluation.json", "figures/evaluation.txt", "figures/predictions.csv"),
        *("weights/classifier.onnx", "weights/classifier.safetensors"),
    ):
        assert (tmp_path / made).is_file(), made

    ran = ecg(
        "classify", "data/heart0.hea", "data/nothing.hea", "--weights", "weights/classifier.onnx", "--out", "said"
    )
    assert ran.code == 1
    assert "data/nothing.hea" in ran.err
    said = json.loads((tmp_path / "said/predictions.json").read_text())
    assert list(said) == ["data/heart0.hea"]
