"""What the xla backend says before it imports torch_xla, on machines of every kind."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from ecg_core.backends import xla
from ecg_core.backends.xla import XlaBackend

V5E, NETWORK_CARD = ("0x1ae0", "0x0063"), ("0x1ae0", "0x0042")
OTHER_VENDOR = ("0x8086", "0x0063")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Pretend to be a machine with these PCI devices, installed modules and environment variables."""
    for name in ("PJRT_DEVICE", "TPU_LIBRARY_PATH", *xla.DOWNCAST_VARIABLES):
        monkeypatch.delenv(name, raising=False)

    def pretend(
        *pci: tuple[str, str], installed: str = "torch 2.9.1, torch_xla 2.9.0, libtpu 0.0.21", **environment: str
    ) -> XlaBackend:
        for number, (vendor, device) in enumerate(pci):
            folder = tmp_path / f"0000:00:{number:02}.0"
            folder.mkdir()
            (folder / "vendor").write_text(vendor + "\n")
            (folder / "device").write_text(device + "\n")
        versions = dict(words.split() for words in installed.split(", "))
        monkeypatch.setattr(xla, "PCI_DEVICES", tmp_path)
        monkeypatch.setattr(xla, "torch_is_installed", lambda: "torch" in versions)
        monkeypatch.setattr(xla, "find_spec", versions.get)
        monkeypatch.setattr(metadata, "version", versions.__getitem__)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return XlaBackend()

    return pretend


def test_a_tpu_with_all_it_needs(machine):
    found = machine(V5E, V5E, OTHER_VENDOR).available()
    assert (found.ok, found.reason) == (True, "2 TPU v5e chips")


def test_no_chip(machine):
    found = machine(OTHER_VENDOR).available()
    assert (found.ok, found.reason) == (False, "there is no TPU chip on the PCI bus")
    assert "PJRT_DEVICE=CPU" in found.fix


def test_a_tpu_asked_for_by_variable_is_looked_for_too(machine):
    assert not machine(OTHER_VENDOR, PJRT_DEVICE="TPU").available().ok


def test_a_network_card_of_the_same_vendor_is_no_chip(machine):
    assert not machine(NETWORK_CARD).available().ok


def test_xla_on_the_cpu_only_on_purpose(machine):
    assert machine(PJRT_DEVICE="CPU").available().ok


def test_torch_xla_missing_gives_the_command(machine):
    found = machine(installed="torch 2.15.0").available()
    assert found.reason == "torch_xla is not installed, and there is no TPU chip on the PCI bus"
    assert "pip install 'ecg-core[tpu]'" in found.fix


def test_torch_missing(machine):
    found = machine(V5E, installed="numpy 2").available()
    assert (found.ok, found.reason) == (False, "PyTorch is not installed")


def test_a_newer_torch_beside_torch_xla(machine):
    found = machine(V5E, installed="torch 2.15.0, torch_xla 2.9.0, libtpu 0.0.21").available()
    assert not found.ok
    assert "torch_xla 2.9.0 stands beside torch 2.15.0" in found.reason
    assert "undefined symbol" in found.reason
    assert "ecg-core[tpu]" in found.fix


def test_libtpu_missing(machine):
    found = machine(V5E, installed="torch 2.9.1, torch_xla 2.9.0").available()
    assert (found.ok, found.reason) == (False, "libtpu, the driver of the TPU, is not installed")


@pytest.mark.parametrize("variable", ["XLA_USE_BF16", "XLA_DOWNCAST_BF16"])
def test_silent_bfloat16_is_refused(machine, variable: str):
    found = machine(V5E, **{variable: "1"}).available()
    assert not found.ok
    assert variable in found.reason
    assert "--precision bf16" in found.fix


def test_silent_bfloat16_switched_off_is_fine(machine):
    assert machine(V5E, XLA_USE_BF16="0").available().ok


def test_an_unknown_platform(machine):
    found = machine(V5E, PJRT_DEVICE="NEURON").available()
    assert (found.ok, found.reason) == (False, "PJRT_DEVICE=NEURON is no platform that it knows")
