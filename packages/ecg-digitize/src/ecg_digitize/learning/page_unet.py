"""A U-Net over pictures of pages: what the marker network and the grid network have in common."""

from __future__ import annotations

from torch import Tensor, nn

from ecg_core.networks.backbones import make_backbone
from ecg_core.networks.unet import UNet
from ecg_core.networks.upsample import double
from ecg_digitize.learning.page_unet_config import PageUNetConfig

LEVEL_MEAN, LEVEL_SCALE = 0.75, 0.25


class PageUNet(nn.Module):
    """A U-Net with some outputs a pixel.

    Args:
        config: of the network.
        num_outputs: a pixel.
        out_reduction: sides of the squares of pixels that have the same outputs, a power of two; no more than those of
            the backbone's finest map.

    Raises:
        ConfigError: there is no such backbone.
    """

    def __init__(self, config: PageUNetConfig, num_outputs: int, *, out_reduction: int = 1) -> None:
        super().__init__()
        backbone = make_backbone(config.backbone, in_channels=3, pretrained=config.pretrained)
        self.network = UNet(backbone, num_outputs, config.decoder_channels or None, out_reduction=out_reduction)
        self.multiple, self.out_reduction = self.network.multiple, self.network.out_reduction

    def forward(self, images: Tensor) -> Tensor:
        """RGB (batch, 3, height, width), levels 0 to 255, to logits (batch, outputs, height, width)."""
        logits = self.reduced(images)
        for _ in range(self.out_reduction.bit_length() - 1):
            logits = double(logits)
        return logits

    def reduced(self, images: Tensor) -> Tensor:
        """The same, one value a square of ``out_reduction`` by ``out_reduction`` pixels: what training looks at."""
        return self.network((images.float() / 255 - LEVEL_MEAN) / LEVEL_SCALE)
