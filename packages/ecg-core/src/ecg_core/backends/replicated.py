"""Data parallel training by one process a device: `torch.distributed` and DistributedDataParallel.

The processes come from ``torchrun``, or from `launch`, which starts and watches them itself. Both tell a process its
place by the environment variables that torchrun defined: ``RANK``, ``LOCAL_RANK``, ``WORLD_SIZE``.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecg_core.backends import require
from ecg_core.backends.base import SEEDS_BETWEEN_RANKS, TorchBackend
from ecg_core.errors import ConfigError
from ecg_core.processes.ranks import RENDEZVOUS, run_ranks
from ecg_core.protocols import Availability

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from ecg_core.protocols import Batch


class ReplicatedBackend(TorchBackend):
    """A backend whose devices each have a process with a replica of the model."""

    collectives: str
    """Communication libraries, as `torch.distributed.init_process_group` names them."""

    def available(self) -> Availability:
        raise NotImplementedError

    def _take_device(self, local_rank: int) -> torch.device:
        """Make the device of this process ready; sets ``hardware``."""
        raise NotImplementedError

    def _count_devices(self, asked: int | None) -> int:
        """How many processes to start when the user asked for this many devices, None for the default."""
        raise NotImplementedError

    def setup(self, *, seed: int) -> None:
        require(self)
        import torch

        self.rank, self.world_size = _environment("RANK", 0), _environment("WORLD_SIZE", 1)
        self.num_replicas = self.world_size
        self.device = self._take_device(_environment("LOCAL_RANK", 0))
        if self.world_size > 1:
            _join_group(self.collectives, self.rank, self.world_size)
        torch.manual_seed(seed + self.rank * SEEDS_BETWEEN_RANKS)

    def launch(self, function: Callable[..., Any], *args: Any, devices: int | None = None) -> Any:
        running = _environment("WORLD_SIZE", 0)
        if running:
            if devices not in (None, running):
                raise ConfigError(f"torchrun started {running} processes; leave --devices {devices} out")
            return function(self, *args)
        count = self._count_devices(devices)
        return function(self, *args) if count == 1 else run_ranks(function, (self, *args), count)

    def prepare(self, model: nn.Module, *, train: bool) -> nn.Module:
        model = with_channels_last(super().prepare(model, train=train))
        if self.world_size == 1 or not train:
            return model
        from torch.nn.parallel import DistributedDataParallel

        return DistributedDataParallel(model, device_ids=[self.device] if self.device.type != "cpu" else None)

    def _share_of(self, batch: Batch) -> Batch:
        return {name: tensor[self.rank :: self.world_size] for name, tensor in batch.items()}

    def reduce_mean(self, tensor: Tensor) -> Tensor:
        if self.world_size == 1:
            return tensor
        import torch

        total = tensor.detach().clone()
        torch.distributed.all_reduce(total)
        return total / self.world_size

    def barrier(self) -> None:
        if self.world_size > 1:
            import torch

            torch.distributed.barrier()

    def close(self) -> None:
        import torch

        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
            gc.collect()  # a replica knows its group, and the threads of gloo end with the last that does


def _join_group(collectives: str, rank: int, world_size: int) -> None:
    """Meet the other processes.

    ``torch.distributed.nn``, which DistributedDataParallel imports, takes the group there is at its import for the
    default argument of its functions, and so keeps its threads beyond `close`: such a thread that lets go of a tensor
    while the interpreter ends brings the process down (SIGABRT) after all was done. It is imported before there is one.
    """
    import torch.distributed.nn

    torch.distributed.init_process_group(
        collectives, init_method=os.environ.get(RENDEZVOUS, "env://"), rank=rank, world_size=world_size
    )


def _environment(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def with_channels_last(model: nn.Module) -> nn.Module:
    """Lay the weights of 2-D convolutions out as oneDNN and cuDNN like them; the values stay, and so does the model.

    Their results take on the layout, so that a whole network follows: a third less time a step on a CPU.
    """
    import torch

    for weight in model.parameters():
        if weight.dim() == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return model
