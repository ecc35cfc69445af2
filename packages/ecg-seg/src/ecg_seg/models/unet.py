"""The model `seg.unet`: a U-Net over any backbone, with its loss and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from ecg_core.errors import ConfigError
from ecg_core.metrics.segmentation import segmentation_figures
from ecg_core.networks.unet import PageUNet
from ecg_seg.losses import class_logits, make_loss
from ecg_seg.options import SegModelRequest, SegUNetConfig

if TYPE_CHECKING:
    from ecg_core.protocols import Batch


class SegUNet(PageUNet):
    """A segmenter of RGB pictures; `PageUNet` says what goes in and comes out.

    Args:
        config: of the model.
        request: of the task.

    Raises:
        ConfigError: an option names something that is not there, or weights do not fit the classes.
    """

    def __init__(self, config: SegUNetConfig, request: SegModelRequest) -> None:
        classes = request.classes
        weights = config.class_weights or classes.weights
        if len(weights) != len(classes.names):
            raise ConfigError(
                f"class_weights: {len(weights)} given, the set {classes.kind} has {len(classes.names)} classes: "
                f"{', '.join(classes.names)}"
            )
        pretrained = config.pretrained and not request.restored
        super().__init__(config.backbone, classes.num_outputs, config.decoder_channels, pretrained=pretrained)
        self.classes = classes
        self._loss = make_loss(config.loss, weights)

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width)."""
        return {"loss": self._loss(self(batch["image"]), batch["mask"].long())}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss and confusion matrix of a batch."""
        logits, target = self(batch["image"]), batch["mask"].long()
        count = torch.ones_like(target[:, 0, 0]).sum()
        return {"loss": self._loss(logits, target) * count, "count": count, "confusion": confusion(logits, target)}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, accuracy, mean IoU, and IoU of every class."""
        figures = segmentation_figures(totals["confusion"].double().cpu().numpy(), self.classes.names)
        return {
            "loss": float(totals["loss"]) / float(totals["count"]),
            "accuracy": figures.accuracy,
            "mean_iou": figures.mean_iou,
            "mean_dice": figures.mean_dice,
            **{f"iou_{name}": each.iou for name, each in figures.classes.items()},
        }


def confusion(logits: Tensor, target: Tensor) -> Tensor:
    """Shares of the pixels by truth (rows) and claim (columns), float32 (classes, classes).

    By a matrix product, which every device can do; shares, because float32 cannot count all pixels of an evaluation.
    """
    every = class_logits(logits)
    num_classes = every.shape[1]
    there = F.one_hot(target.flatten(), num_classes).float()
    claimed = F.one_hot(every.argmax(dim=1).flatten(), num_classes).float()
    return there.T @ claimed / len(there)
