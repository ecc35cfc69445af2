"""The autoencoder and the denoiser on cpu and xla: the same losses, graphs that stay compiled and on the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def losses(result: dict[str, Any], event: str) -> list[float]:
    return [line["loss"] for line in result["lines"] if line["event"] == event]


@pytest.mark.parametrize("name", ["autoencode", "diffuse"])
def test_cpu_and_xla_take_the_same_steps(scenario: Callable[..., Any], name: str):
    cpu, xla = scenario(name, backend="cpu"), scenario(name)
    assert len(losses(cpu, "train")) >= 4
    assert losses(xla, "train") == pytest.approx(losses(cpu, "train"), abs=1e-3)
    assert losses(xla, "validation") == pytest.approx(losses(cpu, "validation"), abs=1e-3)


@pytest.mark.parametrize("name", ["autoencode", "diffuse"])
def test_steps_compile_at_the_start_and_stay_on_the_device(scenario: Callable[..., Any], name: str):
    xla = scenario(name)
    assert sum(each["compilations"] for each in xla["counts"][2:]) == 0
    assert xla["summary"]["fallbacks"] == []


def test_a_step_of_sampling_is_compiled_once_for_all(scenario: Callable[..., Any]):
    """Four steps of each of two batches, the second of which is filled up."""
    compilations = [each["compilations"] for each in scenario("diffuse")["in_sampling"]]
    assert len(compilations) == 8
    assert sum(compilations[1:]) == 0
