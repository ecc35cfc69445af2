"""Options of `seg.unet`; light to import."""

from __future__ import annotations

import attrs

from ecg_core.config import option


@attrs.frozen(kw_only=True)
class SegUNetConfig:
    """Options of `seg.unet`."""

    classes: str = option("classes", help="what to tell apart", choices=("classes", "grid-wave", "grid", "wave"))
    backbone: str = option("light", help="encoder: a plugin (`ecg list backbones`) or any timm model")
    pretrained: bool = option(False, help="begin with timm's weights of the encoder")
    decoder_channels: tuple[int, ...] = option(
        (), help="channels on the way up, coarse to fine; none given: as the encoder, 256 at most"
    )
    loss: str = option(
        "cross_entropy",
        help="what to minimise",
        choices=("cross_entropy", "dice", "cross_entropy_dice", "bce_dice", "focal"),
    )
    class_weights: tuple[float, ...] = option(
        (), help="weights of the classes; none given: those of the set of classes"
    )
