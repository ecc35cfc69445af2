"""The model `diffusion.resnet18`: torchvision's ResNet-18 (He et al. 2016, doi 10.1109/CVPR.2016.90), from scratch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import resnet18

from ecg_diffusion.evaluation.config import ResNet18Config
from ecg_diffusion.images.scale import to_signed

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


class PictureResNet18(nn.Module):
    """A classifier of pictures.

    Args:
        config: number of classes.
    """

    def __init__(self, config: ResNet18Config) -> None:
        super().__init__()
        self._num_classes = config.num_classes
        net = resnet18(weights=None, num_classes=config.num_classes)
        stem = (net.conv1, net.bn1, net.relu, net.maxpool)
        self.body = nn.Sequential(*stem, net.layer1, net.layer2, net.layer3, net.layer4, net.avgpool, nn.Flatten())
        self.head = net.fc

    def features(self, pixels: Tensor) -> Tensor:
        """uint8 (batch, 3, side, side) to what the last layer sees, (batch, 512)."""
        return self.body(to_signed(pixels))

    def forward(self, pixels: Tensor) -> Tensor:
        """uint8 (batch, 3, side, side) to logits (batch, classes)."""
        return self.head(self.features(pixels))

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``pixels`` uint8 (batch, 3, side, side) and ``target`` int64 (batch,)."""
        return {"loss": F.cross_entropy(self(batch["pixels"]), batch["target"])}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss and confusion; ``counts`` is 0 for what merely fills a batch."""
        logits, counts = self(batch["pixels"]).float(), batch["counts"]
        there = F.one_hot(batch["target"], self._num_classes).float() * counts[:, None]
        claimed = F.one_hot(logits.argmax(dim=1), self._num_classes).float()
        loss = F.cross_entropy(logits, batch["target"], reduction="none")
        return {"loss": (loss * counts).sum(), "confusion": there.T @ claimed}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, accuracy, and macro F1 over the classes that are there."""
        confusion = totals["confusion"].double().cpu()
        hits, there = confusion.diag(), confusion.sum(dim=1)
        f1 = 2 * hits / (there + confusion.sum(dim=0)).clamp(min=1)
        count = float(confusion.sum())
        return {
            "loss": float(totals["loss"]) / count,
            "accuracy": float(hits.sum()) / count,
            "macro_f1": float(f1[there > 0].mean()),
        }
