"""The reader, a network that spells the word at one place of a crop, and how it learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ecg_core.networks.blocks import ConvBlock
from ecg_digitize.digitizers.neural.words.alphabet import LONGEST, TOKENS
from ecg_digitize.learning.options import StageModelRequest, WordNetConfig, require_stage

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

CONTRAST = 0.03
"""Is added to the spread of a crop's levels, from 0 to 1, so that bare paper is not blown up."""

HALF = 0.5
"""A text with a greater probability is likelier than all others together."""

PLACE_PX = 64.0
"""Places are told to the network in so many pixels."""


WINDOWS_PX = tuple(float(place) for place in range(8, 160, 12))
SPREAD_PX = 5.0
"""Windows in which a crop is seen by what spells it: where the middle of each lies, and how wide it is."""

COLUMN_PX = 4
"""Pixels of a column of the letters' maps."""


class WordNet(nn.Module):
    """The model `digitize.reader`: the logits of the `TOKENS` for every place of the word that a crop shows.

    It is told the place of every pixel, since only the word at one place counts, and takes any contrast. Letters are
    told by convolutions, and the word by what stands in windows at fixed places.

    Args:
        config: options of the network.
        request: of the task.

    Raises:
        ConfigError: the task trains another stage.
    """

    windows_px: Tensor

    def __init__(self, config: WordNetConfig, request: StageModelRequest) -> None:
        require_stage(request, "reader", "digitize.reader")
        super().__init__()
        one, two, three, four = config.channels
        self.letters = nn.Sequential(
            ConvBlock(5, one),
            ConvBlock(one, two, stride=2),
            ConvBlock(two, two),
            ConvBlock(two, three, stride=2),
            ConvBlock(three, three),
            nn.MaxPool2d((2, 1)),
            ConvBlock(three, four),
            ConvBlock(four, four),
        )
        width = config.width
        self.joined = nn.Sequential(nn.Conv1d(2 * four, width, 3, padding=1), nn.ReLU())
        self.around = nn.ModuleList(
            nn.Sequential(nn.Conv1d(width, width, 3, padding=apart, dilation=apart), nn.ReLU()) for apart in (1, 2, 4)
        )
        self.register_buffer("windows_px", torch.tensor(WINDOWS_PX), persistent=False)
        self.spelling = nn.Sequential(
            nn.Linear(len(WINDOWS_PX) * width, config.hidden),
            nn.ReLU(),
            nn.Linear(config.hidden, LONGEST * len(TOKENS)),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Images uint8 (batch, 3, height, width) to logits (batch, tokens, `LONGEST`)."""
        levels = images.float() / 255
        mean = levels.mean(dim=(1, 2, 3), keepdim=True)
        spread = ((levels - mean) ** 2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
        ones = torch.ones_like(levels[:, :1])
        places = [ones.cumsum(dim=axis) / PLACE_PX for axis in (2, 3)]
        maps = self.letters(torch.cat(((levels - mean) / (spread + CONTRAST), *places), dim=1))
        columns = self.joined(torch.cat((maps.mean(dim=2), maps.amax(dim=2)), dim=1))
        for step in self.around:
            columns = columns + step(columns)
        seen = (self._windows(columns) @ columns.transpose(1, 2)).flatten(1)
        logits: Tensor = self.spelling(seen).unflatten(1, (len(TOKENS), LONGEST))
        return logits

    def _windows(self, columns: Tensor) -> Tensor:
        """How much each column counts in each window: (batch, windows, columns)."""
        place_px = COLUMN_PX * torch.ones_like(columns[:, :1]).cumsum(dim=2)
        away = (place_px - self.windows_px[:, None].to(place_px.dtype)) / SPREAD_PX
        return (-away * away / 2).softmax(dim=2)

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width), ``text`` uint8 (batch, `LONGEST`): tokens, zeros behind them."""
        return {"loss": -log_likelihood(self(batch["image"]), batch["text"]).mean()}

    def evaluation_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """Loss, probability of the truth, and how often that is more than that of all else."""
        likely = log_likelihood(self(batch["image"]), batch["text"])
        return {
            "loss": -likely.sum(),
            "probability": likely.exp().sum(),
            "read": (likely.exp() > HALF).float().sum(),
            "count": torch.ones_like(likely).sum(),
        }

    def figures(self, totals: Mapping[str, Tensor]) -> Mapping[str, float]:
        """Means of them all."""
        return {name: float(totals[name]) / float(totals["count"]) for name in ("loss", "probability", "read")}


def log_likelihood(logits: Tensor, texts: Tensor) -> Tensor:
    """Logarithm of the probability of texts, shape (batch,), as `ecg_digitize.digitizers.neural.words.spelling` has it.

    Args:
        logits: shape (batch, tokens, places).
        texts: tokens and zeros behind them, shape (batch, places).
    """
    said = logits.float().log_softmax(dim=1)
    own = said.gather(1, texts.long()[:, None])[:, 0]
    places = torch.arange(texts.shape[1], device=texts.device)
    counted = places <= (texts > 0).sum(dim=1, keepdim=True)
    return (own * counted).sum(dim=1)
