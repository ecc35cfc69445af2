"""A U-Net over any backbone, of operators that stay on every device."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ecg_core.networks.backbones import make_backbone
from ecg_core.networks.blocks import ConvBlock
from ecg_core.networks.folding import Unfold
from ecg_core.networks.upsample import double

LEVEL_MEAN, LEVEL_SCALE = 0.75, 0.25
"""Paper is light: about this mean and spread of its levels, from 0 to 1."""

WIDEST = 256
"""A decoder as wide as the coarse maps of a large encoder would have most of the weights, and gain little by them."""


class UNet(nn.Module):
    """Encoder, and a decoder that takes in its maps on the way up (Ronneberger et al. 2015, arXiv 1505.04597).

    The last step to the picture's own size unfolds: the finest map holds the values of all pixels of a square in its
    channels.

    Args:
        backbone: satisfies `ecg_core.protocols.Backbone`; reductions grow by a factor of two from map to map.
        out_channels: channels of the result.
        decoder_channels: channels on the way up, coarse to fine; by default those of the encoder's maps, at most
            `WIDEST`.

    Attributes:
        multiple: what the sides of a picture must be divisible by.
    """

    def __init__(self, backbone: Any, out_channels: int, decoder_channels: tuple[int, ...] | None = None) -> None:
        super().__init__()
        self.backbone = backbone
        skips = tuple(backbone.channels[-2::-1])
        widths = decoder_channels or tuple(min(skip, WIDEST) for skip in skips)
        if len(widths) != len(skips):
            raise ValueError(
                f"the backbone has {len(skips) + 1} maps, so {len(skips)} decoder widths, not {len(widths)}"
            )
        before = (backbone.channels[-1], *widths)
        self.steps = nn.ModuleList(
            nn.Sequential(ConvBlock(coarse + skip, width), ConvBlock(width, width))
            for coarse, skip, width in zip(before, skips, widths, strict=False)
        )
        finest = backbone.reductions[0]
        self.head = nn.Sequential(
            nn.Conv2d(before[-1], out_channels * finest**2, 3, padding=1), Unfold((finest, finest))
        )
        self.multiple = int(backbone.reductions[-1])

    def forward(self, images: Tensor) -> Tensor:
        """Images (batch, channel, height, width) to (batch, out_channels, height, width)."""
        *finer, maps = self.backbone(images)
        for step, skip in zip(self.steps, reversed(finer), strict=True):
            maps = step(torch.cat((double(maps), skip), dim=1))
        return self.head(maps)


class PageUNet(nn.Module):
    """A U-Net over pictures of pages, the base of the models that say something of every pixel.

    Args:
        backbone: name of the encoder: a plugin, or any timm model.
        num_outputs: outputs for each pixel.
        decoder_channels: as of `UNet`; none given: its default.
        pretrained: begin with the encoder's weights of timm.

    Attributes:
        network: the U-Net.

    Raises:
        ConfigError: there is no such backbone.
    """

    def __init__(
        self, backbone: str, num_outputs: int, decoder_channels: tuple[int, ...] = (), *, pretrained: bool = False
    ) -> None:
        super().__init__()
        encoder = make_backbone(backbone, in_channels=3, pretrained=pretrained)
        self.network = UNet(encoder, num_outputs, decoder_channels or None)

    @property
    def multiple(self) -> int:
        """What the sides of a picture must be divisible by."""
        return self.network.multiple

    def forward(self, images: Tensor) -> Tensor:
        """RGB pictures (batch, 3, height, width), levels from 0 to 255, to logits (batch, outputs, height, width)."""
        return self.network((images.float() / 255 - LEVEL_MEAN) / LEVEL_SCALE)
