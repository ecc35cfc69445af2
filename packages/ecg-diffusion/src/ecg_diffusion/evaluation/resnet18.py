"""The model `diffusion.resnet18`: torchvision's ResNet-18 (He et al. 2016, doi 10.1109/CVPR.2016.90), from scratch.

It has no options of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import resnet18

from ecg_diffusion.evaluation.classifier import ClassifierRequest
from ecg_diffusion.images.scale import to_signed

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


class PictureResNet18(nn.Module):
    """A classifier of pictures.

    Args:
        request: number of classes.
    """

    def __init__(self, request: ClassifierRequest) -> None:
        super().__init__()
        self._num_classes = request.num_classes
        net = resnet18(weights=None, num_classes=request.num_classes)
        stem = (net.conv1, net.bn1, net.relu, net.maxpool)
        self.body = nn.Sequential(*stem, net.layer1, net.layer2, net.layer3, net.layer4, net.avgpool, nn.Flatten())
        self.head = net.fc

    def features(self, pixels: Tensor) -> Tensor:
        """Return what the last layer sees of uint8 pictures (batch, 3, side, side): (batch, 512)."""
        return self.body(to_signed(pixels))

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the logits (batch, classes) of uint8 pictures (batch, 3, side, side)."""
        return self.head(self.features(pixels))

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return ``loss`` of ``pixels`` uint8 (batch, 3, side, side) and ``target`` int64 (batch,)."""
        return {"loss": F.cross_entropy(self(batch["pixels"]), batch["target"])}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return loss and confusion; ``counts`` is 0 for examples that only fill up a batch."""
        logits, counts = self(batch["pixels"]).float(), batch["counts"]
        there = F.one_hot(batch["target"], self._num_classes).float() * counts[:, None]
        claimed = F.one_hot(logits.argmax(dim=1), self._num_classes).float()
        loss = F.cross_entropy(logits, batch["target"], reduction="none")
        return {"loss": (loss * counts).sum(), "confusion": there.T @ claimed}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Return loss, accuracy, and macro F1 over the classes that occur."""
        confusion = totals["confusion"].double().cpu()
        hits, there = confusion.diag(), confusion.sum(dim=1)
        f1 = 2 * hits / (there + confusion.sum(dim=0)).clamp(min=1)
        count = float(confusion.sum())
        return {
            "loss": float(totals["loss"]) / count,
            "accuracy": float(hits.sum()) / count,
            "macro_f1": float(f1[there > 0].mean()),
        }
