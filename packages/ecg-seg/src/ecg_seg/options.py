"""What a training of a segmenter can be told: options of our model and data sets, and requests to anybody's.

A model for `seg.train` is a class ``(options, SegModelRequest)``, a data set a class or function
``(options, SegDataRequest)``; `ecg_seg.testing` has the contract tests of both. Light to import.
"""

from __future__ import annotations

from typing import Any

import attrs

from ecg_core.config import Choice, option, plugin_option
from ecg_render import CropRecipe, PageRecipe
from ecg_seg.classes import CLASS_SETS, ClassSet, class_set


@attrs.frozen(kw_only=True)
class SegModelRequest:
    """What `seg.train` and everything that uses its weights tell a model.

    The model's ``forward`` takes RGB pictures, uint8 or float (batch, 3, height, width) with levels from 0 to 255 and
    sides that are multiples of 64, and gives logits (batch, outputs, height, width), as many outputs as
    `ClassSet.num_outputs`. Batches for its steps are ``image`` uint8 (batch, 3, height, width) and ``mask`` uint8
    (batch, height, width), whose values count through the classes. Figures should have ``mean_iou``, by which the best
    checkpoint is chosen unless ``monitor`` names another.

    Attributes:
        classes: to be told apart.
        restored: trained weights are put into the model at once, so it need not fetch any to begin with.
    """

    classes: ClassSet
    restored: bool = False


@attrs.frozen(kw_only=True)
class SegDataRequest:
    """What `seg.train` asks of a data set.

    Batches are ``image`` uint8 (batch, 3, height, width) and ``mask`` uint8 (batch, height, width), sides multiples of
    32, all of one size.

    Attributes:
        classes: that the masks tell apart; their values count through them.
        batch_size: crops in a batch.
        workers: processes that may make batches ahead; 0: none.
        seed: of everything that is drawn.
    """

    classes: ClassSet
    batch_size: int
    workers: int
    seed: int


@attrs.frozen(kw_only=True, slots=False)  # a class with slots could not be inherited beside TrainingConfig
class SegNetworkConfig:
    """The options of `seg.train` without which its network cannot be built again."""

    model: Choice = plugin_option("models", "seg.unet", help="the network, by the name of its plugin")
    classes: str = option("classes", help="what to tell apart", choices=tuple(CLASS_SETS))

    def make(self, *, restored: bool = False) -> Any:
        """The network, a ``torch.nn.Module``; see `SegModelRequest`.

        Raises:
            ConfigError: an option makes no network.
            PluginError: the model is not installed, or broken.
        """
        return self.model.make(SegModelRequest(classes=class_set(self.classes), restored=restored))


@attrs.frozen(kw_only=True)
class SegUNetConfig:
    """Options of the model `seg.unet`."""

    backbone: str = option("light", help="encoder: a plugin (`ecg list backbones`) or any timm model")
    pretrained: bool = option(False, help="begin with timm's weights of the encoder")
    decoder_channels: tuple[int, ...] = option(
        (), minimum=1, help="channels on the way up, coarse to fine; none given: as the encoder, 256 at most"
    )
    loss: str = option(
        "cross_entropy",
        help="what to minimise",
        choices=("cross_entropy", "dice", "cross_entropy_dice", "bce_dice", "focal"),
    )
    class_weights: tuple[float, ...] = option(
        (), minimum=0, help="weights of the classes; none given: those of the set of classes"
    )


@attrs.frozen(kw_only=True)
class EndlessConfig:
    """Options of the data set `seg.endless`."""

    records: tuple[str, ...] = option((), help="records to draw pages of: files, or folders with all below them")
    validation_share: float = option(0.1, help="share of the records kept for validation", minimum=0, maximum=0.5)
    pages: PageRecipe = option(factory=PageRecipe, help="what the pages vary over")
    crops: CropRecipe = option(factory=CropRecipe, help="how crops are cut")
    steps_per_epoch: int = option(200, help="batches that are called an epoch", minimum=1)
    validation_batches: int = option(20, help="batches of an evaluation", minimum=1)


@attrs.frozen(kw_only=True)
class CropFoldersConfig:
    """Options of the data set `seg.crops`."""

    folders: tuple[str, ...] = option((), help="folders with images/ and masks/, as render.crops makes them")
    validation_share: float = option(0.1, help="share of the pages kept for validation", minimum=0, maximum=0.5)
    flip: bool = option(True, help="mirror crops at random, left to right and upside down")
