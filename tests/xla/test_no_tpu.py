"""Asking for a TPU where there is none fails at once; torch_xla itself would wait for minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

COMMAND = [sys.executable, "-c", "from ecg_core.cli.main import main; main()", "run", "demo.fit", "--backend", "xla"]


def ask(**variables: str) -> tuple[subprocess.CompletedProcess[str], float]:
    environment = {name: value for name, value in os.environ.items() if name != "PJRT_DEVICE"} | variables
    start_s = time.monotonic()
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=60, check=False, env=environment)
    return done, time.monotonic() - start_s


@pytest.mark.parametrize("variables", [{}, {"PJRT_DEVICE": "TPU"}])
def test_no_chip_is_found_out_before_torch_xla_is_imported(variables: dict[str, str]):
    done, seconds = ask(**variables)
    assert done.returncode == 3
    assert "there is no TPU chip on the PCI bus" in done.stderr
    assert "PJRT_DEVICE=CPU" in done.stderr
    assert seconds < 3


def test_a_variable_that_silently_rounds_everything_is_refused():
    done, _ = ask(PJRT_DEVICE="CPU", XLA_USE_BF16="1")
    assert done.returncode == 3
    assert "XLA_USE_BF16 is set" in done.stderr
    assert "--precision bf16" in done.stderr
