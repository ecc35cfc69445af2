"""The model `digitize.waveform`: for every column of a strip, a distribution over the rows and over "nothing there"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ecg_core.networks.blocks import ConvBlock, ResidualBlock
from ecg_core.networks.upsample import double
from ecg_digitize.digitizers.neural.waveform.columns import WINDOW_PX
from ecg_digitize.learning.waveform_config import WaveformNetConfig

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

LEVEL_MEAN, LEVEL_SCALE = 0.75, 0.25
FOLD_ACROSS = 4
NEAR_AN_END, END_WEIGHT = 9, 4.0
"""So many columns about where a trace begins or ends weigh so much more: they say where 0 s is, to a millisecond."""

ABSENT, UNKNOWN = -1.0, -2.0
"""Rows of the truth where nothing is printed, and where it is not known whether something is."""


class WaveformNet(nn.Module):
    """Reads strips.

    A strip is folded first, some rows and four columns to one pixel with so many times the channels, so that nothing is
    lost and the work is less; the last layer unfolds it again. One more channel says how high in the strip a
    pixel lies: the traces of the neighbouring rows are there too, and only their height tells them from its own.

    Args:
        config: of the network.
    """

    def __init__(self, config: WaveformNetConfig) -> None:
        super().__init__()
        widths = config.channels
        self.fold = config.folded_rows, FOLD_ACROSS
        before = (3 * math.prod(self.fold) + 1, *widths)
        self.down = nn.ModuleList(
            nn.Sequential(ConvBlock(before[level], width, stride=1 if level == 0 else 2), ResidualBlock(width))
            for level, width in enumerate(widths)
        )
        ups = tuple(widths[-2::-1])
        coarse = (widths[-1], *ups)
        self.up = nn.ModuleList(
            nn.Sequential(ConvBlock(low + skip, skip), ConvBlock(skip, skip))
            for low, skip in zip(coarse, ups, strict=False)
        )
        self.rows = nn.Conv2d(widths[0], math.prod(self.fold), 3, padding=1)
        self.absent = nn.Conv1d(widths[0], FOLD_ACROSS, 5, padding=2)
        self.multiple = tuple(folded * 2 ** (len(widths) - 1) for folded in self.fold)

    def forward(self, strips: Tensor) -> Tensor:
        """RGB strips (batch, 3, rows, columns), levels 0 to 255, to logits (batch, rows + 1, columns), absence last."""
        maps = _with_height((_folded(strips, self.fold).float() / 255 - LEVEL_MEAN) / LEVEL_SCALE)
        pyramid = []
        for stage in self.down:
            maps = stage(maps)
            pyramid.append(maps)
        for step, skip in zip(self.up, reversed(pyramid[:-1]), strict=True):
            maps = step(torch.cat((double(maps), skip), dim=1))
        rows = _unfolded(self.rows(maps), self.fold)
        absent = self.absent(maps.mean(dim=2)).transpose(1, 2).flatten(1)
        return torch.cat((rows, absent[:, None]), dim=1)

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``strip`` uint8 (batch, 3, rows, columns); ``row_px`` and ``sigma_px`` float (batch, columns)."""
        logits = self(batch["strip"]).float()
        return {"loss": column_cross_entropy(logits, batch["row_px"], batch["sigma_px"])}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Sums over the columns."""
        logits = self(batch["strip"]).float()
        there = (batch["row_px"] >= 0).float()
        known = (batch["row_px"] != UNKNOWN).float()
        rows, presence = decode_columns(logits)
        error = (rows - batch["row_px"]) * there
        middle = (batch["row_px"] * there).sum(dim=1, keepdim=True) / there.sum(dim=1, keepdim=True).clamp(min=1)
        signal = (batch["row_px"] - middle) * there
        columns = known.sum()
        return {
            "loss": column_cross_entropy(logits, batch["row_px"], batch["sigma_px"]) * columns,
            "columns": columns,
            "there": there.sum(),
            "error": error.abs().sum(),
            "noise_power": error.square().sum(),
            "signal_power": signal.square().sum(),
            "presence_right": (((presence > 0.5).float() == there).float() * known).sum(),
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Loss a column, mean error in pixels, signal-to-noise ratio in decibels over all strips, and presence."""
        plain = {name: float(value) for name, value in totals.items()}
        there = max(plain["there"], 1.0)
        return {
            "loss": plain["loss"] / max(plain["columns"], 1.0),
            "error_px": plain["error"] / there,
            "snr_db": 10 * math.log10(plain["signal_power"] / max(plain["noise_power"], 1e-9)),
            "presence": plain["presence_right"] / max(plain["columns"], 1.0),
        }


def column_cross_entropy(logits: Tensor, row_px: Tensor, sigma_px: Tensor) -> Tensor:
    """Mean over the columns of the cross-entropy against a normal distribution about the true row.

    A column weighs as much as its distribution is wide, and more near the ends of a trace: the signal's power and the
    reader's errors are in the few steep columns, time zero is at an end, and without the weight the many level columns
    in between decide what is learned.

    Args:
        logits: (batch, rows + 1, columns).
        row_px: true row, `ABSENT` where nothing is printed, (batch, columns); columns that are `UNKNOWN` do not count.
        sigma_px: width of the distribution, (batch, columns).
    """
    rows = torch.arange(logits.shape[1] - 1, device=logits.device, dtype=torch.float32)[None, :, None]
    shape = torch.exp(-0.5 * ((rows - row_px[:, None]) / sigma_px[:, None]).square())
    expected = (shape * logits[:, :-1]).sum(dim=1) / shape.sum(dim=1).clamp(min=1e-6)
    losses = logits.logsumexp(dim=1) - torch.where(row_px >= 0, expected, logits[:, -1])
    weights = sigma_px * (1 + END_WEIGHT * _near_ends(row_px >= 0)) * (row_px != UNKNOWN)
    return (losses * weights).sum() / weights.sum().clamp(min=1)


def _near_ends(there: Tensor) -> Tensor:
    """1 for the columns about each change of ``there``, (batch, columns)."""
    changes = torch.diff(there.float(), dim=1, prepend=there[:, :1].float()).abs()
    return nn.functional.max_pool1d(changes[:, None], NEAR_AN_END, stride=1, padding=NEAR_AN_END // 2)[:, 0]


def decode_columns(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Row of the trace in each column, and the probability that there is one, (batch, columns) each.

    Each column by itself, at the mean about its peak: for watching a training. Pages are read along the likeliest path,
    see `ecg_digitize.digitizers.neural.waveform.columns.decode`.
    """
    shares = logits.softmax(dim=1)
    rows = shares[:, :-1]
    numbers = torch.arange(rows.shape[1], device=rows.device, dtype=torch.float32)[None, :, None]
    peak = rows.argmax(dim=1, keepdim=True).float()
    near = rows * ((numbers - peak).abs() <= WINDOW_PX).float()
    mean = (near * numbers).sum(dim=1) / near.sum(dim=1).clamp(min=1e-9)
    return mean, 1 - shares[:, -1]


def _folded(strips: Tensor, fold: tuple[int, int]) -> Tensor:
    """Rows and columns to channels: (batch, channels, rows, columns) to maps so many times lower and narrower."""
    batch, channels, height, width = strips.shape
    down, across = fold
    blocks = strips.reshape(batch, channels, height // down, down, width // across, across)
    return blocks.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)


def _with_height(maps: Tensor) -> Tensor:
    """Maps and a channel that falls from 1 at the top to -1 at the bottom."""
    rows = torch.ones_like(maps[:, :1]).cumsum(dim=2)
    return torch.cat((maps, 1 - 2 * rows / maps.shape[2]), dim=1)


def _unfolded(maps: Tensor, fold: tuple[int, int]) -> Tensor:
    """The reverse for a single channel: (batch, down * across, rows, columns) to (batch, rows, columns)."""
    batch, _, height, width = maps.shape
    down, across = fold
    blocks = maps.reshape(batch, down, across, height, width).permute(0, 3, 1, 4, 2)
    return blocks.reshape(batch, height * down, width * across)
