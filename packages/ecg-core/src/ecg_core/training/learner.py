"""A model with its optimizer, and one step of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from ecg_core.errors import CheckpointError
from ecg_core.training.ema import Ema
from ecg_core.training.guard import NanGuard
from ecg_core.training.optim import make_optimizer, set_learning_rate

if TYPE_CHECKING:
    from ecg_core.context import Precision
    from ecg_core.protocols import Backend, Batch, Model
    from ecg_core.training.config import TrainingConfig


class Learner:
    """A model, its optimizer, its average and its guard, on a backend that is set up.

    Attributes:
        model: the trained module, on the device.
        guard: skips steps that are not finite, and counts them.
        ema: the running average, None if it is off.
    """

    def __init__(self, backend: Backend, model: Model, config: TrainingConfig, precision: Precision) -> None:
        self._backend, self._config, self._precision = backend, config, precision
        backend.autocast(precision)  # a precision that the backend lacks is refused before any work
        self._forward = backend.prepare(_TrainingStep(model), train=True)
        self.model: Any = cast(Any, model)  # the protocol does not say it, but it is a module
        self._parameters = {name: each for name, each in self.model.named_parameters() if each.requires_grad}
        self.optimizer = make_optimizer(list(self._parameters.values()), config.optim)
        self.ema = Ema(self.model, config.ema.decay) if config.ema.decay else None
        self.guard = NanGuard(self.model, self.optimizer, on_host=backend.device.type == "cpu")
        backend.sync()

    def step(self, batches: Sequence[Batch], *, lr: float, seed: int) -> dict[str, Tensor]:
        """One optimizer step on the mean gradient of several batches.

        Args:
            batches: on the device, this replica's share of each.
            lr: learning rate of this step.
            seed: of the random numbers that the step draws.

        Returns:
            What ``training_step`` gave, averaged over the batches, and ``grad_norm``: scalars on the device.
        """
        # 1. The same random numbers whether or not the run was interrupted before this step.
        self._backend.seed_step(seed)
        self.guard.keep()

        # 2. Gradients, averaged over batches and replicas.
        figures = self._accumulate(batches)
        gradients = [each.grad for each in self._parameters.values() if each.grad is not None]
        norm = get_total_norm(gradients)
        good = self._all_replicas_agree(torch.isfinite(figures["loss"]) & torch.isfinite(norm))

        # 3. The update, which a bad step does not get.
        if self._config.clip_norm:
            clip_grads_with_norm_(self._parameters.values(), self._config.clip_norm, norm)
        set_learning_rate(self.optimizer, lr)
        self.guard.update(good)
        if self.ema:
            self.ema.update(good)

        # 4. What is gone before the boundary of the step need not be written to memory.
        self.optimizer.zero_grad(set_to_none=True)
        self._backend.sync()
        return {**figures, "grad_norm": norm}

    def _accumulate(self, batches: Sequence[Batch]) -> dict[str, Tensor]:
        totals: dict[str, Tensor] = {}
        for number, batch in enumerate(batches, start=1):
            is_last = number == len(batches)
            with self._exchange(gradients=is_last):
                with self._backend.autocast(self._precision):
                    outputs = self._forward(batch)
                (outputs["loss"] / len(batches)).backward()
            for name, value in outputs.items():
                share = value.detach().float() / len(batches)
                totals[name] = totals[name] + share if name in totals else share
            if not is_last:
                self._backend.sync()
        return totals

    def _exchange(self, *, gradients: bool) -> AbstractContextManager[Any]:
        """Replicas exchange gradients only at the last of several batches."""
        without = getattr(self._forward, "no_sync", nullcontext)
        return nullcontext() if gradients else without()

    def _all_replicas_agree(self, good: Tensor) -> Tensor:
        return self._backend.reduce_mean((~good).float()) == 0

    def tensors(self) -> dict[str, dict[str, Tensor]]:
        """All that must be saved, on the device: ``model``, ``optimizer`` and ``ema``, each by name."""
        optimizer = {
            f"{name}/{slot}": tensor
            for name, parameter in self._parameters.items()
            for slot, tensor in self.optimizer.state[parameter].items()
        }
        found = {"model": self.model.state_dict(), "optimizer": optimizer}
        return found | ({"ema": self.ema.model.state_dict()} if self.ema else {})

    def counters(self) -> dict[str, Tensor]:
        """Scalars that must be saved, on the device."""
        return self.guard.counters() | ({"ema_updates": self.ema.updates} if self.ema else {})

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Mapping[str, Tensor]], counters: Mapping[str, float]) -> None:
        """Take back in place what `tensors` and `counters` gave, from any device.

        Raises:
            CheckpointError: names or shapes do not fit this model and optimizer.
        """
        for part, own in self.tensors().items():
            _copy_into(own, tensors.get(part, {}), part)
        own_counters = self.counters()
        for part, own in self.tensors().items():
            _copy_into(own, tensors.get(part, {}), part)
        if own_counters.keys() != counters.keys():
            names = ", ".join(sorted(own_counters.keys() ^ counters.keys()))
            raise CheckpointError(f"the checkpoint's counters do not fit this run; only one of them has {names}")
        for name, value in counters.items():
            own_counters[name].fill_(value)
        self._backend.sync()


class _TrainingStep(nn.Module):
    """Makes ``training_step`` the forward pass, which is where replicas hook in their exchange of gradients."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch) -> Mapping[str, Tensor]:
        """The loss and other scalars of a batch."""
        return self.model.training_step(batch)


def _copy_into(own: Mapping[str, Tensor], saved: Mapping[str, Tensor], part: str) -> None:
    if own.keys() != saved.keys():
        names = ", ".join(sorted(own.keys() ^ saved.keys())[:5])
        raise CheckpointError(f"the checkpoint's {part} does not fit this run; only one of them has {names}")
    for name, tensor in own.items():
        if tensor.shape != saved[name].shape:
            raise CheckpointError(
                f"the checkpoint's {part} does not fit this run: {name} has the shape {tuple(saved[name].shape)} "
                f"there and {tuple(tensor.shape)} here"
            )
        tensor.copy_(saved[name])
