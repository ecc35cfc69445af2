"""Every plugin of ecg-core keeps the contract that it publishes for those of others."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ecg_core.testing import BackendContract, ExecutorContract, FormatContract, SpecContract, TaskContract


class TestEverything(SpecContract):
    distribution = "ecg-core"
    needs = ("torch",)


class TestWfdb(FormatContract):
    name = "wfdb"


class TestMat(FormatContract):
    name = "mat"


class TestCsv(FormatContract):
    name = "csv"


class TestNpz(FormatContract):
    name = "npz"
    tolerance_mv = 0.0


class TestSerial(ExecutorContract):
    name = "serial"


class TestProcesses(ExecutorContract):
    name = "processes"
    options = {"workers": 2}  # noqa: RUF012


class TestCpu(BackendContract):
    name = "cpu"


class TestCuda(BackendContract):
    name = "cuda"


@pytest.mark.slow
@pytest.mark.skipif(find_spec("torch_xla") is None, reason="needs torch_xla")
def test_xla():
    """In a process of its own: torch_xla must be there before PyTorch's first backward pass on another device."""
    file = Path(__file__).with_name("contract_of_xla.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
    done = subprocess.run(
        command, env={"PJRT_DEVICE": "CPU"} | os.environ, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class TestDemo(TaskContract):
    name = "demo.fit"
    backend = "cpu"

    @pytest.fixture(autouse=True)
    def torch(self) -> None:
        pytest.importorskip("torch")

    def overrides(self, folder: Path) -> list[str]:
        return ["epochs=1", "batches=2", "batch_size=4"]
