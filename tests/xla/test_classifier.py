"""`classify.train` on cpu and xla: the same losses, and graphs that stay compiled and on the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def losses(result: dict[str, Any], event: str) -> list[float]:
    return [line["loss"] for line in result["lines"] if line["event"] == event]


@pytest.mark.parametrize("devices", ["1", "2"])
def test_cpu_and_xla_take_the_same_steps(scenario: Callable[..., Any], devices: str):
    cpu, xla = scenario("classify", backend="cpu"), scenario("classify", devices=devices)
    assert len(losses(cpu, "train")) == 6
    assert losses(xla, "train") == pytest.approx(losses(cpu, "train"), abs=1e-3)
    assert losses(xla, "validation") == pytest.approx(losses(cpu, "validation"), abs=1e-3)
    assert xla["summary"]["replicas"] == int(devices)


def test_steps_compile_at_the_start_and_stay_on_the_device(scenario: Callable[..., Any]):
    xla = scenario("classify", devices="1")
    compilations = [each["compilations"] for each in xla["counts"]]
    assert sum(compilations[2:]) == 0
    assert xla["summary"]["fallbacks"] == []


def test_the_shipped_classifier_says_the_same_on_cpu_and_xla(scenario: Callable[..., Any]):
    cpu, xla = (scenario("shipped_classifier", backend=backend) for backend in ("cpu", "xla"))
    assert xla["hardware"].startswith("XLA")
    assert np.ptp(cpu["logits"]) > 1
    np.testing.assert_allclose(xla["logits"], cpu["logits"], atol=1e-3)
    assert xla["fallbacks"] == []
