"""Plain PyTorch on the CPU: one process, or several that talk by gloo."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ecg_core.backends.base import TORCH_MISSING, torch_is_installed
from ecg_core.backends.replicated import ReplicatedBackend
from ecg_core.processes.cores import THREADS_VARIABLE, num_cores, threads_each
from ecg_core.protocols import Availability

if TYPE_CHECKING:
    import torch


class CpuBackend(ReplicatedBackend):
    """The CPU, in one process unless more are asked for."""

    name = "cpu"
    collectives = "gloo"

    def available(self) -> Availability:
        return Availability(True, f"{num_cores()} CPU cores") if torch_is_installed() else TORCH_MISSING

    def _take_device(self, local_rank: int) -> torch.device:
        import torch

        self.hardware = "CPU"
        if self.world_size > 1 and THREADS_VARIABLE not in os.environ:
            torch.set_num_threads(threads_each(self.world_size))
        return torch.device("cpu")

    def _count_devices(self, asked: int | None) -> int:
        return asked or 1
