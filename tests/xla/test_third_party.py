"""A stranger's model and data set train on xla as on the cpu, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WORDS = (
    *("--set", "model=acme.net", "--set", "model.width=4", "--set", "data=acme.squares", "--set", "batch_size=4"),
    *("--set", "steps=8", "--set", "log_every_steps=1", "--devices", "1", "--json"),
)


def test_cpu_and_xla_take_the_same_steps(ecg: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PJRT_DEVICE", "CPU")
    losses = {}
    for backend in ("cpu", "xla"):
        ran = ecg("run", "seg.train", *WORDS, "--backend", backend, "--out", backend, plugins=("acme-ecg",))
        assert ran.code == 0, ran.err
        lines = [json.loads(line) for line in (tmp_path / backend / "metrics.jsonl").read_text().splitlines()]
        losses[backend] = [line["loss"] for line in lines if line["event"] == "train"]
    assert len(losses["cpu"]) == 8
    assert losses["xla"] == pytest.approx(losses["cpu"], abs=1e-3)
    summary = json.loads(ran.out)
    assert summary["hardware"] == "XLA:CPU"
    assert summary["fallbacks"] == []
