"""The marker network: names of leads on flat, upright paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from ecg_core.metrics.segmentation import segmentation_figures
from ecg_digitize.digitizers.neural.markers.classes import CLASSES
from ecg_digitize.learning.page_unet import PageUNet
from ecg_digitize.learning.page_unet_config import PageUNetConfig

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

NAME_WEIGHT = 20.0
"""Names take about a five-hundredth of the paper."""


class MarkerNet(PageUNet):
    """Fourteen classes a pixel: `CLASSES`.

    Args:
        config: of the network.

    Raises:
        ConfigError: there is no such backbone.
    """

    def __init__(self, config: PageUNetConfig) -> None:
        super().__init__(config, len(CLASSES))

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width), ``mask`` uint8 (batch, height, width)."""
        return {"loss": self._loss(self(batch["image"]), batch)}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss, and the confusion of the classes in shares of the pixels."""
        logits = self(batch["image"])
        there = F.one_hot(batch["mask"].long().flatten(), len(CLASSES)).float()
        claimed = F.one_hot(logits.argmax(dim=1).flatten(), len(CLASSES)).float()
        count = torch.ones_like(logits[:, 0, 0, 0]).float().sum()
        return {"loss": self._loss(logits, batch) * count, "count": count, "confusion": there.T @ claimed / len(there)}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, and IoU of every name."""
        figures = segmentation_figures(totals["confusion"].double().cpu().numpy(), CLASSES)
        return {
            "loss": float(totals["loss"]) / float(totals["count"]),
            "mean_iou": figures.mean_iou,
            **{f"iou_{name}": each.iou for name, each in figures.classes.items()},
        }

    def _loss(self, logits: Tensor, batch: Batch) -> Tensor:
        weights = torch.tensor([1.0] + [NAME_WEIGHT] * (len(CLASSES) - 1), device=logits.device)
        return F.cross_entropy(logits.float(), batch["mask"].long(), weight=weights)
