"""The marker network: names of leads on a picture of any orientation, and the orientation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecg_core.metrics.segmentation import segmentation_figures
from ecg_core.networks.backbones import make_backbone
from ecg_core.networks.unet import UNet
from ecg_digitize.learning.marker_config import MarkerNetConfig
from ecg_digitize.markers import CLASSES
from ecg_digitize.orientation import NUM_ORIENTATIONS

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

LEVEL_MEAN, LEVEL_SCALE = 0.75, 0.25
NAME_WEIGHT = 20.0
"""Names take about a thousandth of a picture."""


class MarkerNet(nn.Module):
    """A U-Net over the names, with a head for the orientation on its coarsest maps.

    Args:
        config: of the network.

    Raises:
        ConfigError: there is no such backbone.
    """

    def __init__(self, config: MarkerNetConfig) -> None:
        super().__init__()
        backbone = make_backbone(config.backbone, in_channels=3, pretrained=config.pretrained)
        self.network = UNet(backbone, len(CLASSES), config.decoder_channels or None)
        self.orientation = nn.Linear(backbone.channels[-1], NUM_ORIENTATIONS)
        self.multiple = self.network.multiple
        self._orientation_weight = config.orientation_weight

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """RGB pictures (batch, 3, height, width), levels 0 to 255, to logits of names and of the orientation.

        Shapes (batch, 14, height, width) and (batch, 8).
        """
        pyramid = self.network.backbone((images.float() / 255 - LEVEL_MEAN) / LEVEL_SCALE)
        return self.network.decode(pyramid), self.orientation(pyramid[-1].mean(dim=(2, 3)))

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width), ``mask`` uint8 (batch, height, width), ``orientation`` uint8."""
        logits, turned = self(batch["image"])
        names, orientation = self._losses(logits, turned, batch)
        return {
            "loss": names + self._orientation_weight * orientation,
            "name_loss": names.detach(),
            "orientation_loss": orientation.detach(),
        }

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss, confusion of the classes in shares of the pixels, and right orientations."""
        logits, turned = self(batch["image"])
        names, orientation = self._losses(logits, turned, batch)
        there = F.one_hot(batch["mask"].long().flatten(), len(CLASSES)).float()
        claimed = F.one_hot(logits.argmax(dim=1).flatten(), len(CLASSES)).float()
        right = (turned.argmax(dim=1) == batch["orientation"].long()).float()
        return {
            "loss": (names + self._orientation_weight * orientation) * len(right),
            "count": torch.ones_like(right).sum(),
            "right": right.sum(),
            "confusion": there.T @ claimed / len(there),
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, share of right orientations, and IoU of every name."""
        figures = segmentation_figures(totals["confusion"].double().cpu().numpy(), CLASSES)
        return {
            "loss": float(totals["loss"]) / float(totals["count"]),
            "orientation": float(totals["right"]) / float(totals["count"]),
            "mean_iou": figures.mean_iou,
            **{f"iou_{name}": each.iou for name, each in figures.classes.items()},
        }

    def _losses(self, names: Tensor, orientation: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        weights = torch.tensor([1.0] + [NAME_WEIGHT] * (len(CLASSES) - 1), device=names.device)
        return (
            F.cross_entropy(names.float(), batch["mask"].long(), weight=weights),
            F.cross_entropy(orientation.float(), batch["orientation"].long()),
        )
