"""The same small problem on cpu and xla, on one device and by SPMD on two.

Tolerances, with what was measured when they were set. One step differs by the rounding of fp32 sums in another order
(6e-7 of the loss over five steps), and Adam feeds such differences back (2e-6 over twenty). Sharding a batch over two
virtual CPU devices changes only the order of sums over the batch (8e-7). Validation uses the running variance of batch
norm, where torch_xla leaves out PyTorch's factor n / (n - 1): 1/512 in the second layer here (1.3e-4 of the loss).
bfloat16 has eight bits of mantissa, 0.4 % an operation (0.4 % of the loss over twenty steps).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest


def losses(result: dict[str, Any], event: str = "train") -> list[float]:
    """The losses of a run; NaN for those of a skipped step."""
    found = [line["loss"] for line in result["lines"] if line["event"] == event]
    return [math.nan if loss is None else loss for loss in found]


def test_cpu_and_xla_take_the_same_steps(scenario: Callable[..., Any]):
    cpu, xla = scenario("train", backend="cpu"), scenario("train", devices="1")
    assert len(losses(cpu)) == 20
    assert losses(xla)[:5] == pytest.approx(losses(cpu)[:5], rel=1e-5)
    assert losses(xla) == pytest.approx(losses(cpu), rel=1e-4)
    assert losses(xla, "validation") == pytest.approx(losses(cpu, "validation"), rel=2e-3)
    assert xla["summary"]["hardware"] == "XLA:CPU"


def test_two_devices_are_one(scenario: Callable[..., Any]):
    one, two = scenario("train", devices="1"), scenario("train", devices="2")
    assert two["summary"]["replicas"] == 2
    assert losses(two) == pytest.approx(losses(one), rel=1e-5)
    assert losses(two, "validation") == pytest.approx(losses(one, "validation"), rel=1e-5)


@pytest.mark.parametrize("devices", ["1", "2"])
def test_with_accumulation_clipping_average_and_bad_batches(scenario: Callable[..., Any], devices: str):
    cpu, xla = scenario("train_with_all", backend="cpu"), scenario("train_with_all", devices=devices)
    assert losses(xla) == pytest.approx(losses(cpu), rel=1e-4, nan_ok=True)
    assert losses(xla, "validation") == pytest.approx(losses(cpu, "validation"), rel=2e-3)
    assert xla["summary"]["skipped_steps"] == cpu["summary"]["skipped_steps"] == 2


def test_bf16_is_close_to_fp32(scenario: Callable[..., Any]):
    exact, rounded = scenario("train", devices="1"), scenario("train", devices="1", precision="bf16")
    assert losses(rounded) == pytest.approx(losses(exact), rel=0.03)
    assert losses(rounded) != losses(exact)
