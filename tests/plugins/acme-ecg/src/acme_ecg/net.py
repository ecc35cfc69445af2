"""A model for ``seg.train``: two convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from acme_ecg.options import NetConfig
from ecg_seg import SegModelRequest
from ecg_seg.losses import class_logits

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


class AcmeNet(nn.Module):
    """A segmenter that looks at five pixels by five.

    Args:
        options: of the model.
        request: what the task tells every model: above all the classes to tell apart.
    """

    def __init__(self, options: NetConfig, request: SegModelRequest) -> None:
        super().__init__()
        self.classes = request.classes
        self.layers = nn.Sequential(
            nn.Conv2d(3, options.width, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(options.width),
            nn.ReLU(),
            nn.Conv2d(options.width, self.classes.num_outputs, kernel_size=3, padding=1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """RGB pictures (batch, 3, height, width), levels from 0 to 255, to logits (batch, outputs, height, width)."""
        return self.layers(images.float() / 255)

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """The loss of ``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width)."""
        return {"loss": F.cross_entropy(class_logits(self(batch["image"])), batch["mask"].long())}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Sums, which the trainer adds up: loss, pictures, and of each class the pixels of overlap and union."""
        logits, mask = class_logits(self(batch["image"])), batch["mask"].long()
        truth = F.one_hot(mask, len(self.classes.names)).float()
        claim = F.one_hot(logits.argmax(dim=1), len(self.classes.names)).float()
        overlap = (truth * claim).sum(dim=(0, 1, 2))
        count = torch.ones_like(mask[:, 0, 0]).sum()
        return {
            "loss": F.cross_entropy(logits, mask) * count,
            "count": count,
            "overlap": overlap,
            "union": truth.sum(dim=(0, 1, 2)) + claim.sum(dim=(0, 1, 2)) - overlap,
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss and mean IoU; the latter is what ``seg.train`` chooses the best checkpoint by."""
        shares = totals["overlap"] / totals["union"].clamp(min=1)
        return {"loss": float(totals["loss"] / totals["count"]), "mean_iou": float(shares.mean())}
