"""What can be known of the cuda backend without a GPU."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from ecg_core.backends import cuda
from ecg_core.backends.cuda import CudaBackend
from ecg_core.errors import BackendUnavailable


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Pretend that torch of a version is installed, and a driver or not."""

    def pretend(*, present: bool, torch_version: str) -> None:
        monkeypatch.setattr(cuda, "torch_is_installed", lambda: True)
        monkeypatch.setattr(cuda, "DRIVER_FILE", tmp_path if present else tmp_path / "absent")
        monkeypatch.setattr(cuda, "find_library", lambda _name: None)
        monkeypatch.setattr(metadata, "version", lambda _name: torch_version)

    return pretend


def test_no_driver(driver):
    driver(present=False, torch_version="2.9.1+cu128")
    found = CudaBackend().available()
    assert (found.ok, found.reason) == (False, "no NVIDIA driver")
    assert "--backend cpu" in found.fix


def test_a_torch_without_cuda(driver):
    driver(present=True, torch_version="2.9.1+cpu")
    found = CudaBackend().available()
    assert (found.ok, found.reason) == (False, "torch 2.9.1+cpu was built without CUDA")
    assert "pytorch.org/get-started" in found.fix


def test_driver_and_torch(driver):
    driver(present=True, torch_version="2.9.1+cu128")
    assert CudaBackend().available().ok


def test_the_doctor_gets_the_driver_and_how_to_watch(driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    driver(present=True, torch_version="2.9.1+cu128")
    (tmp_path / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.1\nGCC version: 12\n")
    monkeypatch.setattr(cuda, "DRIVER_FILE", tmp_path / "version")
    details = CudaBackend().available().details
    assert details["driver"] == "NVIDIA UNIX x86_64 Kernel Module  570.1"
    assert "nvidia-smi" in details["to watch their use"]


def test_no_torch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cuda, "torch_is_installed", lambda: False)
    found = CudaBackend().available()
    assert (found.ok, found.fix) == (False, "Install it: pip install 'ecg-core[torch]'")


def test_a_driver_that_torch_cannot_use_is_explained(driver, monkeypatch: pytest.MonkeyPatch):
    torch = pytest.importorskip("torch")
    driver(present=True, torch_version="2.9.1+cu128")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BackendUnavailable, match=r"sees no GPU.*nvidia-smi"):
        CudaBackend().setup(seed=0)


def test_more_gpus_than_there_are(monkeypatch: pytest.MonkeyPatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(BackendUnavailable, match="4 GPUs were asked for, 2 found here"):
        CudaBackend().launch(print, devices=4)


def test_all_gpus_by_default(monkeypatch: pytest.MonkeyPatch):
    torch = pytest.importorskip("torch")
    started = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr("ecg_core.backends.replicated.run_ranks", lambda *_call: started.append(_call[2]))
    CudaBackend().launch(print)
    assert started == [2]
