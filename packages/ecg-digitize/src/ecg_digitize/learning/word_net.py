"""The reader, a network that spells the word at one place of a crop, and how it learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecg_core.networks.blocks import ConvBlock
from ecg_digitize.digitizers.neural.words.alphabet import TOKENS
from ecg_digitize.digitizers.neural.words.ctc import NEVER
from ecg_digitize.learning.options import StageModelRequest, WordNetConfig, require_stage

if TYPE_CHECKING:
    from ecg_core.protocols import Batch

CONTRAST = 0.03
"""Is added to the spread of a crop's levels, from 0 to 1, so that bare paper is not blown up."""

HALF = 0.5
"""A text with a greater probability is likelier than all others together."""

PLACE_PX = 64.0
"""Places are told to the network in so many pixels."""


class WordNet(nn.Module):
    """The model `digitize.reader`: for every fourth column the logits of the `TOKENS`.

    It is told the place of every pixel, since only the word at one place counts, and takes any contrast.

    Args:
        config: options of the network.
        request: of the task.

    Raises:
        ConfigError: the task trains another stage.
    """

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
        self.head = nn.Conv1d(width, len(TOKENS), 1)

    def forward(self, images: Tensor) -> Tensor:
        """Images uint8 (batch, 3, height, width) to logits (batch, tokens, width / 4)."""
        levels = images.float() / 255
        mean = levels.mean(dim=(1, 2, 3), keepdim=True)
        spread = ((levels - mean) ** 2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
        ones = torch.ones_like(levels[:, :1])
        places = [ones.cumsum(dim=axis) / PLACE_PX for axis in (2, 3)]
        maps = self.letters(torch.cat(((levels - mean) / (spread + CONTRAST), *places), dim=1))
        columns = self.joined(torch.cat((maps.mean(dim=2), maps.amax(dim=2)), dim=1))
        for step in self.around:
            columns = columns + step(columns)
        logits: Tensor = self.head(columns)
        return logits

    def training_step(self, batch: Batch) -> Mapping[str, Tensor]:
        """``image`` uint8 (batch, 3, height, width), ``text`` uint8 (batch, `LONGEST`): tokens, and zeros behind them."""
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
    """Logarithm of the probability of texts, shape (batch,), as `ecg_digitize.digitizers.neural.words.ctc` has it.

    Args:
        logits: shape (batch, tokens, columns).
        texts: tokens and zeros behind them, shape (batch, longest).
    """
    said = logits.float().log_softmax(dim=1)
    texts = texts.long()
    blank = torch.zeros_like(texts)
    states = F.pad(torch.stack((blank, texts), dim=2).flatten(1), (0, 1))
    may_skip = F.pad((states[:, 2:] != states[:, :-2]) & (states[:, 2:] > 0), (2, 0))
    # One row of log-probabilities for each state: (batch, states, columns)
    own = said.gather(1, states[:, :, None].expand(-1, -1, said.shape[2]))
    first = torch.arange(states.shape[1], device=states.device) < 2
    reached = torch.where(first, own[:, :, 0], NEVER)
    for column in range(1, said.shape[2]):
        one = F.pad(reached, (1, 0), value=NEVER)[:, :-1]
        two = torch.where(may_skip, F.pad(reached, (2, 0), value=NEVER)[:, :-2], NEVER)
        reached = torch.stack((reached, one, two)).logsumexp(dim=0) + own[:, :, column]
    last = 2 * (texts > 0).sum(dim=1, keepdim=True)
    ends_blank = reached.gather(1, last)
    ends_written = torch.where(last > 0, reached.gather(1, (last - 1).clamp(min=0)), NEVER)
    return torch.logaddexp(ends_blank, ends_written)[:, 0]
