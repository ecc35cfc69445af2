"""Options of the classifier that an evaluation trains over and over."""

from __future__ import annotations

import attrs

from ecg_core.config import option


@attrs.frozen(kw_only=True)
class ResNet18Config:
    """Options of `diffusion.resnet18`."""

    num_classes: int = option(2, help="classes to tell apart", minimum=2)


@attrs.frozen(kw_only=True)
class ClassifierConfig:
    """The classifier, and a training of it; the same for every training set that is compared."""

    model: str = option("diffusion.resnet18", help="model plugin")
    side_px: int = option(64, help="side to which pictures are reduced", unit="px", minimum=32, maximum=256)
    steps: int = option(300, help="optimizer steps, as many however large the training set is", minimum=1)
    batch_size: int = option(16, help="pictures in a batch", minimum=2)
    lr: float = option(1e-3, help="learning rate of AdamW at its highest; it falls as a cosine", above=0)
    weight_decay: float = option(0.05, help="of AdamW", minimum=0)
    shift: float = option(
        0.1, help="most that a picture is moved in time in training, as a share of its width", minimum=0, maximum=0.5
    )
