"""The model `classify.resnet1d`: a residual network along time.

After the ResNet of He et al. 2016 (doi 10.1109/CVPR.2016.90) in one dimension, as `resnet1d_wang` of Strodthoff et al.
2021 (doi 10.1109/JBHI.2020.3022989), with GELU and wider stages. Beside every lead it is given where that lead was
seen, so that a flat stretch and a missing one are not the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecg_classify.options import ClassifyModelRequest, ResNet1dConfig
from ecg_core.errors import ConfigError

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

STEM_KERNEL = 15


class Block(nn.Module):
    """Two convolutions and a way round them.

    Args:
        in_channels: of the input.
        out_channels: of the output.
        kernel_size: of both convolutions.
        stride: of the first.
    """

    def __init__(self, in_channels: int, out_channels: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        padding = kernel_size // 2
        self.main = nn.Sequential(
            nn.Conv1d(in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=False),
            nn.BatchNorm1d(out_channels),
            nn.GELU(),
            nn.Conv1d(out_channels, out_channels, kernel_size, padding=padding, bias=False),
            nn.BatchNorm1d(out_channels),
        )
        self.round: nn.Module = nn.Identity()
        if stride > 1 or in_channels != out_channels:
            self.round = nn.Sequential(
                nn.Conv1d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm1d(out_channels)
            )

    def forward(self, features: Tensor) -> Tensor:
        """(batch, channels, time) to the same with other channels, and time divided by the stride."""
        return F.gelu(self.main(features) + self.round(features))


class ECGResNet1D(nn.Module):
    """A classifier of recordings.

    Args:
        config: of the model.
        request: of the task.

    Raises:
        ConfigError: an option makes no network.

    Attributes:
        temperature: that logits are divided by, shape (); 1 until `classify.export` fits it.
    """

    signal_contract: Mapping[str, object]
    temperature: Tensor

    def __init__(self, config: ResNet1dConfig, request: ClassifyModelRequest) -> None:
        super().__init__()
        if config.kernel_size % 2 == 0:
            raise ConfigError(f"kernel_size: must be odd, found {config.kernel_size}")
        if not config.blocks or min(config.blocks) < 1:
            raise ConfigError(f"blocks: every stage needs at least one, found {list(config.blocks)}")
        self._classes, self._smoothing = request.classes, config.label_smoothing
        self.signal_contract = {
            "sampling_rate_hz": request.sampling_rate_hz,
            "leads": list(request.leads),
            "normalisation": "each lead less its mean, divided by its standard deviation",
            "classes": list(request.classes),
        }
        self.stem = nn.Sequential(
            nn.Conv1d(
                2 * len(request.leads),
                config.width,
                STEM_KERNEL,
                stride=config.stem_stride,
                padding=STEM_KERNEL // 2,
                bias=False,
            ),
            nn.BatchNorm1d(config.width),
            nn.GELU(),
        )
        widths = [config.width * factor for factor in range(1, len(config.blocks) + 1)]
        self.stages = nn.Sequential(*_stages(config, widths))
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(config.dropout), nn.Linear(widths[-1], len(request.classes)))
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, signal: Tensor, seen: Tensor) -> Tensor:
        """Logits (batch, 5) of ``signal`` and ``seen``, each (batch, 12, samples), see `ecg_classify.signals`."""
        leads = torch.cat((signal.float(), seen.float()), dim=1)
        return self.head(self.pool(self.stages(self.stem(leads)))) / self.temperature

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``signal``, ``seen`` and ``target``, float32 (batch, 5), whose rows sum to 1."""
        return {"loss": self._loss(batch).mean()}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss, and confusion of the recordings that are of one class alone; ``counts`` is 0 for mere filling."""
        logits, counts = self(batch["signal"], batch["seen"]), batch["counts"]
        single = counts * (batch["target"].amax(dim=1) > 0.99)
        there = F.one_hot(batch["target"].argmax(dim=1), len(self._classes)).float() * single[:, None]
        claimed = F.one_hot(logits.argmax(dim=1), len(self._classes)).float()
        loss = F.cross_entropy(logits, batch["target"], reduction="none")
        return {"loss": (loss * counts).sum(), "count": counts.sum(), "confusion": there.T @ claimed}

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss, accuracy, macro F1 over the classes that are there, and F1 of each."""
        confusion = totals["confusion"].double().cpu()
        hits, both = confusion.diag(), confusion.sum(dim=0) + confusion.sum(dim=1)
        f1 = {name: float(2 * hits[n] / both[n]) for n, name in enumerate(self._classes) if confusion.sum(dim=1)[n]}
        return {
            "loss": float(totals["loss"]) / max(float(totals["count"]), 1.0),
            "accuracy": float(hits.sum() / confusion.sum().clamp(min=1)),
            "macro_f1": sum(f1.values()) / max(len(f1), 1),
            **{f"f1_{name}": value for name, value in f1.items()},
        }

    def _loss(self, batch: Batch) -> Tensor:
        return F.cross_entropy(
            self(batch["signal"], batch["seen"]),
            batch["target"],
            reduction="none",
            label_smoothing=self._smoothing,
        )


def _stages(config: ResNet1dConfig, widths: list[int]) -> list[Block]:
    """Every stage but the first begins by halving the time."""
    blocks: list[Block] = []
    channels = config.width
    for stage, (width, count) in enumerate(zip(widths, config.blocks, strict=True)):
        for number in range(count):
            stride = 2 if stage and not number else 1
            blocks.append(Block(channels, width, kernel_size=config.kernel_size, stride=stride))
            channels = width
    return blocks
