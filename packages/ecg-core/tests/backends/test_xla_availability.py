"""What the xla backend says before it imports torch_xla, on machines of every kind."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from ecg_core.backends import tpu_host
from ecg_core.backends.xla import XlaBackend
from ecg_core.errors import BackendUnavailable
from ecg_core.protocols import Availability

V5E, NETWORK_CARD = ("0x1ae0", "0x0063"), ("0x1ae0", "0x0042")
OTHER_VENDOR = ("0x8086", "0x0063")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Pretend to be a machine with these PCI devices, installed modules and environment variables."""
    for name in ("PJRT_DEVICE", "TPU_LIBRARY_PATH", *tpu_host.DOWNCAST_VARIABLES):
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
        monkeypatch.setattr(tpu_host, "PCI_DEVICES", tmp_path)
        monkeypatch.setattr(tpu_host, "DEVICES", tmp_path / "dev")
        monkeypatch.setattr(tpu_host, "LOCK_FILE", tmp_path / "lockfile")
        monkeypatch.setattr(tpu_host, "torch_is_installed", lambda: "torch" in versions)
        monkeypatch.setattr(tpu_host, "find_spec", versions.get)
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


def test_a_library_path_that_names_nothing(machine, tmp_path: Path):
    found = machine(V5E, TPU_LIBRARY_PATH=str(tmp_path / "libtpu.so")).available()
    assert not found.ok
    assert found.reason == f"TPU_LIBRARY_PATH={tmp_path / 'libtpu.so'} names no file"
    assert "Unset it" in found.fix


def test_the_doctor_gets_chips_driver_libraries_and_how_to_watch(machine, tmp_path: Path):
    backend = machine(V5E, V5E)
    for name in ("accel1", "accel0"):
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev" / name).touch()
    (tmp_path / "drivers" / "gasket" / "module").mkdir(parents=True)
    (tmp_path / "drivers" / "gasket" / "module" / "version").write_text("1.1\n")
    for folder in tmp_path.glob("0000:*"):
        (folder / "driver").symlink_to(tmp_path / "drivers" / "gasket")
    assert backend.available().details == {
        "chips": "2 x TPU v5e",
        "device files": f"{tmp_path / 'dev' / 'accel0'}, {tmp_path / 'dev' / 'accel1'}",
        "driver": "gasket 1.1",
        "torch_xla": "2.9.0",
        "libtpu": "0.0.21",
        "to watch their use": "pip install tpu-info, then tpu-info --streaming beside the run",
    }


def test_the_doctor_gets_what_is_amiss(machine, tmp_path: Path):
    backend = machine(V5E, installed="torch 2.9.1, torch_xla 2.9.0")
    (tmp_path / "lockfile").touch()
    details = backend.available().details
    assert "the driver is not loaded" in details["device files"]
    assert (details["driver"], details["libtpu"]) == ("not loaded", "not installed")
    assert "one that was killed left it" in details["lock file"]


def test_a_machine_without_tpu_or_torch_xla_is_not_told_of_them(machine):
    assert machine(OTHER_VENDOR, installed="torch 2.15.0").available().details == {}


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Internal error when accessing libtpu multi-process lockfile.", "sudo rm /tmp/libtpu_lockfile"),
        ("ABORTED: The TPU is already in use by process with pid 123.", "sudo lsof -w /dev/accel* /dev/vfio/*"),
        ("open(/dev/vfio/0): Permission denied", "may not open the chips' device files"),
        ("Bad StatusOr access: UNKNOWN: TPU initialization failed", "`ecg doctor` shows chips, driver and libraries"),
    ],
)
def test_devices_that_cannot_be_opened_are_explained(said: str, advice: str):
    explained = tpu_host.explain_failure(RuntimeError(said))
    assert said.rstrip(".") in explained
    assert advice in explained


def test_the_backend_explains_it_too(monkeypatch: pytest.MonkeyPatch):
    def refuse() -> int:
        raise RuntimeError("Internal error when accessing libtpu multi-process lockfile")

    modules = {name: ModuleType(name) for name in ("torch_xla", "torch_xla.core", "torch_xla.runtime")}
    modules["torch_xla.core.xla_model"] = modules["torch_xla.core"].xla_model = ModuleType("xla_model")
    modules["torch_xla.runtime"].global_runtime_device_count = refuse
    modules["torch_xla"].core, modules["torch_xla"].runtime = modules["torch_xla.core"], modules["torch_xla.runtime"]
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(tpu_host, "availability", lambda: Availability(True, "8 TPU v5e chips"))
    monkeypatch.setenv("PJRT_DEVICE", "TPU")
    with pytest.raises(BackendUnavailable, match=r"could not open the TPU.*libtpu_lockfile"):
        XlaBackend().setup(seed=0)
