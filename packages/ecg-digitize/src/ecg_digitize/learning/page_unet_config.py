"""Options of the U-Nets that look at pages; light to import."""

from __future__ import annotations

import attrs

from ecg_core.config import option


@attrs.frozen(kw_only=True)
class PageUNetConfig:
    """Options of the marker network and of the grid network."""

    backbone: str = option("light", help="encoder: a plugin (`ecg list backbones`) or any timm model")
    pretrained: bool = option(False, help="begin with timm's weights of the encoder")
    decoder_channels: tuple[int, ...] = option(
        (), help="channels on the way up, coarse to fine; none given: as the encoder, 256 at most"
    )
