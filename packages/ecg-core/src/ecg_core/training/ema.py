"""An exponential moving average of the weights."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class Ema:
    """A copy of a model whose parameters follow the trained ones slowly.

    ``average ← d · average + (1 - d) · parameter`` with ``d = min(decay, (1 + n) / (10 + n))`` at the n-th update:
    the warm-up of TensorFlow's ExponentialMovingAverage, without which early averages stay near the random start.
    Buffers are copied, not averaged: averaged schedules or statistics would fit no weights.

    Args:
        model: the trained model, on its device.
        decay: of the average once warm.

    Attributes:
        model: the averaged model, for evaluation and use.
        updates: steps that it has followed, shape ().
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._source = model
        self._decay = decay
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        parameter = next(model.parameters())
        self.updates = torch.zeros((), device=parameter.device)

    @torch.no_grad()
    def update(self, good: Tensor) -> None:
        """Follow the model after a step; nothing moves after a step that was undone.

        Args:
            good: whether the step was kept, a truth value of shape ().
        """
        counted = good.to(self.updates.dtype)
        self.updates.add_(counted)
        decay = ((1 + self.updates) / (10 + self.updates)).clamp(max=self._decay)
        weight = (1 - decay) * counted
        for average, parameter in zip(self.model.parameters(), self._source.parameters(), strict=True):
            average.lerp_(parameter, weight.to(average.dtype))
        for copied, buffer in zip(self.model.buffers(), self._source.buffers(), strict=True):
            copied.copy_(buffer)
