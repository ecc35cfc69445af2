"""Steps that are not finite leave no trace, and finding them costs no wait for the device."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn


class NanGuard:
    """Takes optimizer steps, and only good ones.

    Zeroing bad gradients instead would be wrong: weight decay and moments still move the weights, and batch statistics
    have seen the bad batch. Whether a step is good is a tensor on the device. Where the device is the host, it is
    simply read. Elsewhere reading it would make the host wait at every step, so the step is taken in any case, and
    taken back on the device if it was bad. The counters are read when figures are logged.

    Args:
        model: whose buffers a forward pass changes.
        optimizer: primed, see `ecg_core.training.optim.make_optimizer`.
        on_host: whether the device is the host.

    Attributes:
        skipped: bad steps so far, shape ().
        in_a_row: bad steps since the last good one, shape ().
        longest: the longest such run since `forget_longest`, shape ().
    """

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer, *, on_host: bool) -> None:
        self._optimizer, self._on_host = optimizer, on_host
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        self._buffers = list(model.buffers())
        self._updated = [*parameters, *(each for state in optimizer.state.values() for each in state.values())]
        self._kept: list[Tensor] = []
        self.skipped, self.in_a_row, self.longest = (parameters[0].new_zeros((), dtype=torch.float32) for _ in range(3))

    @torch.no_grad()
    def keep(self) -> None:
        """Remember the buffers before a forward pass changes them."""
        self._kept = _copies(self._buffers)

    @torch.no_grad()
    def update(self, good: Tensor) -> None:
        """Take the step if it is ``good``, a truth value of shape (); else put back what `keep` remembers."""
        if not self._on_host:
            self._update_on_device(good)
        elif bool(good):
            self._optimizer.step()
        else:
            _put_back(self._buffers, self._kept)
        self._kept.clear()
        self._count(good)

    def _update_on_device(self, good: Tensor) -> None:
        before = _copies(self._updated)
        self._optimizer.step()
        for tensor, kept in zip([*self._updated, *self._buffers], [*before, *self._kept], strict=True):
            tensor.copy_(torch.where(good, tensor, kept))

    def _count(self, good: Tensor) -> None:
        bad = (~good).to(self.skipped.dtype)
        self.skipped.add_(bad)
        self.in_a_row.add_(1).mul_(bad)
        torch.maximum(self.longest, self.in_a_row, out=self.longest)

    @torch.no_grad()
    def forget_longest(self) -> None:
        """Start to look for the longest run anew."""
        self.longest.zero_()

    def counters(self) -> dict[str, Tensor]:
        """The counters, for checkpoints and figures."""
        return {"skipped": self.skipped, "in_a_row": self.in_a_row, "longest": self.longest}


def _copies(tensors: Iterable[Tensor]) -> list[Tensor]:
    return [tensor.clone() for tensor in tensors]


def _put_back(tensors: Iterable[Tensor], kept: Iterable[Tensor]) -> None:
    for tensor, before in zip(tensors, kept, strict=True):
        tensor.copy_(before)
