"""The networks of the digitizer take their first step on xla as on the cpu, and stay on the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("stage", ["stage0", "stage1", "stage2"])
def test_the_first_step_of_every_stage_is_that_of_the_cpu(scenario: Callable[..., Any], stage: str):
    cpu, xla = (scenario("digitizer", backend=backend)[stage] for backend in ("cpu", "xla"))
    assert xla["hardware"].startswith("XLA")
    assert xla["loss"] == pytest.approx(cpu["loss"], abs=1e-3)
    assert xla["fallbacks"] == []
