"""Features of one class are to be alike, and apart from those of others."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

FAR = -1e9


def supervised_contrast(features: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """The supervised contrastive loss (Khosla et al. 2020, equation 2), a scalar.

    Args:
        features: shape (batch, channels), of any length; they are normalised.
        labels: class of each, shape (batch,); one whose class no other has does not count.
        temperature: of the similarities.
    """
    unit = F.normalize(features.float(), dim=1)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    similarity = (unit @ unit.T / temperature).masked_fill(itself, FAR)
    log_share = similarity - similarity.logsumexp(dim=1, keepdim=True)
    alike = ((labels[:, None] == labels[None]) & ~itself).float()
    count = alike.sum(dim=1)
    each = -(log_share * alike).sum(dim=1) / count.clamp(min=1)
    has = (count > 0).float()
    return (each * has).sum() / has.sum().clamp(min=1)
