"""The classifier of an evaluation: its options, and the interface that another one must offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

from ecg_core.config import Choice, option, plugin_option

if TYPE_CHECKING:
    from torch import Tensor


@attrs.frozen(kw_only=True)
class ClassifierRequest:
    """What `diffusion.evaluate` tells every classifier.

    Attributes:
        num_classes: classes to tell apart.
        side_px: side of the pictures.
    """

    num_classes: int
    side_px: int


class PictureClassifier(Protocol):
    """A classifier of pictures: a `ecg_core.protocols.Model` of the batches of `PictureBatches`, with two methods more.

    Its figures are ``accuracy`` and ``macro_f1``.
    """

    def features(self, pixels: Tensor) -> Tensor:
        """Return the features of uint8 pictures (batch, 3, side, side), in which samples are compared: (batch, any)."""

    def head(self, features: Tensor) -> Tensor:
        """Return the logits (batch, classes) of features."""


@attrs.frozen(kw_only=True)
class ClassifierConfig:
    """The classifier and its training, the same for every training set that is compared."""

    model: Choice = plugin_option("models", "diffusion.resnet18", help="the classifier, by the name of its plugin")
    side_px: int = option(64, help="side to which pictures are reduced", unit="px", minimum=32, maximum=256)
    steps: int = option(300, help="optimizer steps, as many however large the training set is", minimum=1)
    batch_size: int = option(16, help="pictures in a batch", minimum=2)
    lr: float = option(1e-3, help="learning rate of AdamW at its highest; it falls as a cosine", above=0)
    weight_decay: float = option(0.05, help="of AdamW", minimum=0)
    shift: float = option(
        0.1, help="most that a picture is moved in time in training, as a share of its width", minimum=0, maximum=0.5
    )
