"""The grid network: where lines of the large boxes cross, the lines themselves, and the ink of traces and pulses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.learning.page_unet import PageUNet
from ecg_digitize.learning.page_unet_config import PageUNetConfig

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

CROSSING_WEIGHT = 30.0
"""A pixel at the middle of a crossing counts so many times as much as one far from any."""

LINE_WEIGHT = 4.0


class GridNet(PageUNet):
    """Four outputs a pixel: `OUTPUTS`.

    Args:
        config: of the network.

    Raises:
        ConfigError: there is no such backbone.
    """

    def __init__(self, config: PageUNetConfig) -> None:
        super().__init__(config, len(OUTPUTS))

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width), ``target`` uint8 (batch, 4, height, width) from 0 to 255."""
        crossing, lines = self._losses(batch)
        return {"loss": crossing + lines, "crossing_loss": crossing.detach(), "line_loss": lines.detach()}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Sums over the pixels."""
        crossing, lines = self._losses(batch)
        there = batch["target"].float() / 255 > 0.5
        claimed = self(batch["image"]) > 0
        count = torch.ones_like(there[:, 0, 0, 0]).float().sum()
        both, either = (there & claimed).float(), (there | claimed).float()
        return {
            "loss": (crossing + lines) * count,
            "count": count,
            "both": both.sum(dim=(0, 2, 3)),
            "either": either.sum(dim=(0, 2, 3)),
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, and intersection over union of every output."""
        ious = (totals["both"].double() / totals["either"].double().clamp(min=1)).tolist()
        return {
            "loss": float(totals["loss"]) / float(totals["count"]),
            **{f"iou_{name}": iou for name, iou in zip(OUTPUTS, ious, strict=True)},
        }

    def _losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        logits, target = self(batch["image"]).float(), batch["target"].float() / 255
        heavier = [CROSSING_WEIGHT - 1] + [LINE_WEIGHT - 1] * (len(OUTPUTS) - 1)
        weights = 1 + target * torch.tensor(heavier, device=logits.device).view(1, -1, 1, 1)
        each = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weights).mean(dim=(0, 2, 3))
        return each[0], each[1:].sum()
