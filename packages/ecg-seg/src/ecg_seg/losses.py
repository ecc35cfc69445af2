"""Losses of segmentation. Logits are (batch, outputs, height, width), targets int64 (batch, height, width).

With one output the logit is that of class 1 against class 0. Everything is computed in float32 and keeps its shape,
so that it runs unchanged on every device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from ecg_core.errors import ConfigError

SMOOTHING = 1.0
"""Pixels added above and below the line of a Dice ratio, so that a class that is absent costs little."""

FOCUS = 2.0

Loss = Callable[[Tensor, Tensor], Tensor]


def make_loss(name: str, class_weights: Sequence[float]) -> Loss:
    """A loss by name: cross_entropy, dice, cross_entropy_dice, bce_dice or focal; it can be pickled.

    Args:
        name: of the loss.
        class_weights: of the classes in cross-entropy and focal loss; empty for equal ones.

    Raises:
        ConfigError: no loss has the name.
    """
    weights = torch.tensor(list(class_weights)) if class_weights else None
    losses: dict[str, Loss] = {
        "cross_entropy": partial(cross_entropy, class_weights=weights),
        "dice": dice_loss,
        "cross_entropy_dice": partial(cross_entropy_dice, class_weights=weights),
        "bce_dice": partial(cross_entropy_dice, class_weights=None),
        "focal": partial(focal_loss, class_weights=weights),
    }
    if name not in losses:
        raise ConfigError(f"loss: there is none called {name!r}; choose from {', '.join(losses)}")
    return losses[name]


def class_logits(logits: Tensor) -> Tensor:
    """Logits of every class, float32: one output becomes the two of its absence and presence."""
    logits = logits.float()
    return torch.cat((torch.zeros_like(logits), logits), dim=1) if logits.shape[1] == 1 else logits


def cross_entropy(logits: Tensor, target: Tensor, class_weights: Tensor | None) -> Tensor:
    """Mean over the pixels of the cross-entropy, each pixel weighted by its class."""
    weights = class_weights.to(logits.device) if class_weights is not None else None
    return F.cross_entropy(class_logits(logits), target, weight=weights)


def cross_entropy_dice(logits: Tensor, target: Tensor, class_weights: Tensor | None) -> Tensor:
    """Cross-entropy and Dice loss, added."""
    return cross_entropy(logits, target, class_weights) + dice_loss(logits, target)


def dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """One minus the mean soft Dice coefficient of the classes but the background (Milletari et al. 2016, V-Net)."""
    shares = class_logits(logits).softmax(dim=1)[:, 1:]
    there = F.one_hot(target, shares.shape[1] + 1)[..., 1:].movedim(-1, 1).to(shares.dtype)
    overlap = (shares * there).sum(dim=(0, 2, 3))
    total = shares.sum(dim=(0, 2, 3)) + there.sum(dim=(0, 2, 3))
    return 1 - ((2 * overlap + SMOOTHING) / (total + SMOOTHING)).mean()


def focal_loss(logits: Tensor, target: Tensor, class_weights: Tensor | None) -> Tensor:
    """Cross-entropy that cares less for what is right already (Lin et al. 2017, arXiv 1708.02002)."""
    surprise = F.cross_entropy(class_logits(logits), target, reduction="none")
    focused = (1 - torch.exp(-surprise)) ** FOCUS * surprise
    if class_weights is None:
        return focused.mean()
    weights = class_weights.to(logits.device)[target]
    return (focused * weights).sum() / weights.sum()
