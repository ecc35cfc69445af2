"""NVIDIA GPUs: one process a GPU, which talk by nccl (and by gloo for what lies on the host)."""

from __future__ import annotations

from ctypes.util import find_library
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecg_core.backends.base import SEEDS_BETWEEN_RANKS, TORCH_MISSING, torch_is_installed
from ecg_core.backends.replicated import ReplicatedBackend
from ecg_core.errors import BackendUnavailable
from ecg_core.protocols import Availability

if TYPE_CHECKING:
    import torch
    from torch import nn

DRIVER_FILE = Path("/proc/driver/nvidia/version")
CPU_BUILD = "+cpu"


class CudaBackend(ReplicatedBackend):
    """Every GPU of this host, or as many as are asked for."""

    name = "cuda"
    collectives = "cpu:gloo,cuda:nccl"

    def available(self) -> Availability:
        if not torch_is_installed():
            return TORCH_MISSING
        if not (DRIVER_FILE.exists() or find_library("cuda")):
            return Availability(False, "no NVIDIA driver", "Install the driver of the GPU, or use --backend cpu.")
        version = metadata.version("torch")
        if version.endswith(CPU_BUILD):
            return Availability(
                False,
                f"torch {version} was built without CUDA",
                "Install one with it, as https://pytorch.org/get-started shows, or use --backend cpu.",
            )
        return Availability(True, f"NVIDIA driver and torch {version}", details=_details(version))

    def _take_device(self, local_rank: int) -> torch.device:
        import torch

        _check_count(local_rank + 1)
        device = torch.device("cuda", local_rank)
        torch.cuda.set_device(device)
        self.hardware = torch.cuda.get_device_name(device)
        return device

    def _count_devices(self, asked: int | None) -> int:
        import torch

        count = asked or max(1, torch.cuda.device_count())
        _check_count(count)
        return count

    def prepare(self, model: nn.Module, *, train: bool) -> nn.Module:
        """Move and wrap a module; batch norm measures over all replicas, so that their number changes nothing."""
        if train and self.world_size > 1:
            from torch.nn import SyncBatchNorm

            model = SyncBatchNorm.convert_sync_batchnorm(model)
        return super().prepare(model, train=train)

    def seed_step(self, seed: int) -> None:
        import torch

        super().seed_step(seed)
        torch.cuda.manual_seed(seed + self.rank * SEEDS_BETWEEN_RANKS)

    def diagnostics(self) -> dict[str, Any]:
        import torch

        peak_bytes = torch.cuda.max_memory_allocated(self.device)
        return super().diagnostics() | {"peak_memory_gb": round(peak_bytes / 1e9, 3)}


def _details(torch_version: str) -> dict[str, str]:
    """Details of the devices for `ecg doctor`."""
    first = DRIVER_FILE.read_text().splitlines()[:1] if DRIVER_FILE.is_file() else []
    driver = first[0].partition(":")[2].strip() if first else "found, of an unknown version"
    return {"driver": driver, "torch": torch_version, "to watch their use": "nvidia-smi dmon beside the run"}


def _check_count(wanted: int) -> None:
    """Stop if there are fewer GPUs than that.

    Raises:
        BackendUnavailable: torch sees too few, or none.
    """
    import torch

    if not torch.cuda.is_available():
        raise BackendUnavailable(
            f"The backend cuda cannot be used here: torch {torch.__version__} (CUDA {torch.version.cuda}) sees no GPU. "
            "`nvidia-smi` shows whether the driver does, and whether it is new enough for this CUDA."
        )
    found = torch.cuda.device_count()
    if found < wanted:
        raise BackendUnavailable(f"{wanted} GPUs were asked for, {found} found here: ask for --devices {found} or less")
