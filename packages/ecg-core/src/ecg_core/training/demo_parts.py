"""The model and the data of ``demo.fit``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

SAMPLES = 128
SAMPLING_RATE_HZ = 128.0
NARROW_S, WIDE_S = 0.02, 0.05
"""Standard deviations of the Gaussian that stands for a QRS complex, without and with a bundle branch block."""
SPLITS = {"train": 0, "validation": 1}
VALIDATION_BATCHES = 4


class MadeUpHeartbeats:
    """One beat a row, narrow (0) or wide (1), at a random place and height, in noise.

    Args:
        batches: in an epoch of training.
        batch_size: heartbeats in a batch.
        noise_mv: standard deviation of the noise.
        seed: of all beats.
    """

    def __init__(self, *, batches: int, batch_size: int, noise_mv: float, seed: int) -> None:
        self._batches, self._batch_size, self._noise_mv, self._seed = batches, batch_size, noise_mv, seed
        self.steps_per_epoch: int | None = batches

    def batches(self, split: str, *, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """``signal_mv`` float32 (batch, 1, samples) and ``is_wide`` int64 (batch,)."""
        is_train = split == "train"
        for step in range(start_step, self._batches if is_train else VALIDATION_BATCHES):
            yield self._batch(np.random.default_rng([self._seed, SPLITS[split], epoch if is_train else 0, step]))

    def _batch(self, rng: np.random.Generator) -> Batch:
        size = self._batch_size
        is_wide = rng.integers(0, 2, size)
        width_s = np.where(is_wide, WIDE_S, NARROW_S)[:, None]
        center_s, height_mv = rng.uniform(0.3, 0.7, (size, 1)), rng.uniform(0.8, 1.2, (size, 1))
        time_s = np.arange(SAMPLES) / SAMPLING_RATE_HZ
        beats_mv = height_mv * np.exp(-(((time_s - center_s) / width_s) ** 2) / 2)
        noise_mv = self._noise_mv * rng.standard_normal((size, SAMPLES))
        signal_mv = torch.from_numpy((beats_mv + noise_mv).astype(np.float32))
        return {"signal_mv": signal_mv[:, None], "is_wide": torch.from_numpy(is_wide)}


class HeartbeatClassifier(nn.Module):
    """Two convolutions, batch norm, and a mean over time.

    The convolutions have no bias: batch norm would take it out again, its gradient would be rounding noise, and Adam
    would make full steps of that, different on every kind of device.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 8, kernel_size=9, stride=2, padding=4, bias=False),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.Conv1d(8, 16, kernel_size=5, stride=2, padding=2, bias=False),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
        )
        self.classify = nn.Linear(16, 2)

    def forward(self, signal_mv: Tensor) -> Tensor:
        """(batch, 1, samples) in millivolts → (batch, 2) logits of narrow and wide."""
        return self.classify(self.features(signal_mv).flatten(1))

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        return {"loss": F.cross_entropy(self(batch["signal_mv"]), batch["is_wide"])}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        logits = self(batch["signal_mv"]).float()
        return {
            "loss": F.cross_entropy(logits, batch["is_wide"], reduction="sum"),
            "right": (logits.argmax(1) == batch["is_wide"]).sum(),
            "count": torch.ones_like(batch["is_wide"]).sum(),
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        count = float(totals["count"])
        return {"loss": float(totals["loss"]) / count, "accuracy": float(totals["right"]) / count}
