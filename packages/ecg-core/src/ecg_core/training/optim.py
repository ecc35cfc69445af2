"""Optimizers, with their state on the device from the start, and the learning rate of every step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from ecg_core.training.config import OptimConfig, ScheduleConfig


def make_optimizer(parameters: Sequence[nn.Parameter], config: OptimConfig) -> torch.optim.Optimizer:
    """The optimizer, primed: every tensor of its state exists, lies on the device, and is zero.

    A step that must be undone on the device needs the state there, step counts included. Fused kernels keep it so and
    are quickest; where torch has none for a device, Adam has to be made capturable. Its rate is then a tensor too: a
    compiler would take ``1 - rate · decay`` for the constant 1 once the rate is small, and compile the step anew.
    """
    make, options = _family(config)
    options |= {"weight_decay": config.weight_decay}
    try:
        return _primed(make(parameters, lr=config.lr, fused=True, **options))
    except RuntimeError:  # torch has no fused kernel for this device, and says so at the first step
        if config.name == "sgd":
            return _primed(make(parameters, lr=config.lr, **options))
        rate = torch.tensor(config.lr, device=parameters[0].device)
        return _primed(make(parameters, lr=rate, capturable=True, **options))


def _family(config: OptimConfig) -> tuple[Callable[..., torch.optim.Optimizer], dict[str, Any]]:
    if config.name == "sgd":
        return torch.optim.SGD, {"momentum": config.momentum}
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.name], {"betas": config.betas}


@torch.no_grad()
def _primed(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """Make the state by a step of zero gradient, then put the weights back and set the state to zero."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    before = [parameter.clone() for parameter in parameters]
    for parameter in parameters:
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    for parameter, value in zip(parameters, before, strict=True):
        parameter.copy_(value)
        for tensor in optimizer.state[parameter].values():
            tensor.zero_()
    return optimizer


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every parameter group this learning rate."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            # By way of a vector: XLA merges equal scalars, so the graph would depend on what else has this value.
            group["lr"].copy_(torch.tensor([rate], device=group["lr"].device).squeeze())
        else:
            group["lr"] = rate


class LearningRate:
    """The learning rate of every step: a course set beforehand, times what plateaus and roll-backs took off it.

    Args:
        lr: the full rate.
        config: its course.
        total_steps: length of the run, for ``cosine``.

    Attributes:
        reduction: product of the factors of all roll-backs.
        plateau: product of the factors of all plateaus.
        stalled: evaluations since the last best one or the last reduction.
    """

    def __init__(self, lr: float, config: ScheduleConfig, total_steps: int) -> None:
        self._lr, self._config, self._total_steps = lr, config, total_steps
        self.reduction = 1.0
        self.plateau = 1.0
        self.stalled = 0

    def at(self, step: int) -> float:
        """The rate of a step, counted from 0."""
        config = self._config
        if step < config.warmup_steps:
            return self._lr * (step + 1) / config.warmup_steps * self.reduction
        rate = self._cosine(step) if config.name == "cosine" else self._lr * self.plateau
        return max(rate * self.reduction, min(config.min_lr, self._lr))

    def _cosine(self, step: int) -> float:
        """The full rate falls to the lowest along half a cosine (Loshchilov and Hutter 2017, SGDR, equation 5)."""
        warmup, low = self._config.warmup_steps, self._config.min_lr
        done = (step - warmup) / max(1, self._total_steps - warmup)
        return low + (self._lr - low) * (1 + math.cos(math.pi * min(done, 1.0))) / 2

    def observe(self, *, improved: bool) -> None:
        """Take note of an evaluation; ``plateau`` lowers the rate after too many without a new best."""
        self.stalled = 0 if improved else self.stalled + 1
        if self._config.name == "plateau" and self.stalled > self._config.patience:
            self.plateau *= self._config.factor
            self.stalled = 0

    def state_dict(self) -> dict[str, Any]:
        return {"reduction": self.reduction, "plateau": self.plateau, "stalled": self.stalled}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.reduction, self.plateau, self.stalled = state["reduction"], state["plateau"], state["stalled"]
