"""A U-Net over pictures of pages: what the marker network and the grid network have in common."""

from __future__ import annotations

from torch import Tensor, nn

from ecg_core.networks.backbones import make_backbone
from ecg_core.networks.unet import UNet
from ecg_digitize.learning.page_unet_config import PageUNetConfig

LEVEL_MEAN, LEVEL_SCALE = 0.75, 0.25


class PageUNet(nn.Module):
    """A U-Net with some outputs a pixel.

    Args:
        config: of the network.
        num_outputs: a pixel.

    Raises:
        ConfigError: there is no such backbone.
    """

    def __init__(self, config: PageUNetConfig, num_outputs: int) -> None:
        super().__init__()
        backbone = make_backbone(config.backbone, in_channels=3, pretrained=config.pretrained)
        self.network = UNet(backbone, num_outputs, config.decoder_channels or None)
        self.multiple = self.network.multiple

    def forward(self, images: Tensor) -> Tensor:
        """RGB (batch, 3, height, width), levels 0 to 255, to logits (batch, outputs, height, width)."""
        return self.network((images.float() / 255 - LEVEL_MEAN) / LEVEL_SCALE)
