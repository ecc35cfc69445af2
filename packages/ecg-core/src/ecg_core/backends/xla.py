"""TPUs through torch_xla: one device, or all devices of the host by SPMD in one process.

PyTorch/XLA records the operations of a step and compiles them as one graph at `XlaBackend.sync`. The process sees a
single large device; the batch is sharded over the real ones along its first axis, everything else is replicated.
XLA also runs on plain CPUs: that is for tests, and taken only when ``PJRT_DEVICE=CPU`` is set on purpose.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecg_core.backends import require, tpu_host
from ecg_core.backends.base import TorchBackend
from ecg_core.errors import BackendUnavailable, ConfigError
from ecg_core.protocols import Availability

if TYPE_CHECKING:
    from torch import Tensor

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
        return tpu_host.availability()

    def launch(self, function: Callable[..., Any], *args: Any, devices: int | None = None) -> Any:
        self._devices = devices
        return function(self, *args)

    def setup(self, *, seed: int) -> None:
        require(self)
        platform = tpu_host.platform()
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

        try:
            found = xr.global_runtime_device_count()
        except (RuntimeError, OSError) as error:
            raise BackendUnavailable(tpu_host.explain_failure(error)) from error
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
        self.hardware = f"TPU {tpu_host.chips()[0]}" if platform == "TPU" else "XLA:CPU"

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


def _import_torch_xla() -> Any:
    try:
        import torch_xla
    except (ImportError, OSError) as error:
        raise BackendUnavailable(
            f"The backend xla cannot be used here: {tpu_host.mismatch()}: {error}. {tpu_host.INSTALL}"
        ) from error
    return torch_xla
