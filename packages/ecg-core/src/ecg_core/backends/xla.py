"""TPUs through torch_xla: one device, or all devices of the host by SPMD in one process.

PyTorch/XLA records the operations of a step and compiles them as one graph at `XlaBackend.sync`. The process sees a
single large device; the batch is sharded over the real ones along its first axis, everything else is replicated.
XLA also runs on plain CPUs: that is for tests, and taken only when ``PJRT_DEVICE=CPU`` is set on purpose.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecg_core.backends import require
from ecg_core.backends.base import TorchBackend, torch_is_installed
from ecg_core.errors import BackendUnavailable, ConfigError
from ecg_core.protocols import Availability

if TYPE_CHECKING:
    from torch import Tensor

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
HOST_READ = "aten::_local_scalar_dense"
"""Counter of scalars that were read on the host: wanted where figures are logged, no operator that fell back."""


class XlaBackend(TorchBackend):
    """The chips of a TPU host, or virtual CPU devices in tests."""

    name = "xla"

    def __init__(self) -> None:
        self._devices: int | None = None
        self._mesh: Any = None

    def available(self) -> Availability:
        """Looks at the environment, at what is installed and at the PCI bus: torch_xla waits minutes for no chip."""
        if refused := _refused_environment():
            return refused
        chips = tpu_chips()
        if broken := _broken_installation(has_chip=bool(chips)):
            return broken
        if _platform() == "CPU":
            return Availability(True, "XLA on the CPU, as PJRT_DEVICE=CPU asks")
        if not chips:
            return Availability(
                False,
                "there is no TPU chip on the PCI bus",
                "Use --backend cpu or cuda; to try XLA without a TPU, set PJRT_DEVICE=CPU.",
            )
        return Availability(True, f"{len(chips)} TPU {chips[0]} chips")

    def launch(self, function: Callable[..., Any], *args: Any, devices: int | None = None) -> Any:
        self._devices = devices
        return function(self, *args)

    def setup(self, *, seed: int) -> None:
        require(self)
        platform = _platform()
        os.environ["PJRT_DEVICE"] = platform
        if platform == "CPU" and self._devices:
            os.environ["CPU_NUM_DEVICES"] = str(self._devices)
        self._take_device(platform)
        self._share_devices()
        self.seed_step(seed)

    def _take_device(self, platform: str) -> None:
        torch_xla = _import_torch_xla()
        import torch_xla.core.xla_model as xm
        import torch_xla.runtime as xr

        found = xr.global_runtime_device_count()
        if xr.process_count() > 1:
            raise BackendUnavailable("The backend xla runs on the chips of one host; this is a slice of several hosts.")
        if self._devices not in (None, 1, found):
            raise ConfigError(f"--devices {self._devices}: XLA takes 1 device or all {found} of this host")
        self.num_replicas = self._devices or found
        if self.num_replicas > 1:
            xr.use_spmd()
        self.device = torch_xla.device()
        got = xm.xla_device_hw(self.device)
        if got != platform:
            raise BackendUnavailable(f"The backend xla asked for a {platform} and got a {got}: check PJRT_DEVICE.")
        self.hardware = f"TPU {tpu_chips()[0]}" if platform == "TPU" else "XLA:CPU"

    def _share_devices(self) -> None:
        """A mesh of one axis over all devices, for data parallel work."""
        if self.num_replicas == 1:
            return
        import numpy as np
        from torch_xla.distributed import spmd

        self._mesh = spmd.Mesh(np.arange(self.num_replicas), (self.num_replicas,), ("data",))

    def _place(self, tensor: Tensor) -> Tensor:
        placed = super()._place(tensor)
        if self._mesh is not None:
            from torch_xla.distributed import spmd

            spmd.mark_sharding(placed, self._mesh, ("data", *[None] * (placed.dim() - 1)))
        return placed

    def seed_step(self, seed: int) -> None:
        import torch_xla

        super().seed_step(seed)
        torch_xla.manual_seed(seed)

    def sync(self) -> None:
        import torch_xla

        torch_xla.sync()

    def diagnostics(self) -> dict[str, Any]:
        from torch_xla.debug import metrics

        compilations = metrics.metric_data("CompileTime")
        fallbacks = sorted(name for name in metrics.counter_names() if name.startswith("aten::") and name != HOST_READ)
        return super().diagnostics() | {
            "compilations": compilations[0] if compilations else 0,
            "compilation_s": round(compilations[1] / 1e9, 2) if compilations else 0.0,
            "fallbacks": fallbacks,
        }


def tpu_chips() -> list[str]:
    """Generation of every TPU chip on the PCI bus."""
    generations = []
    for vendor_file in PCI_DEVICES.glob("*/vendor"):
        if vendor_file.read_text().strip() == GOOGLE:
            number = vendor_file.with_name("device").read_text().strip()
            generations += [TPU_GENERATIONS[number]] if number in TPU_GENERATIONS else []
    return generations


def _platform() -> str:
    return os.environ.get("PJRT_DEVICE") or "TPU"


def _refused_environment() -> Availability | None:
    if _platform() not in PLATFORMS:
        return Availability(False, f"PJRT_DEVICE={_platform()} is no platform that it knows", "Set TPU, or unset it.")
    for variable in DOWNCAST_VARIABLES:
        if os.environ.get(variable, "0") not in ("", "0"):
            return Availability(
                False,
                f"{variable} is set, which makes XLA compute in bfloat16 whatever a run asks for and saves",
                f"Unset {variable}, and use --precision bf16 where bfloat16 is wanted.",
            )
    return None


def _broken_installation(*, has_chip: bool) -> Availability | None:
    """What is missing or does not fit together, from metadata alone; None if all is well."""
    if not torch_is_installed() or find_spec("torch_xla") is None:
        missing = "torch_xla" if torch_is_installed() else "PyTorch"
        chip = "" if has_chip or _platform() == "CPU" else ", and there is no TPU chip on the PCI bus"
        return Availability(False, f"{missing} is not installed{chip}", INSTALL)
    if _minor(metadata.version("torch")) != _minor(metadata.version("torch_xla")):
        return Availability(False, _mismatch(), INSTALL)
    if _platform() == "TPU" and has_chip and find_spec("libtpu") is None and "TPU_LIBRARY_PATH" not in os.environ:
        return Availability(False, "libtpu, the driver of the TPU, is not installed", INSTALL)
    return None


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _mismatch() -> str:
    return (
        f"torch_xla {metadata.version('torch_xla')} stands beside torch {metadata.version('torch')}, "
        "and works only beside the torch of its own version (else its import fails with an undefined symbol)"
    )


def _import_torch_xla() -> Any:
    try:
        import torch_xla
    except (ImportError, OSError) as error:
        raise BackendUnavailable(f"The backend xla cannot be used here: {_mismatch()}: {error}. {INSTALL}") from error
    return torch_xla
