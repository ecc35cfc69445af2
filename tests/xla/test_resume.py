"""Checkpoints on XLA: exact resume, and moves between kinds of devices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_an_interrupted_run_ends_with_the_same_bits(scenario: Callable[..., Any]):
    result = scenario("interrupt")
    assert "stopped by SIGTERM" in result["message"]
    assert result["same"]
    assert all(result["same"].values())
    assert result["cut"] == result["whole"]


def test_a_checkpoint_moves_from_cpu_to_xla_and_back(scenario: Callable[..., Any], tmp_path: Path):
    for number, backend in enumerate(("cpu", "xla", "cpu"), start=1):
        resume = {"resume": "yes"} if number > 1 else {}
        moved = scenario("part", out=str(tmp_path / "moved"), backend=backend, epochs=str(number), **resume)
    stayed = scenario("part", backend="cpu", epochs="3")
    assert [line["step"] for line in moved["lines"]] == [line["step"] for line in stayed["lines"]]
    for name in ("loss", "grad_norm", "lr"):
        found, expected = ([line[name] for line in run["lines"] if name in line] for run in (moved, stayed))
        assert found == pytest.approx(expected, rel=5e-3)
