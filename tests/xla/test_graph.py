"""A step is one graph, compiled once, that neither leaves the device nor asks the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("devices", ["1", "2"])
@pytest.mark.parametrize("name", ["train", "train_with_all"])
def test_steps_compile_in_the_first_and_never_again(scenario: Callable[..., Any], name: str, devices: str):
    compilations = [each["compilations"] for each in scenario(name, devices=devices)["counts"]]
    assert len(compilations) == (20 if name == "train" else 16)
    assert sum(compilations[2:]) == 0
    graphs_of_a_step = 1 if name == "train" else 2  # each of two accumulated batches has its own
    assert sum(compilations) <= graphs_of_a_step + 1


@pytest.mark.parametrize("devices", ["1", "2"])
def test_a_run_compiles_little_more_than_its_steps(scenario: Callable[..., Any], devices: str):
    """Beside the step: state, figures, counters, and the first and later batches of an evaluation."""
    assert scenario("train", devices=devices)["summary"]["compilations"] <= 10


@pytest.mark.parametrize("name", ["train", "train_with_all"])
def test_no_operator_falls_back_to_the_host(scenario: Callable[..., Any], name: str):
    assert scenario(name, devices="1")["summary"]["fallbacks"] == []


@pytest.mark.parametrize("devices", ["1", "2"])
def test_a_step_reads_nothing_on_the_host_even_when_it_is_skipped(scenario: Callable[..., Any], devices: str):
    result = scenario("train_with_all", devices=devices)
    assert result["summary"]["skipped_steps"] == 2
    assert {each["reads"] for each in result["counts"]} == {0}
    assert {each["scalar_reads"] for each in result["counts"]} == {0}
