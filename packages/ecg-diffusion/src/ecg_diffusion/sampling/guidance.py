"""Classifier-free guidance (Ho & Salimans 2022): away from what is likely without a class."""

from __future__ import annotations

import torch
from torch import Tensor


def guided(with_class: Tensor, without: Tensor, scale: float, rescale: float) -> Tensor:
    """A prediction led by the difference that the class makes.

    Args:
        with_class, without: predictions (batch, channel, height, width) with the class and with none.
        scale: 1 is the prediction with the class, 0 the one without; above 1 exaggerates.
        rescale: share by which its standard deviation is brought back to the one of the prediction with the class,
            from 0 to 1 (Lin et al. 2024, "Common diffusion noise schedules and sample steps are flawed", section 3.4).
    """
    led = without + scale * (with_class - without)
    if not rescale:
        return led
    axes = (1, 2, 3)
    ratio = torch.std(with_class, dim=axes, keepdim=True) / torch.std(led, dim=axes, keepdim=True)
    return led * (rescale * ratio + (1 - rescale))
