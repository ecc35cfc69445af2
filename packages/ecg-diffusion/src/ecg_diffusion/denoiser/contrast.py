"""A supervised contrastive term: features of one class are drawn together, those of others apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ecg_core.config import option

if TYPE_CHECKING:
    from torch import Tensor

FAR = -1e9
"""Similarity of a feature to itself, which does not count."""


@attrs.frozen(kw_only=True)
class ContrastConfig:
    """A supervised contrastive term on the features between the two halves of the U-Net."""

    weight: float = option(0.0, help="beside the loss of the denoiser; 0: off", minimum=0)
    temperature: float = option(0.1, help="of the similarities", above=0)


def supervised_contrast(features: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Return the supervised contrastive loss (Khosla et al. 2020, equation 2), a scalar.

    Args:
        features: shape (batch, channels), of any length; they are normalised.
        labels: class of each, shape (batch,); one whose class no other has does not count.
        temperature: temperature of the similarities.
    """
    import torch
    from torch.nn import functional as F

    unit = F.normalize(features.float(), dim=1)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    similarity = (unit @ unit.T / temperature).masked_fill(itself, FAR)
    log_share = similarity - similarity.logsumexp(dim=1, keepdim=True)
    alike = ((labels[:, None] == labels[None]) & ~itself).float()
    count = alike.sum(dim=1)
    each = -(log_share * alike).sum(dim=1) / count.clamp(min=1)
    has = (count > 0).float()
    return (each * has).sum() / has.sum().clamp(min=1)
