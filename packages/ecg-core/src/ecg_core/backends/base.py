"""What the built-in backends share: plain PyTorch on one device of one process.

This module and those of the backends import torch only inside their methods, so that asking whether a backend is
available stays quick and works without torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ecg_core.context import Precision
from ecg_core.errors import ConfigError
from ecg_core.protocols import Availability

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from ecg_core.protocols import Batch

TORCH_MISSING = Availability(False, "PyTorch is not installed", "Install it: pip install 'ecg-core[torch]'")

SEEDS_BETWEEN_RANKS = 1_000_003
"""Ranks draw apart from one another: far more than the steps of a run, so that no two share a seed."""


class TorchBackend:
    """One process with one device; see `ecg_core.protocols.Backend` for what each method means."""

    name: str
    hardware = ""
    device: torch.device
    rank = 0
    world_size = 1
    num_replicas = 1

    def launch(self, function: Callable[..., Any], *args: Any, devices: int | None = None) -> Any:
        if devices not in (None, 1):
            raise ConfigError(f"the backend {self.name} runs on one device; found --devices {devices}")
        return function(self, *args)

    def prepare(self, model: nn.Module, *, train: bool) -> nn.Module:
        return model.to(self.device).train(train)

    def loader(self, batches: Iterable[Batch], *, whole: bool = True) -> Iterator[Batch]:
        for batch in batches:
            if whole:
                check_shares(batch, self.num_replicas)
            share = self._share_of(batch) if whole else batch
            yield {name: self._place(tensor) for name, tensor in share.items()}

    def _share_of(self, batch: Batch) -> Batch:
        """This process's part of a whole batch."""
        return batch

    def _place(self, tensor: Tensor) -> Tensor:
        """A batch tensor on the device."""
        return tensor.to(self.device, non_blocking=True)

    def autocast(self, precision: Precision) -> AbstractContextManager[None]:
        if precision == "fp32":
            return nullcontext()
        if precision != "bf16":
            raise ConfigError(f"the precision {precision} is not offered: choose fp32, or bf16 for mixed precision")
        import torch

        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def seed_step(self, seed: int) -> None:
        import torch

        torch.default_generator.manual_seed(seed + self.rank * SEEDS_BETWEEN_RANKS)

    def sync(self) -> None:
        """Operations run as they come: a step needs no closing."""

    def reduce_mean(self, tensor: Tensor) -> Tensor:
        return tensor

    def to_host(self, tree: Any) -> Any:
        import torch

        if isinstance(tree, torch.Tensor):
            return tree.detach().to("cpu", copy=True).contiguous()
        if isinstance(tree, Mapping):
            return {name: self.to_host(value) for name, value in tree.items()}
        if isinstance(tree, list | tuple):
            return type(tree)(self.to_host(value) for value in tree)
        return tree

    def barrier(self) -> None:
        """Return at once: a single process has nobody to wait for."""

    def diagnostics(self) -> dict[str, Any]:
        return {"hardware": self.hardware, "replicas": self.num_replicas}

    def close(self) -> None:
        """Do nothing: a single process is in no group."""


def torch_is_installed() -> bool:
    """Whether torch can be found, without importing it."""
    return find_spec("torch") is not None


def check_shares(batch: Batch, num_replicas: int) -> None:
    """Every replica must get an equal share, or a mean over replicas would not be the mean over the batch.

    Raises:
        ConfigError: the batch size is no multiple of the number of replicas.
    """
    if num_replicas == 1:
        return
    for name, tensor in batch.items():
        if tensor.shape[0] % num_replicas:
            raise ConfigError(
                f"a batch of {tensor.shape[0]} ({name}) cannot be shared equally by {num_replicas} devices: "
                f"choose a batch size that is a multiple of {num_replicas}, or another --devices"
            )
