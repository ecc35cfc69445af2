"""Options of the models."""

from __future__ import annotations

import attrs

from ecg_core.config import option


@attrs.frozen(kw_only=True)
class ResNet1dConfig:
    """Options of `classify.resnet1d`."""

    width: int = option(64, help="channels of the first stage; the others have 2, 3 and 4 times as many", minimum=8)
    blocks: tuple[int, ...] = option((1, 1, 1, 1), help="residual blocks of each stage; as many numbers as stages")
    kernel_size: int = option(7, help="samples that a convolution spans; odd", unit="samples", minimum=3)
    stem_stride: int = option(4, help="samples that become one before the first stage", unit="samples", minimum=1)
    dropout: float = option(0.2, help="share of the features that are left out in training", minimum=0, maximum=0.9)
    label_smoothing: float = option(0.05, help="share of every target spread over all classes", minimum=0, maximum=0.5)
