"""What a machine has for TPUs, found out without torch_xla, which waits for minutes where there is no chip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import attrs

from ecg_core.backends.base import torch_is_installed
from ecg_core.errors import one_line
from ecg_core.protocols import Availability

PCI_DEVICES = Path("/sys/bus/pci/devices")
GOOGLE = "0x1ae0"
TPU_GENERATIONS = {
    "0x0027": "v2 or v3",
    "0x0056": "unnamed",
    "0x005e": "v4",
    "0x0062": "v5p",
    "0x0063": "v5e",
    "0x006f": "v6e",
    "0x0076": "7x",
}
"""PCI device numbers of TPU chips, as in ``torch_xla/_internal/tpu.py`` and JAX; Google's network cards differ."""

PLATFORMS = ("TPU", "CPU")
DOWNCAST_VARIABLES = ("XLA_USE_BF16", "XLA_DOWNCAST_BF16")
INSTALL = "Install what TPUs need, best in an environment of its own: pip install 'ecg-core[tpu]'"
DEVICES = Path("/dev")
LOCK_FILE = Path("/tmp/libtpu_lockfile")
LIBRARY_PATH = "TPU_LIBRARY_PATH"


def availability() -> Availability:
    """Whether XLA can be used here, with what `ecg doctor` shows of chips, driver and libraries."""
    if refused := _refused_environment():
        return refused
    found = chips()
    details = dict(_details(found)) if found or find_spec("torch_xla") else {}
    if broken := _broken_installation(has_chip=bool(found)):
        return attrs.evolve(broken, details=details)
    if platform() == "CPU":
        return Availability(True, "XLA on the CPU, as PJRT_DEVICE=CPU asks", details=details)
    if not found:
        return Availability(
            False,
            "there is no TPU chip on the PCI bus",
            "Use --backend cpu or cuda; to try XLA without a TPU, set PJRT_DEVICE=CPU.",
            details,
        )
    return Availability(True, f"{len(found)} TPU {found[0]} chips", details=details)


def chips() -> list[str]:
    """Generation of every TPU chip on the PCI bus."""
    return [TPU_GENERATIONS[number] for number, _ in _pci_chips()]


def platform() -> str:
    """Name of the platform that PJRT is to run on: ``TPU`` unless PJRT_DEVICE says otherwise."""
    return os.environ.get("PJRT_DEVICE") or "TPU"


def explain_failure(error: BaseException) -> str:
    """Explain why the devices could not be opened, by the words of libtpu or PJRT, and say what to do."""
    said = one_line(error)
    text = said.casefold()
    if "lockfile" in text or "already in use" in text:
        advice = (
            "Another process holds the chips, or one that was killed left its lock behind: "
            f"`sudo lsof -w /dev/accel* /dev/vfio/*` names it; if it names none, `sudo rm {LOCK_FILE}`."
        )
    elif "permission" in text:
        advice = "This user may not open the chips' device files: use sudo, or join the group that `ls -l /dev` shows."
    else:
        advice = (
            "PJRT found no device: `ecg doctor` shows chips, driver and libraries; a stuck chip comes back with "
            "`sudo reboot`, or by making the TPU VM anew."
        )
    return f"The backend xla could not open the TPU: {said}. {advice}"


def mismatch() -> str:
    """A sentence that says that torch and torch_xla do not fit together."""
    return (
        f"torch_xla {metadata.version('torch_xla')} stands beside torch {metadata.version('torch')}, "
        "and works only beside the torch of its own version (else its import fails with an undefined symbol)"
    )


def _pci_chips() -> Iterator[tuple[str, Path]]:
    """PCI number and folder of every chip."""
    for vendor_file in sorted(PCI_DEVICES.glob("*/vendor")):
        if vendor_file.read_text().strip() == GOOGLE:
            number = vendor_file.with_name("device").read_text().strip()
            if number in TPU_GENERATIONS:
                yield number, vendor_file.parent


def _refused_environment() -> Availability | None:
    if platform() not in PLATFORMS:
        return Availability(False, f"PJRT_DEVICE={platform()} is no platform that it knows", "Set TPU, or unset it.")
    for variable in DOWNCAST_VARIABLES:
        if os.environ.get(variable, "0") not in ("", "0"):
            return Availability(
                False,
                f"{variable} is set, which makes XLA compute in bfloat16 whatever a run asks for and saves",
                f"Unset {variable}, and use --precision bf16 where bfloat16 is wanted.",
            )
    return None


def _broken_installation(*, has_chip: bool) -> Availability | None:
    """Name what is missing or does not fit together, from metadata alone; None if all is well."""
    if not torch_is_installed() or find_spec("torch_xla") is None:
        missing = "torch_xla" if torch_is_installed() else "PyTorch"
        chip = "" if has_chip or platform() == "CPU" else ", and there is no TPU chip on the PCI bus"
        return Availability(False, f"{missing} is not installed{chip}", INSTALL)
    if _minor(metadata.version("torch")) != _minor(metadata.version("torch_xla")):
        return Availability(False, mismatch(), INSTALL)
    library = os.environ.get(LIBRARY_PATH)
    if platform() == "TPU" and library and not Path(library).exists():
        return Availability(False, f"{LIBRARY_PATH}={library} names no file", "Unset it, or set it to a libtpu.so.")
    if platform() == "TPU" and has_chip and find_spec("libtpu") is None and not library:
        return Availability(False, "libtpu, the driver of the TPU, is not installed", INSTALL)
    return None


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _details(found: list[str]) -> Iterator[tuple[str, str]]:
    """Details of the host for `ecg doctor`."""
    yield "chips", f"{len(found)} x TPU {found[0]}" if found else "none on the PCI bus"
    if found:
        yield "device files", ", ".join(sorted(_device_files())) or f"none in {DEVICES}: the driver is not loaded"
        yield "driver", ", ".join(sorted({_driver(folder) for _, folder in _pci_chips()}))
    yield "torch_xla", _version("torch_xla")
    yield "libtpu", f"{_version('libtpu')}{_library_path()}"
    if LOCK_FILE.exists():
        yield "lock file", f"{LOCK_FILE} is there: a run is going on, or one that was killed left it"
    if found:
        yield "to watch their use", "pip install tpu-info, then tpu-info --streaming beside the run"


def _device_files() -> Iterator[str]:
    """Device files of chips, older driver and newer."""
    yield from (str(path) for path in DEVICES.glob("accel*"))
    yield from (str(path) for path in DEVICES.glob("vfio/[0-9]*"))


def _driver(folder: Path) -> str:
    link = folder / "driver"
    if not link.exists():
        return "not loaded"
    name = link.resolve().name
    version = link / "module" / "version"
    return f"{name} {version.read_text().strip()}" if version.exists() else name


def _library_path() -> str:
    path = os.environ.get(LIBRARY_PATH)
    return f", {LIBRARY_PATH}={path}" if path else ""


def _version(name: str) -> str:
    try:
        return metadata.version(name) if find_spec(name) else "not installed"
    except metadata.PackageNotFoundError:
        return "of an unknown version"
